"""Evidence for duplicates in the reader's words: phrases, and a waterfall of what each kind of evidence adds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serving.desk.languages import N_

# Measures that say much the same are shown as one step; a measure that is weighed with another goes with the first.
GROUPS: Mapping[str, tuple[str, ...]] = {
    N_("Place"): ("distance",),
    N_("Time between them"): ("gap", "gap_share", "window"),
    N_("Category"): ("category",),
    N_("What the texts say"): ("meaning", "topic", "letters", "words", "rare", "shortest"),
    N_("Numbers and names"): ("house", "number", "name", "code", "plate"),
    N_("Words such as “again”"): ("again", "cleared", "known", "other", "thanks"),
    N_("A whole area"): ("area",),
    N_("Photos"): ("picture", "photo"),
}
OTHER = N_("Other evidence")
START = N_("Any two alerts nearby")

# Said by triage/duplicates/evidence.py and models/duplicates/photos.py.
PHRASES = (
    N_("same category"),
    N_("other category"),
    N_("within 25 m"),
    N_("within 50 m"),
    N_("within 100 m"),
    N_("over 100 m apart"),
    N_("within an hour"),
    N_("within a day"),
    N_("within a week"),
    N_("over a week apart"),
    N_("text similar"),
    N_("text very similar"),
    N_("same house number"),
    N_("other house number"),
    N_("same number"),
    N_("other number"),
    N_("same street or place named"),
    N_("other street or place named"),
    N_("same plate or code"),
    N_("other plate or code"),
    N_("same plate"),
    N_("other plate"),
    N_("whole area"),
    N_("says again"),
    N_("speaks of cleaning or repair"),
    N_("says it is known"),
    N_("says it is another"),
    N_("says it is done"),
    N_("same picture"),
    N_("photo very similar"),
    N_("photo similar"),
    N_("photo differs"),
)

_LEAST_SHOWN = 0.05
_WIDTH = 100.0


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of a waterfall: from where to where it goes, of 100, and what it adds to the logit."""

    label: str
    amount: float
    left: float
    width: float

    @property
    def speaks_for(self) -> bool:
        """Whether it makes a duplicate likelier."""
        return self.amount >= 0


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The steps from any two alerts nearby to these two; `zero` is where as much speaks for as against."""

    start: Step
    steps: tuple[Step, ...]
    zero: float
    probability: float


def waterfall(evidence: Sequence[Mapping[str, Any]], probability: float) -> Waterfall | None:
    """The waterfall of a pair, or None where no model weighed it.

    Args:
        evidence: of a stored link; entries with a `contribution` are the model's terms.
        probability: of the link.
    """
    terms = [item for item in evidence if "contribution" in item]
    if not terms:
        return None
    amounts = _grouped(terms)
    logit = _logit(probability)
    begin = logit - sum(amounts.values())
    shown = [(label, amount) for label, amount in amounts.items() if abs(amount) >= _LEAST_SHOWN]
    # What is too small to show still belongs to the sum.
    begin += sum(amount for amount in amounts.values() if abs(amount) < _LEAST_SHOWN)
    places = [0.0, begin]
    for _, amount in shown:
        places.append(places[-1] + amount)
    low, high = min(places), max(places)
    scale = _WIDTH / max(high - low, 1e-6)

    def step(label: str, here: float, there: float) -> Step:
        return Step(label, there - here, (min(here, there) - low) * scale, max(abs(there - here) * scale, 0.8))

    steps = tuple(
        step(label, here, there) for (label, _), here, there in zip(shown, places[1:], places[2:], strict=False)
    )
    return Waterfall(step(START, 0.0, begin), steps, (0.0 - low) * scale, probability)


def phrases(evidence: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The phrases of a pair, as messages."""
    return tuple(str(item["phrase"]) for item in evidence if "phrase" in item)


def _grouped(terms: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    group_of = {measure: label for label, measures in GROUPS.items() for measure in measures}
    amounts = dict.fromkeys((*GROUPS, OTHER), 0.0)
    for term in terms:
        amounts[group_of.get(term["measures"][0], OTHER)] += float(term["contribution"])
    return amounts


def _logit(probability: float) -> float:
    inside = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(inside / (1 - inside))
