"""Fits what the bundle needs beside weights: temperatures and thresholds, on held-out rows."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from evaluation.metrics import Floats, Integers
from triage.policy import Thresholds

LEAST_ROUTED = 30
NEVER = 1.01  # no confidence reaches it


def fit_temperature(logits: Floats, truth: Integers) -> float:
    """The temperature with the least negative log-likelihood (Guo et al., 2017)."""

    def loss(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=1)
        return float(-scaled[np.arange(len(truth)), truth].mean())

    result = minimize_scalar(loss, bounds=(np.log(0.2), np.log(5.0)), method="bounded")
    return float(np.exp(result.x))


def choose_thresholds(
    category: tuple[Floats, Integers],
    department: tuple[Floats, Integers],
    urgent: tuple[Floats, Integers],
    error_rate: float,
    urgent_recall: float,
) -> Thresholds:
    """Thresholds for a stated error rate among the routed, and a stated recall of the urgent.

    One threshold serves category and department. It is the smallest at which, from there up,
    the share of routed rows with a wrong category or department stays within `error_rate`.

    Args:
        category: calibrated probabilities and true classes.
        department: the same for departments.
        urgent: probability of the urgent priority, shape (rows,), and whether each row is urgent.
        error_rate: accepted share of errors among routed rows.
        urgent_recall: share of urgent rows whose probability must reach the threshold.
    """
    wrong = (category[0].argmax(axis=1) != category[1]) | (department[0].argmax(axis=1) != department[1])
    confidence = np.minimum(category[0].max(axis=1), department[0].max(axis=1))
    threshold = _routing_threshold(confidence, wrong, error_rate)
    urgent_scores = np.sort(urgent[0][urgent[1].astype(bool)])
    missed = int(np.floor((1 - urgent_recall) * len(urgent_scores)))
    urgent_threshold = float(urgent_scores[missed]) if len(urgent_scores) else 0.5
    return Thresholds(
        category=threshold,
        department=threshold,
        urgent=float(np.floor(urgent_threshold * 1000) / 1000),
        error_rate=error_rate,
    )


def _routing_threshold(confidence: Floats, wrong: np.ndarray, error_rate: float) -> float:
    # Serving compares confidences of four decimals, so they are counted as such, equal ones together.
    # The point estimate, not its upper bound, is held to the rate: a few hundred rows prove little more.
    rounded = np.round(confidence, 4)
    fitting = NEVER
    for threshold in np.unique(rounded)[::-1]:
        routed = rounded >= threshold
        if routed.sum() >= LEAST_ROUTED and wrong[routed].mean() <= error_rate:
            fitting = float(threshold)
    return fitting
