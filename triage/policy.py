"""The policy: from calibrated probabilities to route, review or both, and why."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from triage.prediction import Decision
from triage.taxonomy import Head, Taxonomy

# What a text must have at least to name several problems, or at most to be too short to name one.
SEVERAL_WORDS = 15
VAGUE_WORDS = 6
# The second category's probability from which it is taken for a second problem.
SECOND_PROBLEM = 0.25


# Doubts that no threshold of confidence settles.
TEXT_MISSING, LANGUAGE_UNKNOWN, PRIORITY_UNCERTAIN = "text_missing", "language_unknown", "priority_uncertain"
HOLDING = frozenset({TEXT_MISSING, LANGUAGE_UNKNOWN, PRIORITY_UNCERTAIN})


class Thresholds(BaseModel):
    """Probabilities chosen on held-out data for a stated error rate; part of the bundle.

    `category` and `department`: the least confidence that routes without a reviewer; above 1, nothing is routed.
    `urgent`: the least probability of the urgent priority that makes an alert possibly urgent.
    `error_rate`: the share of wrong categories or departments accepted among what is routed.
    `unknown_language`: the least probability of a language never learned that forbids to route.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: float = Field(ge=0, le=1.01)
    department: float = Field(ge=0, le=1.01)
    urgent: float = Field(ge=0, le=1)
    error_rate: float = Field(gt=0, lt=1)
    unknown_language: float = Field(0.5, gt=0, le=1)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the policy sees of one alert: per head, the probability of every code.

    `words` counts those of the text; `unknown_language` is the probability of a language never learned.
    `decided_by_photo`: the answer is what a photo shows, since the text names nothing. `inconclusive`: the text
    names nothing, and no photo can be relied on to say more.
    """

    probabilities: Mapping[Head, Mapping[str, float]]
    words: int = SEVERAL_WORDS
    unknown_language: float = 0.0
    decided_by_photo: bool = False
    inconclusive: bool = False
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
        reasons = (*doubts, *self._explanations(evidence, doubts), *evidence.notes)
        urgent = self._taxonomy.urgent_priority
        priority = evidence.probabilities["priority"]
        if priority[urgent] >= min(self._thresholds.urgent, max(priority.values())):
            return Outcome(Decision.ROUTE_AND_REVIEW, ("possible_critique", *reasons))
        return Outcome(Decision.REVIEW if doubts else Decision.ROUTE, reasons)

    def _doubts(self, evidence: Evidence) -> tuple[str, ...]:
        """What forbids to route."""
        least: dict[Head, float] = {
            "category": self._thresholds.category,
            "department": self._thresholds.department,
            "priority": 0.0,
        }
        doubts = [] if evidence.words or evidence.decided_by_photo else [TEXT_MISSING]
        # No comparison with a NaN holds, so that one is a doubt.
        if evidence.words and not evidence.unknown_language < self._thresholds.unknown_language:
            doubts.append(LANGUAGE_UNKNOWN)
        for head, threshold in least.items():
            unsettled = head == "category" and evidence.inconclusive
            if unsettled or not _reaches(threshold, evidence.probabilities[head].values()):
                doubts.append(f"{head}_uncertain")
        return tuple(doubts)

    def _explanations(self, evidence: Evidence, doubts: tuple[str, ...]) -> tuple[str, ...]:
        """Why it is in doubt, or where it belongs, as far as the answer shows it."""
        category = evidence.probabilities["category"]
        ranked = sorted(category, key=lambda code: -category[code])
        fallback = self._taxonomy.fallback_category
        if "category_uncertain" not in doubts:
            return ("out_of_scope",) if ranked[0] == fallback and evidence.words else ()
        if 0 < evidence.words <= VAGUE_WORDS:
            # Some scripts have no spaces between words.
            return () if LANGUAGE_UNKNOWN in doubts else ("too_vague",)
        second = ranked[1] if len(ranked) > 1 else fallback
        several = evidence.words >= SEVERAL_WORDS and fallback not in (ranked[0], second)
        return ("several_problems",) if several and category[second] >= SECOND_PROBLEM else ()


def _reaches(threshold: float, probabilities: Collection[float]) -> bool:
    # No comparison with a NaN holds, so a model that answers one is in doubt and never routes.
    return all(probability >= 0 for probability in probabilities) and max(probabilities) >= threshold
