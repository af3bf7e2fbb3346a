"""What the curves say: labels needed for the same macro-F1, and how sure that is over the seeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from evaluation.benchmarks.learning.simulation import Curve, Curves
from evaluation.intervals import Interval
from evaluation.live.intervals import CONFIDENCE

REFERENCE = "random"
# Where the reference is read: after these shares of the labels that are added to the start.
LEVELS_AT = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Needed:
    """Labels that a strategy needs for a level of a measure, and how that compares with random ones.

    Attributes:
        level: the value to reach: what random choice has on average after `reference` labels.
        labels: mean over the seeds.
        ratio: to random choice with the same start, geometric mean over the seeds; below 1 is a gain.
        missed: seeds that do not reach it; they count with all the labels they had, which flatters.
    """

    strategy: str
    measure: str
    level: float
    reference: int
    labels: Interval
    ratio: Interval
    missed: int


def labels_needed(curves: Curves, measure: str) -> list[Needed]:
    """For each level, how many labels each strategy needs."""
    values = {name: found[measure] for name, found in curves.values.items()}
    found = []
    for share in LEVELS_AT:
        reference = round(curves.counts[0] + share * (curves.counts[-1] - curves.counts[0]))
        level = float(np.interp(reference, curves.counts, values[REFERENCE].mean(axis=0)))
        asked = {name: [_reached(curves.counts, run, level) for run in runs] for name, runs in values.items()}
        labels = {name: np.array([curves.counts[-1] if n is None else n for n in each]) for name, each in asked.items()}
        found += [
            Needed(
                strategy=name,
                measure=measure,
                level=level,
                reference=reference,
                labels=mean_interval(labels[name]),
                ratio=_mean_ratio(labels[name] / labels[REFERENCE]),
                missed=each.count(None),
            )
            for name, each in asked.items()
        ]
    return found


def gains(curves: Curves, measure: str) -> Mapping[str, Interval]:
    """The mean height of each curve above that of random choice over all measurements, mean over the seeds."""
    reference = curves.values[REFERENCE][measure].mean(axis=1)
    return {
        name: mean_interval(found[measure].mean(axis=1) - reference)
        for name, found in curves.values.items()
        if name != REFERENCE
    }


def mean_interval(values: Curve) -> Interval:
    """A mean with its 90 % interval by Student's t; without width where there is one value."""
    mean = float(values.mean())
    if len(values) < 2:
        return Interval(mean, mean, mean)
    error = float(values.std(ddof=1) / np.sqrt(len(values)))
    half = float(student.ppf((1 + CONFIDENCE) / 2, len(values) - 1)) * error
    return Interval(mean, mean - half, mean + half)


def _mean_ratio(ratios: Curve) -> Interval:
    logarithms = mean_interval(np.log(ratios))
    return Interval(*(float(np.exp(value)) for value in (logarithms.value, logarithms.low, logarithms.high)))


def _reached(counts: Sequence[int], run: Curve, level: float) -> float | None:
    """The number of labels at which a curve first reaches a level, between two measurements in a straight line."""
    above = np.flatnonzero(run >= level)
    if not len(above):
        return None
    last = int(above[0])
    if last == 0:
        return float(counts[0])
    return float(np.interp(level, run[last - 1 : last + 1], counts[last - 1 : last + 1]))
