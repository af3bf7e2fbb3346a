"""The policy: from calibrated probabilities to route, review or both, and why."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from triage.prediction import Decision
from triage.taxonomy import Head, Taxonomy


class Thresholds(BaseModel):
    """Probabilities chosen on held-out data for a stated error rate; part of the bundle.

    `category` and `department`: the least confidence that routes without a reviewer; above 1, nothing is routed.
    `urgent`: the least probability of the urgent priority that makes an alert possibly urgent.
    `error_rate`: the share of wrong categories or departments accepted among what is routed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: float = Field(ge=0, le=1.01)
    department: float = Field(ge=0, le=1.01)
    urgent: float = Field(ge=0, le=1)
    error_rate: float = Field(gt=0, lt=1)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the policy sees of one alert: per head, the probability of every code."""

    probabilities: Mapping[Head, Mapping[str, float]]
    has_text: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The decision and the reasons for it, stable codes that a catalogue translates."""

    decision: Decision
    reasons: tuple[str, ...]


class Policy:
    """Decides what happens to an alert, from a taxonomy and a bundle's thresholds."""

    def __init__(self, taxonomy: Taxonomy, thresholds: Thresholds) -> None:
        self._taxonomy = taxonomy
        self._thresholds = thresholds

    def decide(self, evidence: Evidence) -> Outcome:
        """Route what is sure, review what is not, and do both where someone may be in danger."""
        doubts = self._doubts(evidence)
        urgent = self._taxonomy.urgent_priority
        priority = evidence.probabilities["priority"]
        if priority[urgent] >= min(self._thresholds.urgent, max(priority.values())):
            return Outcome(Decision.ROUTE_AND_REVIEW, ("possible_critique", *doubts, *evidence.notes))
        if doubts:
            return Outcome(Decision.REVIEW, (*doubts, *evidence.notes))
        return Outcome(Decision.ROUTE, evidence.notes)

    def _doubts(self, evidence: Evidence) -> tuple[str, ...]:
        least: dict[Head, float] = {
            "category": self._thresholds.category,
            "department": self._thresholds.department,
            "priority": 0.0,
        }
        doubts = [] if evidence.has_text else ["text_missing"]
        for head, threshold in least.items():
            if not _reaches(threshold, evidence.probabilities[head].values()):
                doubts.append(f"{head}_uncertain")
        return tuple(doubts)


def _reaches(threshold: float, probabilities: Collection[float]) -> bool:
    # No comparison with a NaN holds, so a model that answers one is in doubt and never routes.
    return all(probability >= 0 for probability in probabilities) and max(probabilities) >= threshold
