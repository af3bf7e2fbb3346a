"""Figures of merit of one head, from probabilities and true labels."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from evaluation.intervals import Interval, bootstrap
from triage.corpus import LabelledAlert
from triage.taxonomy import Head, Taxonomy

Floats = npt.NDArray[np.floating]
Integers = npt.NDArray[np.integer]
Booleans = npt.NDArray[np.bool_]

ECE_BINS = 15


def label_numbers(rows: Sequence[LabelledAlert], head: Head, taxonomy: Taxonomy) -> Integers:
    """The rows' labels as positions in the taxonomy's order of codes, shape (rows,)."""
    position = {code: number for number, code in enumerate(taxonomy.codes(head))}
    return np.array([position[row.label(head)] for row in rows])


def macro_f1(truth: Integers, predicted: Integers) -> float:
    """F1 averaged over the classes that occur in the truth.

    Counted here, since scikit-learn's takes 50 times as long, and the bootstrap asks for thousands.
    """
    classes = int(max(truth.max(), predicted.max())) + 1
    true, answered = np.bincount(truth, minlength=classes), np.bincount(predicted, minlength=classes)
    right = np.bincount(truth[truth == predicted], minlength=classes)
    occurs = true > 0
    return float((2 * right[occurs] / (true + answered)[occurs]).mean())


def macro_f1_interval(truth: Integers, predicted: Integers, seed: int = 13) -> Interval:
    """Macro-F1 with a percentile bootstrap over the rows."""
    return bootstrap(lambda rows: macro_f1(truth[rows], predicted[rows]), len(truth), seed)


def top_k_accuracy(truth: Integers, probabilities: Floats, k: int) -> float:
    """Share of rows whose true class is among the k likeliest."""
    best = np.argsort(-probabilities, axis=1)[:, :k]
    return float((best == truth[:, None]).any(axis=1).mean())


def brier_score(truth: Integers, probabilities: Floats) -> float:
    """Mean squared distance of the probabilities from the truth, 0 to 2, over all classes (Brier, 1950)."""
    right = probabilities[np.arange(len(truth)), truth]
    return float(((probabilities**2).sum(axis=1) - 2 * right + 1).mean())


def confidence_bins(confidence: Floats, bins: int = ECE_BINS) -> Integers:
    """The bin of equal width that each confidence falls into, shape (rows,); the last one holds 1."""
    return np.minimum((confidence * bins).astype(int), bins - 1)


def expected_calibration_error(truth: Integers, probabilities: Floats, bins: int = ECE_BINS) -> float:
    """Top-label calibration error with bins of equal width (Guo et al., 2017)."""
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == truth
    # |rows of a bin| × |accuracy − confidence| is the size of the summed differences.
    gaps = np.bincount(confidence_bins(confidence, bins), weights=correct - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(truth))
