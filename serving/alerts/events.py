"""What others are told about an alert: small bodies without any text of a resident."""

from collections.abc import Callable, Sequence
from datetime import datetime

from triage.prediction import Decision
from triage.store.records import Json, Linking, NewEvent, StoredAlert
from triage.store.review_records import NewReturn, ReviewDecision

RECEIVED = "alert.received"
TRIAGED = "alert.triaged"
SENT_TO_REVIEW = "alert.sent_to_review"
MERGED = "alert.merged"
FORWARDED = "alert.forwarded"
FORWARDING_FAILED = "alert.forwarding_failed"
IN_PROGRESS = "alert.in_progress"
CLOSED = "alert.closed"
REOPENED = "alert.reopened"
REVIEWED = "alert.reviewed"
REVIEW_UNDONE = "alert.review_undone"
RETURNED = "alert.returned"
UPDATED = "alert.updated"
WITHDRAWN = "alert.withdrawn"

KINDS = (
    RECEIVED,
    TRIAGED,
    SENT_TO_REVIEW,
    REVIEWED,
    REVIEW_UNDONE,
    MERGED,
    FORWARDED,
    FORWARDING_FAILED,
    IN_PROGRESS,
    CLOSED,
    REOPENED,
    RETURNED,
    UPDATED,
    WITHDRAWN,
)


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
    """The event of an alert that a department gives back; its reason is for staff alone."""
    return [NewEvent(RETURNED, {"department": new.department, "proposed": new.proposed})]


def progress_events(alert: StoredAlert) -> Sequence[NewEvent]:
    """The event of what a department says, from the alert as it is then."""
    said = {"department": alert.status_department, "note": alert.status_note}
    if alert.state == "closed":
        closed_at = alert.closed_at.isoformat() if alert.closed_at else None
        return [NewEvent(CLOSED, {"closed_at": closed_at, **said})]
    said["expected_at"] = alert.expected_at.isoformat() if alert.expected_at else None
    return [NewEvent(IN_PROGRESS if alert.state == "in_progress" else REOPENED, said)]


def withdrawn_events(at: datetime) -> Sequence[NewEvent]:
    """The event of an alert that should not have been sent."""
    return [NewEvent(WITHDRAWN, {"withdrawn_at": at.isoformat()})]


def added_events(before: StoredAlert, after: StoredAlert, linking: Linking) -> Sequence[NewEvent]:
    """The events of an alert to which something was added: what it is, never what it says."""
    added = {"text": after.text != before.text, "photos": len(after.photos) - len(before.photos)}
    return [NewEvent(UPDATED, {"version": after.version, **added}), *answered_again(before, after, linking)]


def answered_again(before: StoredAlert, after: StoredAlert, linking: Linking) -> list[NewEvent]:
    """The events of a newer answer; one that a person's answer stands above is none."""
    events = []
    if after.review_id is None:
        answer = {**_answer(after), "decision": after.decision, "reasons": list(after.reasons)}
        events.append(NewEvent(TRIAGED, answer))
    if after.queue == "review" and before.queue != "review":
        events.append(NewEvent(SENT_TO_REVIEW, {"priority": after.priority, "reasons": list(after.reasons)}))
    if after.cluster_id is not None and after.cluster_id != before.cluster_id:
        events.append(NewEvent(MERGED, {"cluster": after.cluster_id, "with": linking.join}))
    return events


def _answer(alert: StoredAlert) -> Json:
    return {"category": alert.category, "department": alert.department, "priority": alert.priority}
