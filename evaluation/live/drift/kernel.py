"""How far two sets of texts lie apart: the maximum mean discrepancy (Gretton et al., 2012), with a Gaussian kernel.

It is the distance of two averages in a space in which every way to differ counts. So where a share p of the alerts is
replaced by those of one category, it is p times the distance of that category: it can be told as such a share.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.live.drift.chance import DRAWS

Floats = npt.NDArray[np.floating]

# More say little more, and the time grows with their square.
MOST_TEXTS = 600
_SEED = 20_260_102


@dataclass(frozen=True, slots=True)
class Shift:
    """A squared distance, freed from what the sizes of samples add to it, and those of samples mixed at random."""

    squared: float
    by_chance: Floats


def neighbourhood(rows: Floats) -> float:
    """The bandwidth of the kernel: the median distance of two texts."""
    squared = _squared_distances(rows, rows)[np.triu_indices(len(rows), 1)]
    return math.sqrt(float(np.median(squared))) if len(squared) and squared.any() else 1.0


def shift(before: Floats, now: Floats, bandwidth: float) -> float:
    """The distance of two sets of texts; sets that are alike may be a little less than 0 apart, which is 0 here."""
    mixed = _Mixed(before, now, bandwidth)
    return distance(float(mixed.squared(mixed.as_they_are())[0]))


def shift_beside_chance(before: Floats, now: Floats, bandwidth: float) -> Shift:
    """The distance of two sets of texts, beside those of all texts dealt out to two such sets at random."""
    mixed = _Mixed(before, now, bandwidth)
    return Shift(float(mixed.squared(mixed.as_they_are())[0]), mixed.squared(mixed.dealt_out()))


def distance(squared: float) -> float:
    """The distance itself."""
    return math.sqrt(max(0.0, squared))


def to_nearest(rows: Floats, others: Floats | None = None) -> Floats:
    """How far each text lies from the nearest of others; without others, of the rest."""
    squared = _squared_distances(rows, rows if others is None else others)
    if others is None:
        np.fill_diagonal(squared, np.inf)
    nearest: Floats = np.sqrt(squared.min(axis=1))
    return nearest


def spread_evenly(rows: Floats, most: int = MOST_TEXTS) -> Floats:
    """At most so many of the rows, from all parts of them."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]


class _Mixed:
    """All texts of both sets with their kernel; a deal is a column of 1 for those of the first set, else 0."""

    def __init__(self, before: Floats, now: Floats, bandwidth: float) -> None:
        whole = np.concatenate([before, now]).astype(np.float32)
        self._first, self._second = len(before), len(now)
        self._kernel = np.exp(-_squared_distances(whole, whole) / np.float32(2 * bandwidth**2))
        np.fill_diagonal(self._kernel, 0)  # a text is no neighbour of its own

    def as_they_are(self) -> Floats:
        deal = np.zeros((self._first + self._second, 1), np.float32)
        deal[: self._first] = 1
        return deal

    def dealt_out(self) -> Floats:
        random = np.random.default_rng(_SEED)
        deals = np.repeat(self.as_they_are(), DRAWS, axis=1)
        shuffled: Floats = random.permuted(deals, axis=0)
        return shuffled

    def squared(self, deals: Floats) -> Floats:
        first, second = self._first, self._second
        within_first = (deals * (self._kernel @ deals)).sum(axis=0, dtype=np.float64)
        sums = self._kernel.sum(axis=1, dtype=np.float64)
        touching_first = sums @ deals
        across = touching_first - within_first
        within_second = sums.sum() - 2 * touching_first + within_first
        squared: Floats = (
            within_first / (first * (first - 1))
            + within_second / (second * (second - 1))
            - 2 * across / (first * second)
        )
        return squared


def _squared_distances(rows: Floats, others: Floats) -> Floats:
    ours, theirs = (rows**2).sum(axis=1), (others**2).sum(axis=1)
    squared: Floats = np.maximum(ours[:, None] + theirs[None, :] - 2 * rows @ others.T, 0)
    return squared
