"""What others are told about an alert: small bodies without any text of a resident."""

from collections.abc import Sequence

from triage.prediction import Decision
from triage.store.records import Linking, NewEvent, StoredAlert

RECEIVED = "alert.received"
TRIAGED = "alert.triaged"
SENT_TO_REVIEW = "alert.sent_to_review"
MERGED = "alert.merged"
CLOSED = "alert.closed"
REOPENED = "alert.reopened"


def events_of(alert: StoredAlert, linking: Linking) -> Sequence[NewEvent]:
    """The events of an alert that is being stored, in their order."""
    answer = {"category": alert.category, "department": alert.department, "priority": alert.priority}
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
