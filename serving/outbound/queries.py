"""What a request asks of the stream of events."""

from dataclasses import dataclass

from starlette.requests import Request

from serving.alerts.events import KINDS
from serving.problems import Problem
from triage.alert import MAX_ID_CHARACTERS
from triage.errors import FieldError

LAST = "Last-Event-ID"
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class StreamQuery:
    """Which events are to be sent; `after` is the last that is known, None begins with the next one that happens."""

    after: int | None
    alert_id: str | None
    kinds: frozenset[str]


def read_stream_query(request: Request) -> StreamQuery:
    """Which events are to be sent.

    Raises:
        Problem: 422, naming every parameter at fault.
    """
    faults: list[tuple[str, str]] = []
    query = request.query_params
    for name in dict.fromkeys(query):
        if name not in {"alert", "kinds"}:
            faults.append((name[:MAX_ID_CHARACTERS], "is unknown; this route reads alert, kinds"))
        elif len(query.getlist(name)) > 1:
            faults.append((name, "must be given once"))
    alert_id, last = query.get("alert"), request.headers.get(LAST)
    if alert_id is not None and not (0 < len(alert_id) <= MAX_ID_CHARACTERS and alert_id.isprintable()):
        faults.append(("alert", f"must be 1 to {MAX_ID_CHARACTERS} printable characters"))
    kinds = frozenset(kind.strip() for kind in query.get("kinds", "").split(",") if kind.strip())
    if not kinds <= set(KINDS):
        faults.append(("kinds", f"must be some of {', '.join(KINDS)}, with commas between them"))
    if last is not None and not (last.isascii() and last.isdigit() and len(last) <= _MOST_DIGITS):
        faults.append((LAST, "must be the id of an event of this stream; 0 begins with the first"))
    if faults:
        errors = tuple(FieldError(name, "invalid_query", message) for name, message in faults)
        said = "; ".join(f"{name} {message}" for name, message in faults)
        raise Problem(422, "invalid_query", f"The stream cannot be opened: {said}.", errors)
    return StreamQuery(None if last is None else int(last), alert_id, kinds)
