"""Where the routes of Open311 are."""

ROOT = "/open311/v2"


def is_open311(path: str) -> bool:
    """Whether a path is of Open311, where errors have the standard's form."""
    return path == ROOT or path.startswith(f"{ROOT}/")
