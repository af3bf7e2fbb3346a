"""Addresses of the desk's pages."""

from urllib.parse import quote, urlsplit

DESK = "/review"


def desk_path(alert_id: str, action: str = "") -> str:
    """The page of an alert, or what is done to it; an id may hold anything, a slash and dots included."""
    encoded = alert_id.replace(".", "%2E") if alert_id in {".", ".."} else quote(alert_id, safe="")
    return f"{DESK}/alerts/{encoded}{f'/{action}' if action else ''}"


def own_page(address: str | None) -> str:
    """A page of the desk to go back to: the one that was asked for, or the first where it is another site's."""
    given = address or DESK
    parts = urlsplit(given)
    inside = parts.path == DESK or parts.path.startswith(f"{DESK}/")
    # Browsers read a backslash as a slash, and drop tabs and line breaks.
    safe = given.isascii() and given.isprintable() and not set(given) & set('\\" ')
    if parts.scheme or parts.netloc or not inside or not safe or "//" in parts.path:
        return DESK
    return given
