"""Content negotiation by the header Accept (RFC 9110, section 12.5.1)."""

import re
from collections.abc import Sequence

from starlette.requests import Request

from serving.problems import Problem
from triage.errors import FieldError

_RANGE = re.compile(r"([\w!#$%&'*+.^`|~-]+)/([\w!#$%&'*+.^`|~-]+)", re.ASCII)
_QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?", re.ASCII)
_ANY = "*"


def choose_media_type(request: Request, offered: Sequence[str]) -> str:
    """The media type that the client likes best; the first one offered where it likes several alike.

    Raises:
        Problem: 406 where it accepts none.
    """
    accepted = ",".join(request.headers.getlist("accept")).strip() or "*/*"
    ranges = [found for part in accepted.split(",") if (found := _read_range(part))]
    best = max(offered, key=lambda media_type: _quality(media_type, ranges))
    if _quality(best, ranges) > 0:
        return best
    message = f"accepts none of {', '.join(offered)}"
    fault = FieldError("Accept", "not_acceptable", message)
    raise Problem(406, "not_acceptable", f"The header Accept {message}.", (fault,), headers={"Vary": "Accept"})


def _read_range(part: str) -> tuple[str, str, float] | None:
    """Type, subtype and quality; what cannot be read counts as absent."""
    media_range, *parameters = (piece.strip() for piece in part.split(";"))
    match = _RANGE.fullmatch(media_range.lower())
    if not match:
        return None
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            quality = value.strip()
            return (match[1], match[2], float(quality)) if _QUALITY.fullmatch(quality) else None
    return match[1], match[2], 1.0


def _quality(media_type: str, ranges: Sequence[tuple[str, str, float]]) -> float:
    """That of the most specific range that fits."""
    main, _, sub = media_type.partition("/")
    for fitting in ((main, sub), (main, _ANY), (_ANY, _ANY)):
        values = [quality for *media_range, quality in ranges if tuple(media_range) == fitting]
        if values:
            return max(values)
    return 0.0
