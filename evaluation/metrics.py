"""Figures of merit of one head, and of the decisions, from probabilities and true labels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score

from triage.corpus import LabelledAlert
from triage.taxonomy import Head, Taxonomy

Floats = npt.NDArray[np.floating]
Integers = npt.NDArray[np.integer]

ECE_BINS = 15
BOOTSTRAP_ROUNDS = 300


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 90 % bootstrap interval."""

    value: float
    low: float
    high: float


def label_numbers(rows: Sequence[LabelledAlert], head: Head, taxonomy: Taxonomy) -> Integers:
    """The rows' labels as positions in the taxonomy's order of codes, shape (rows,)."""
    position = {code: number for number, code in enumerate(taxonomy.codes(head))}
    return np.array([position[row.label(head)] for row in rows])


def macro_f1(truth: Integers, predicted: Integers) -> float:
    """F1 averaged over the classes that occur in the truth."""
    return float(f1_score(truth, predicted, labels=np.unique(truth), average="macro", zero_division=0.0))


def macro_f1_interval(truth: Integers, predicted: Integers, seed: int = 13) -> Interval:
    """Macro-F1 with a percentile bootstrap over the rows."""
    generator = np.random.default_rng(seed)
    draws = []
    for _ in range(BOOTSTRAP_ROUNDS):
        rows = generator.integers(0, len(truth), len(truth))
        draws.append(macro_f1(truth[rows], predicted[rows]))
    low, high = np.quantile(draws, [0.05, 0.95])
    return Interval(macro_f1(truth, predicted), float(low), float(high))


def top_k_accuracy(truth: Integers, probabilities: Floats, k: int) -> float:
    """Share of rows whose true class is among the k likeliest."""
    best = np.argsort(-probabilities, axis=1)[:, :k]
    return float((best == truth[:, None]).any(axis=1).mean())


def expected_calibration_error(truth: Integers, probabilities: Floats, bins: int = ECE_BINS) -> float:
    """Top-label calibration error with bins of equal width (Guo et al., 2017)."""
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == truth
    number = np.minimum((confidence * bins).astype(int), bins - 1)
    total = 0.0
    for index in range(bins):
        members = number == index
        if members.any():
            total += members.mean() * abs(correct[members].mean() - confidence[members].mean())
    return float(total)
