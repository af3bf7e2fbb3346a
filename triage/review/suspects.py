"""Labels that look wrong: a person, or the city's archive, says one code, and the model is very sure of another."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from triage.past_alerts import IMPORTED
from triage.prediction import Answer, Prediction
from triage.review.rules import SuspectRule
from triage.store.records import StoredAlert
from triage.store.store import Store

# What the current model says of the texts of some alerts.
Ask = Callable[[Sequence[StoredAlert]], Sequence[Prediction]]

_Found = tuple[float, str]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """How many labelled alerts were looked at, how many labels look wrong, and how many were put before staff."""

    labelled: int
    suspected: int
    queued: int


class SuspectSearch:
    """Looks through the store for labels that look wrong.

    Args:
        store: where the alerts are.
        ask: asks the model.
        rule: how sure it must be.
        page: how many alerts to read at once.
    """

    def __init__(self, store: Store, ask: Ask, rule: SuspectRule, page: int = 500) -> None:
        self._store = store
        self._ask = ask
        self._rule = rule
        self._page = page

    def run(self, most: int, advance: Callable[[int], None] = lambda _: None) -> Suspicion:
        """Put the surest suspects into their queue.

        Args:
            most: how many at most.
            advance: is told how many alerts were looked through since it was told last.

        Raises:
            StoreFailed: the store cannot be read or written.
        """
        found: list[_Found] = []
        labelled, cursor, more = 0, None, True
        while more:
            page = self._store.alerts(cursor=cursor, limit=self._page)
            chosen = [alert for alert in page.alerts if is_labelled(alert) and alert.queue is None and alert.text]
            labelled += len(chosen)
            found += self._suspects(chosen)
            advance(len(page.alerts))
            cursor, more = page.cursor, page.cursor is not None
        ranks = {alert_id: rank for rank, alert_id in heapq.nlargest(most, found)}
        return Suspicion(labelled, len(found), self._store.suspect(ranks))

    def _suspects(self, alerts: Sequence[StoredAlert]) -> list[_Found]:
        judged = [(suspicion(*pair, self._rule), pair[0].id) for pair in zip(alerts, self._ask(alerts), strict=True)]
        return [(rank, alert_id) for rank, alert_id in judged if rank is not None]


def is_labelled(alert: StoredAlert) -> bool:
    """Whether people gave the answer: at the desk, or before the alert was imported."""
    return alert.review_id is not None or (IMPORTED in alert.reasons and alert.category is not None)


def suspicion(alert: StoredAlert, prediction: Prediction, rule: SuspectRule) -> float | None:
    """How sure the model is that a label is wrong, from 0 to 1; None where it is not sure enough.

    Args:
        alert: an alert that is labelled.
        prediction: what the current model says of its text.
        rule: how sure it must be.
    """
    labels = (alert.category, prediction.category), (alert.department, prediction.department)
    found = [_disagreement(label, answer, rule) for label, answer in labels if label is not None]
    return max((value for value in found if value is not None), default=None)


def _disagreement(label: str, answer: Answer, rule: SuspectRule) -> float | None:
    if answer.code == label or answer.confidence < rule.least_other:
        return None
    # A code that the model never learned is none that it can be sure against.
    given = next((other.confidence for other in answer.alternatives if other.code == label), 1.0)
    return answer.confidence if given <= rule.most_given else None
