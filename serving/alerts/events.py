"""What others are told about an alert: small bodies without any text of a resident."""

from collections.abc import Callable, Sequence

from triage.prediction import Decision
from triage.store.records import Json, Linking, NewEvent, StoredAlert
from triage.store.review_records import NewReturn, ReviewDecision

RECEIVED = "alert.received"
TRIAGED = "alert.triaged"
SENT_TO_REVIEW = "alert.sent_to_review"
MERGED = "alert.merged"
CLOSED = "alert.closed"
REOPENED = "alert.reopened"
REVIEWED = "alert.reviewed"
REVIEW_UNDONE = "alert.review_undone"
RETURNED = "alert.returned"


def events_of(alert: StoredAlert, linking: Linking) -> Sequence[NewEvent]:
    """The events of an alert that is being stored, in their order."""
    answer = _answer(alert)
    place = {"lat": alert.lat, "lon": alert.lon}
    events = [
        NewEvent(RECEIVED, {"created_at": alert.created_at.isoformat(), **place}),
        NewEvent(TRIAGED, {**answer, "decision": alert.decision, "reasons": list(alert.reasons)}),
    ]
    if alert.decision != Decision.ROUTE:
        events.append(NewEvent(SENT_TO_REVIEW, {"priority": alert.priority, "reasons": list(alert.reasons)}))
    if alert.cluster_id is not None:
        events.append(NewEvent(MERGED, {"cluster": alert.cluster_id, "with": linking.join}))
    return events


def reviewed_events(decision: ReviewDecision) -> Callable[[StoredAlert], Sequence[NewEvent]]:
    """What makes the events of a decision from the alert as it is then; who decided is nobody else's business."""

    def tell(alert: StoredAlert) -> Sequence[NewEvent]:
        events = [NewEvent(REVIEWED, {**_answer(alert), "action": decision.action})]
        if decision.duplicate_of is not None and alert.cluster_id is not None:
            events.append(NewEvent(MERGED, {"cluster": alert.cluster_id, "with": decision.duplicate_of}))
        return events

    return tell


def undone_events(alert: StoredAlert) -> Sequence[NewEvent]:
    """The event of a decision that was taken back: what counts again."""
    return [NewEvent(REVIEW_UNDONE, {**_answer(alert), "cluster": alert.cluster_id, "waits": alert.queue is not None})]


def returned_events(new: NewReturn) -> Sequence[NewEvent]:
    """The event of an alert that a department gave back; its reason is for staff alone."""
    return [NewEvent(RETURNED, {"department": new.department, "proposed": new.proposed})]


def _answer(alert: StoredAlert) -> Json:
    return {"category": alert.category, "department": alert.department, "priority": alert.priority}
