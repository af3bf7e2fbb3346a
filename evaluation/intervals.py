"""How sure a figure is: bootstrap intervals; `live/intervals.py` has exact bounds for shares."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.live.intervals import CONFIDENCE

BOOTSTRAP_ROUNDS = 300


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 90 % bootstrap interval; formats as its value."""

    value: float
    low: float
    high: float

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)


def bootstrap(
    figure: Callable[[npt.NDArray[np.integer]], float], rows: int, seed: int = 13, *, centred: bool = False
) -> Interval:
    """A figure with its percentile interval over rows drawn with replacement.

    Args:
        figure: the figure of the rows whose numbers it is given.
        rows: how many rows there are.
        seed: equal seeds draw equal rows, so figures of different models can be compared.
        centred: moves the interval by the difference of the figure and the mean of the draws, down to 0 at most. For
            figures that repeated rows alone make larger, such as a calibration error.
    """
    generator = np.random.default_rng(seed)
    draws = [figure(generator.integers(0, rows, rows)) for _ in range(BOOTSTRAP_ROUNDS)]
    value = figure(np.arange(rows))
    low, high = np.quantile(draws, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    if centred:
        shift = value - np.mean(draws)
        low, high = max(low + shift, 0.0), max(high + shift, 0.0)
    return Interval(value, float(low), float(high))
