"""The order of the review desk: the policy that ships decides, and the queue's own rule orders what waits."""

from datetime import UTC, datetime

import numpy as np

from evaluation.benchmarks.learning.learner import Probabilities
from evaluation.benchmarks.learning.strategies import Offered
from evaluation.metrics import Floats, Integers
from triage.policy import Evidence, Policy, Thresholds
from triage.prediction import Alternative, Answer, ModelInfo, Prediction
from triage.review.order import place
from triage.review.rules import ReviewRules
from triage.taxonomy import HEADS, Head, Taxonomy

# All alerts of a round arrive at once: then waiting decides nothing.
_ARRIVAL = datetime(2026, 1, 1, tzinfo=UTC)
_MODEL = ModelInfo(name="simulation", version="1", taxonomy=1, bundle_sha256="0" * 64)


class DeskOrder:
    """Alerts that wait, by rank; then those that are sent on without staff, in any order.

    Args:
        taxonomy: the codes in the order of the probabilities.
        thresholds: those of the bundle that ships.
        rules: costs, head starts and the share that is drawn.
    """

    def __init__(self, taxonomy: Taxonomy, thresholds: Thresholds, rules: ReviewRules) -> None:
        self._codes = {head: taxonomy.codes(head) for head in HEADS}
        self._policy = Policy(taxonomy, thresholds)
        self._rules = rules

    def order(self, offered: Offered, generator: np.random.Generator) -> Integers:
        """The queue's order."""
        drawn = dict(zip(offered.ids, generator.random(len(offered.ids)), strict=True))
        ranks = np.full(len(offered.ids), -np.inf)
        for position, alert_id in enumerate(offered.ids):
            found = place(
                self._prediction(alert_id, offered.probabilities, position),
                _ARRIVAL,
                alert_id,
                self._rules,
                drawn.__getitem__,
            )
            if found is not None:
                ranks[position] = found.rank
        chance = generator.permutation(len(ranks))
        return chance[np.argsort(-ranks[chance], kind="stable")]

    def _prediction(self, alert_id: str, probabilities: Probabilities, position: int) -> Prediction:
        rows = {head: probabilities[head][position] for head in HEADS}
        evidence = Evidence({head: dict(zip(self._codes[head], rows[head].tolist(), strict=True)) for head in HEADS})
        outcome = self._policy.decide(evidence)
        answers = {head: self._answer(head, rows[head]) for head in HEADS}
        return Prediction.model_construct(
            id=alert_id,
            category=answers["category"],
            department=answers["department"],
            priority=answers["priority"],
            decision=outcome.decision,
            reasons=outcome.reasons,
            photos=(),
            duplicates=(),
            model=_MODEL,
        )

    def _answer(self, head: Head, row: Floats) -> Answer:
        ranked = [
            Alternative.model_construct(code=self._codes[head][index], confidence=float(row[index]))
            for index in np.argsort(-row, kind="stable")
        ]
        best = ranked[0]
        return Answer.model_construct(code=best.code, confidence=best.confidence, alternatives=tuple(ranked[1:]))
