"""How sure a share is: exact bounds (Clopper and Pearson, 1934)."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CONFIDENCE = 0.9

_TINY = 1e-300
_PRECISION = 1e-14
_MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `total` rows, with one-sided bounds below and above; formats as its value.

    Each bound holds with the confidence asked for, by default 90 %; both together are an interval of less: bounds of
    97.5 % make the usual interval of 95 %. Of no rows the share is 0, and the bounds say nothing: 0 and 1.
    """

    hits: int
    total: int
    value: float
    lower: float
    upper: float

    @classmethod
    def of(cls, hits: int, total: int, confidence: float = CONFIDENCE) -> "Share":
        """The share of `hits` in `total` with its bounds."""
        lower = beta_quantile(1 - confidence, hits, total - hits + 1) if hits else 0.0
        upper = beta_quantile(confidence, hits + 1, total - hits) if hits < total else 1.0
        return cls(hits, total, hits / total if total else 0.0, lower, upper)

    @classmethod
    def among(cls, values: npt.NDArray[np.bool_], among: npt.NDArray[np.bool_]) -> "Share":
        """The share of `values` that hold among the rows where `among` holds."""
        return cls.of(int((values & among).sum()), int(among.sum()))

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)


def beta_quantile(probability: float, a: float, b: float) -> float:
    """Where the distribution function of a beta variable reaches a probability: by Newton's method between bounds."""
    low, high, x = 0.0, 1.0, a / (a + b)
    for _ in range(_MOST_STEPS):
        missing = probability - _beta_distribution(x, a, b)
        low, high = (x, high) if missing > 0 else (low, x)
        density = math.exp(_log_weight(x, a, b)) / (x * (1 - x))
        following = x + missing / density if density else low
        if not low < following < high:
            following = (low + high) / 2
        if abs(following - x) <= _PRECISION * x:
            return following
        x = following
    return x


def _beta_distribution(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function, by the side on which its continued fraction converges fast."""
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_distribution(1 - x, b, a)
    return math.exp(_log_weight(x, a, b)) * _continued_fraction(x, a, b) / a


def _log_weight(x: float, a: float, b: float) -> float:
    return math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)


def _continued_fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method."""
    value = c = 1.0
    d = change = 0.0
    step = 0
    while abs(change - 1) > _PRECISION:
        step += 1
        m = step // 2
        if step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / _not_zero(1 + term * d)
        c = _not_zero(1 + term / c)
        change = c * d
        value *= change
    return 1 / value


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
