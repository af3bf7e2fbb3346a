"""Where the pages of staff are."""

HOME = "/review"
SIGN_IN = f"{HOME}/sign-in"


def is_page(path: str) -> bool:
    """Whether a path is the review desk's, where sessions count and API keys do not."""
    return path == HOME or path.startswith(f"{HOME}/")
