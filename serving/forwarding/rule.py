"""Which alerts go to which department, and when one does not go again.

A department gets an alert when the model routes it there or staff decide so, and once: it keeps the alert until it
gives it back. What counts is the alert as it is when it is about to be sent, not as it was when that was decided. While
it has an alert it hears what its reporter adds, and that they withdraw it.
"""

from collections.abc import Sequence
from enum import StrEnum

from serving.alerts.events import FORWARDED, RECEIVED, RETURNED, REVIEWED, TRIAGED, UPDATED, WITHDRAWN
from triage.prediction import Decision
from triage.store.records import OutboxEvent, StoredAlert

# What must be known of an alert to say whether it goes.
NEEDED = (RECEIVED, FORWARDED, RETURNED)
ROUTED = frozenset({Decision.ROUTE.value, Decision.ROUTE_AND_REVIEW.value})
# What whoever has an alert is told of it.
NEWS = frozenset({UPDATED, WITHDRAWN})
_OVER = frozenset({"closed", "withdrawn"})


class Skip(StrEnum):
    """Why an alert is not sent after all."""

    GONE = "gone"
    OVER = "closed_or_withdrawn"
    IMPORTED = "imported"
    OTHERS = "another_department"
    WAITS = "waits_for_staff"
    RETURNED = "given_back"
    NOT_THEIRS = "has_not_got_it"
    HAS_IT = "has_it_already"


def concerns(event: OutboxEvent, department: str) -> bool:
    """Whether an event may be what sends its alert, or news of it, to a department."""
    if event.kind in NEWS:
        return True
    body = event.body
    if body.get("department") != department:
        return False
    return event.kind == REVIEWED or (event.kind == TRIAGED and body.get("decision") in ROUTED)


def why_not(
    event: OutboxEvent, alert: StoredAlert | None, events: Sequence[OutboxEvent], department: str
) -> Skip | None:
    """Why an alert is not sent to a department; None where it is.

    Args:
        event: what would send it, one that `concerns` the department.
        alert: as it is now; None where it was erased.
        events: its events of the kinds in `NEEDED`, oldest first.
        department: its code.
    """
    if alert is None:
        return Skip.GONE
    if event.kind in NEWS:
        return _why_no_news(event, alert, holds(events, department))
    checks = (
        (Skip.OVER, alert.state in _OVER),
        # Past alerts are looked at for their labels; their departments have had them.
        (Skip.IMPORTED, not any(one.kind == RECEIVED for one in events)),
        (Skip.OTHERS, alert.department != department),
        # The decision that this event tells of was undone.
        (Skip.WAITS, alert.review_id is None and alert.decision not in ROUTED),
        # What came back, staff decide: nothing from before sends it, and no model.
        (Skip.RETURNED, any(_overtakes(one, event) for one in events if one.kind == RETURNED)),
        (Skip.HAS_IT, holds(events, department) is not None),
    )
    return next((skip for skip, applies in checks if applies), None)


def holds(events: Sequence[OutboxEvent], department: str) -> OutboxEvent | None:
    """The event by which a department got an alert that it has not given back since; None where it has not got it."""
    got: OutboxEvent | None = None
    for event in events:
        if event.kind == FORWARDED and event.body.get("department") == department:
            got = event
        elif _gave_back(event, department):
            got = None
    return got


def _why_no_news(event: OutboxEvent, alert: StoredAlert, got: OutboxEvent | None) -> Skip | None:
    if got is None:
        return Skip.NOT_THEIRS
    if got.seq > event.seq:  # it went out later, with what is new in it
        return Skip.HAS_IT
    return Skip.OVER if event.kind == UPDATED and alert.state in _OVER else None


def _overtakes(came_back: OutboxEvent, event: OutboxEvent) -> bool:
    return event.kind == TRIAGED or came_back.seq > event.seq


def _gave_back(event: OutboxEvent, department: str) -> bool:
    return event.kind == RETURNED and event.body.get("department") == department
