"""What a measure finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from evaluation.live.drift.observed import Observed
from evaluation.live.drift.sentences import N_, Count, Sentence, Value
from models.reference import Reference

# Of fewer alerts, chance explains nearly everything.
LEAST_ALERTS = 100


class Status(StrEnum):
    """Whether something has changed, has not, or cannot be told."""

    STEADY = "steady"
    DRIFTED = "drifted"
    UNMEASURED = "unmeasured"


@dataclass(frozen=True, slots=True)
class Bars:
    """Shares by name, of the reference and now."""

    rows: Sequence[tuple[Value, float, float]]


@dataclass(frozen=True, slots=True)
class Curves:
    """Shares of alerts up to each value of an axis, of the reference and now.

    Attributes:
        what: the axis, a message in English.
        in_percent: how its values are written.
    """

    what: str
    axis: Sequence[float]
    before: Sequence[float]
    now: Sequence[float]
    in_percent: bool


Plot = Bars | Curves


@dataclass(frozen=True, slots=True)
class Finding:
    """One measure.

    Attributes:
        code: stable, for whoever watches it.
        name: as in metrics.
        title: a message in English.
        alerts: how many were looked at.
        value: how far they lie from the reference; None where that cannot be told.
        threshold: what chance alone exceeds no oftener than stated, and no less than what matters.
        sentence: what was found, or why nothing was.
        plot: None where there is nothing to draw.
    """

    code: str
    name: str
    title: str
    alerts: int
    value: float | None
    threshold: float | None
    sentence: Sentence
    plot: Plot | None = None

    @property
    def status(self) -> Status:
        """Drifted beyond the threshold, steady up to it."""
        if self.value is None or self.threshold is None:
            return Status.UNMEASURED
        return Status.DRIFTED if self.value > self.threshold else Status.STEADY


class Measure(Protocol):
    """Compares one thing."""

    @property
    def code(self) -> str:
        """Stable, for whoever watches it."""

    @property
    def name(self) -> str:
        """As in metrics."""

    @property
    def title(self) -> str:
        """A message in English."""

    @property
    def least(self) -> float:
        """Differences up to this do not matter, however sure they are."""

    def compare(self, reference: Reference, observed: Observed, rate: float) -> Finding:
        """Compare what came in with the reference.

        Args:
            reference: of the bundle.
            observed: what came in.
            rate: how often, of comparisons without any drift, chance may exceed the threshold.
        """


@dataclass(frozen=True, slots=True)
class Difference:
    """How far alerts lie from the reference, and how far chance alone would take them."""

    alerts: int
    value: float
    by_chance: float


def found(measure: Measure, difference: Difference, sentence: Sentence, plot: Plot) -> Finding:
    """The finding where something could be compared."""
    threshold = max(measure.least, difference.by_chance)
    head = (measure.code, measure.name, measure.title)
    return Finding(*head, difference.alerts, difference.value, threshold, sentence, plot)


def unmeasured(measure: Measure, alerts: int, why: Sentence) -> Finding:
    """The finding where nothing can be compared."""
    return Finding(measure.code, measure.name, measure.title, alerts, None, None, why)


_COMPARED = N_("%(number)s of the alerts can be compared so far; at least %(least)s are needed.")


def too_few(measure: Measure, alerts: int, least: int = LEAST_ALERTS, message: str = _COMPARED) -> Finding | None:
    """The finding where there is too little to compare; None where there is enough."""
    if alerts >= least:
        return None
    return unmeasured(measure, alerts, Sentence(message, {"number": Count(alerts), "least": Count(least)}))
