"""Which alerts wait for a person, and in which order.

The next alert is the one whose possible mistake costs most, where an hour of waiting counts as a fixed amount. All
alerts wait at the same pace, so the order of two never changes: the rank is the expected cost less the hour of
arrival, and an index keeps it.
"""

from collections.abc import Callable
from datetime import datetime

from triage.prediction import Decision, Prediction
from triage.review.rules import ReviewRules
from triage.store.records import QueuePlace, StoredAlert

Draw = Callable[[str], float]
_HOUR_S = 3_600


def place(
    prediction: Prediction, received_at: datetime, alert_id: str, rules: ReviewRules, draw: Draw
) -> QueuePlace | None:
    """Where an alert waits; None where nobody needs to look at it.

    Args:
        prediction: the answer to the alert.
        received_at: since when it waits.
        alert_id: what is drawn by.
        rules: costs, head starts and the share that is drawn.
        draw: a number from 0 to below 1 for an id, the same each time.
    """
    if prediction.decision is not Decision.ROUTE:
        head_start = rules.urgent_hours if prediction.decision is Decision.ROUTE_AND_REVIEW else 0.0
        return QueuePlace("review", _rank(received_at, head_start + expected_cost(prediction, rules)))
    if draw(alert_id) < rules.sample_share:
        # Were the doubtful ones first, those that are looked at in time would be no random sample.
        return QueuePlace("sample", _rank(received_at, rules.sample_hours))
    return None


def place_again(
    prediction: Prediction, alert: StoredAlert, at: datetime, rules: ReviewRules, draw: Draw
) -> QueuePlace | None:
    """Where an alert waits to which its reporter added something; None where nobody needs to look at it.

    One that a person has answered, or that was closed, is looked at again where the model doubts or contradicts them.

    Args:
        prediction: the answer to all of it.
        alert: as it was.
        at: when something was added.
        rules: costs, head starts and the share that is drawn.
        draw: as for `place`.
    """
    if alert.review_id is None and alert.state != "closed":
        return place(prediction, alert.received_at, alert.id, rules, draw)
    answered = (prediction.category.code, prediction.department.code, prediction.priority.code)
    agrees = answered == (alert.category, alert.department, alert.priority)
    if prediction.decision is Decision.ROUTE and agrees and alert.state != "closed":
        return None
    doubted = Decision.REVIEW if prediction.decision is Decision.ROUTE else prediction.decision
    return place(prediction.model_copy(update={"decision": doubted}), at, alert.id, rules, draw)


def returned_place(at: datetime, rules: ReviewRules) -> QueuePlace:
    """Where an alert waits that a department gave back."""
    return QueuePlace("review", _rank(at, rules.returned_hours))


def unanswered_place(received_at: datetime, rules: ReviewRules) -> QueuePlace:
    """Where an alert waits that no model could answer: someone may be in danger, and nobody has looked yet."""
    return QueuePlace("review", _rank(received_at, rules.urgent_hours))


def expected_cost(prediction: Prediction, rules: ReviewRules) -> float:
    """What a mistake is expected to cost, in hours of waiting.

    That is how likely each head is wrong, weighed, times what a mistake costs by the probable priorities.
    """
    priorities = (prediction.priority, *prediction.priority.alternatives)
    cost = sum(answer.confidence * rules.costs.get(answer.code, 0.0) for answer in priorities)
    return cost * sum(
        (
            rules.weights.category * (1 - prediction.category.confidence),
            rules.weights.department * (1 - prediction.department.confidence),
            rules.weights.priority * (1 - prediction.priority.confidence),
        )
    )


def _rank(since: datetime, hours: float) -> float:
    return hours - since.timestamp() / _HOUR_S
