"""How far two samples of the same alerts lie apart by chance alone: drawn many times over from the reference.

Each function gives distances of two samples, one as large as the reference and one as large as what came in. The random
numbers are always the same, so the same alerts give the same report.
"""

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

DRAWS = 2_000
_SEED = 20_260_101
# Half an alert each, as Jeffreys has it: a language that the reference lacks may come all the same.
_UNSEEN = 0.5


def exceeded_by(distances: npt.NDArray[np.floating], rate: float) -> float:
    """What chance exceeds no oftener than `rate`, by the order of the distances drawn.

    Raises:
        ValueError: too few were drawn to tell.
    """
    place = math.ceil((len(distances) + 1) * (1 - rate))
    if place > len(distances):
        raise ValueError("too few draws for so small a rate")
    return float(np.partition(distances, place - 1)[place - 1])


def of_mixes(counts: npt.ArrayLike, number: int) -> Floats:
    """Distances of mixes: the share that would have to change its kind."""
    before, now = _drawn(np.asarray(counts, np.float64) + _UNSEEN, _total(counts), number)
    distances: Floats = np.abs(now - before).sum(axis=1) / 2
    return distances


def of_spreads(counts: npt.ArrayLike, number: int) -> Floats:
    """Distances of values in ordered bins: the widest gap between the shares up to a value."""
    before, now = _drawn(np.asarray(counts, np.float64), _total(counts), number)
    distances: Floats = np.abs((now - before).cumsum(axis=1)).max(axis=1)
    return distances


def of_means(counts: npt.ArrayLike, values: npt.ArrayLike, number: int) -> Floats:
    """Distances of the means of values, of which there are so many each."""
    before, now = _drawn(np.asarray(counts, np.float64), _total(counts), number)
    distances: Floats = np.abs((now - before) @ np.asarray(values, np.float64))
    return distances


def of_shares(hits: npt.ArrayLike, totals: npt.ArrayLike, numbers: npt.ArrayLike) -> Floats:
    """Distances of shares over several groups, each as heavy as what came in of it.

    Args:
        hits: of the reference, by group.
        totals: the same.
        numbers: how many came in, by group.
    """
    sizes, arrived = np.asarray(totals, np.int64), np.asarray(numbers, np.int64)
    likely = (np.asarray(hits, np.float64) + _UNSEEN) / (sizes + 2 * _UNSEEN)
    random = np.random.default_rng(_SEED)
    before = random.binomial(sizes, likely, (DRAWS, len(sizes))) / np.maximum(sizes, 1)
    now = random.binomial(arrived, likely, (DRAWS, len(sizes))) / np.maximum(arrived, 1)
    distances: Floats = np.abs((now - before) @ (arrived / max(1, arrived.sum())))
    return distances


def _drawn(weights: Floats, total: int, number: int) -> tuple[Floats, Floats]:
    random = np.random.default_rng(_SEED)
    likely = weights / weights.sum()
    before = random.multinomial(total, likely, DRAWS) / total
    now = random.multinomial(number, likely, DRAWS) / number
    return before, now


def _total(counts: npt.ArrayLike) -> int:
    return int(np.asarray(counts).sum())
