"""How values spread over alerts: confidences and lengths."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.live.drift.chance import exceeded_by, of_spreads
from evaluation.live.drift.finding import Curves, Difference, Finding, found, too_few
from evaluation.live.drift.observed import Observed
from evaluation.live.drift.sentences import N_, Count, Percent, Sentence, Value
from models.reference import LENGTH_EDGES, PERCENTS, Numbers, Reference, count_lengths, count_percents

# Beyond, curves of lengths have nothing to show.
_LONGEST_DRAWN = 500


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure the bundle is, by the less sure of category and department."""

    code: str = "DRF002"
    name: str = "confidence"
    title: str = N_("Confidence")
    least: float = 0.1

    def compare(self, reference: Reference, observed: Observed, rate: float) -> Finding:
        """The widest gap between the shares of alerts up to a confidence."""
        if lacking := too_few(self, len(observed.confidences)):
            return lacking
        spread = _Spread.of(reference.confidences, count_percents(observed.confidences), rate)
        limit = spread.widest / (PERCENTS - 1)
        message = N_("%(now)s of the answers have a confidence of %(limit)s or less, instead of %(before)s.")
        now, before = spread.now[spread.widest], spread.before[spread.widest]
        values: dict[str, Value] = {"limit": Percent(limit), "now": Percent(now), "before": Percent(before)}
        axis = tuple(number / (PERCENTS - 1) for number in range(PERCENTS))
        curves = Curves(N_("confidence"), axis, spread.before, spread.now, in_percent=True)
        return found(self, spread.difference, Sentence(message, values), curves)


@dataclass(frozen=True, slots=True)
class Length:
    """How long texts are."""

    code: str = "DRF005"
    name: str = "length"
    title: str = N_("Length of texts")
    least: float = 0.1

    def compare(self, reference: Reference, observed: Observed, rate: float) -> Finding:
        """The widest gap between the shares of texts shorter than a length."""
        if lacking := too_few(self, len(observed.lengths)):
            return lacking
        spread = _Spread.of(reference.lengths, count_lengths(observed.lengths), rate)
        place = min(spread.widest, len(LENGTH_EDGES) - 1)
        message = N_("%(now)s of the texts have fewer than %(limit)s characters, instead of %(before)s.")
        now, before = spread.now[place], spread.before[place]
        values: dict[str, Value] = {"limit": Count(LENGTH_EDGES[place]), "now": Percent(now), "before": Percent(before)}
        drawn = sum(edge <= _LONGEST_DRAWN for edge in LENGTH_EDGES)
        shares = spread.before[:drawn], spread.now[:drawn]
        curves = Curves(N_("characters"), LENGTH_EDGES[:drawn], *shares, in_percent=False)
        return found(self, spread.difference, Sentence(message, values), curves)


@dataclass(frozen=True, slots=True)
class _Spread:
    """Shares up to each bin, before and now, and the bin where they differ most."""

    before: Sequence[float]
    now: Sequence[float]
    widest: int
    difference: Difference

    @classmethod
    def of(cls, counts: Sequence[int], arrived: Numbers, rate: float) -> "_Spread":
        before = np.cumsum(counts) / np.sum(counts)
        now = np.cumsum(arrived) / np.sum(arrived)
        gaps = np.abs(now - before)
        widest = int(gaps.argmax())
        number = int(arrived.sum())
        by_chance = exceeded_by(of_spreads(counts, number), rate)
        difference = Difference(number, float(gaps[widest]), by_chance)
        return cls(tuple(before.tolist()), tuple(now.tolist()), widest, difference)
