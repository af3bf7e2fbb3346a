"""Where a reader goes after signing in: pages of the desk alone, whatever an address asks for."""

from urllib.parse import quote, urlsplit

from serving.access import needed_role
from serving.problems import Problem
from serving.staff.places import HOME, SIGN_IN, is_page

MAX_CHARACTERS = 1_000


def safe_next(wanted: str | None) -> str:
    """The page that was wanted, where it is one that a member of staff can open; the first page otherwise."""
    if wanted is None or len(wanted) > MAX_CHARACTERS or not wanted.isascii() or not wanted.isprintable():
        return HOME
    if any(sign in wanted for sign in ("\\", " ", "//", "/.")):
        return HOME
    try:
        parts = urlsplit(wanted)
        is_ours = not parts.scheme and not parts.netloc and not parts.fragment and is_page(parts.path)
        return wanted if is_ours and needed_role("GET", parts.path) is not None else HOME
    except (Problem, ValueError):
        return HOME


def sign_in_address(wanted: str) -> str:
    """The page to sign in, which goes on to the page that was wanted."""
    target = safe_next(wanted)
    return SIGN_IN if target == HOME else f"{SIGN_IN}?next={quote(target, safe='/')}"
