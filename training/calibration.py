"""Fits what the bundle needs beside weights: temperatures and thresholds, on held-out rows."""

import warnings
from dataclasses import dataclass

import numpy as np
from mapie.risk_control import BinaryClassificationController
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from evaluation.metrics import Booleans, Floats, Integers
from triage.policy import Thresholds

NEVER = 1.01  # no confidence reaches it
FIRST_SHARE = 0.4
STEP = 0.005


def fit_temperature(logits: Floats, truth: Integers) -> float:
    """The temperature with the least negative log-likelihood (Guo et al., 2017)."""

    def loss(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=1)
        return float(-scaled[np.arange(len(truth)), truth].mean())

    result = minimize_scalar(loss, bounds=(np.log(0.2), np.log(5.0)), method="bounded")
    return float(np.exp(result.x))


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Calibrated probabilities of held-out rows, shape (rows, codes), and their true classes, shape (rows,)."""

    probabilities: Floats
    truth: Integers

    @property
    def correct(self) -> Booleans:
        """Whether the likeliest class is the true one."""
        return np.asarray(self.probabilities.argmax(axis=1) == self.truth)

    @property
    def confidence(self) -> Floats:
        """The probability of the likeliest class, of four decimals as serving compares it."""
        return np.round(self.probabilities.max(axis=1), 4)


@dataclass(frozen=True, slots=True)
class Promise:
    """What thresholds must keep.

    `error_rate`: most wrong categories or departments among what is routed, kept with the
    probability `certainty` over the draw of the held-out rows. `urgent_recall`: least share of
    urgent rows that are flagged.
    """

    error_rate: float
    certainty: float
    urgent_recall: float


def choose_thresholds(
    category: HeldOut, department: HeldOut, priority: HeldOut, urgent: int, promise: Promise
) -> Thresholds:
    """The thresholds that route most while they keep a promise.

    One threshold serves category and department. Rows flagged as possibly urgent are never routed,
    so they count neither as routed nor as errors.

    Args:
        category: held-out answers.
        department: the same for departments.
        priority: the same for priorities.
        urgent: number of the urgent priority.
        promise: what to keep.
    """
    probability = np.round(priority.probabilities[:, urgent], 4)
    urgent_threshold = _urgent_threshold(probability[priority.truth == urgent], promise.urgent_recall)
    flagged = probability >= np.minimum(urgent_threshold, priority.confidence)
    correct = category.correct & department.correct
    confidence = np.minimum(category.confidence, department.confidence)
    threshold = routing_threshold(confidence[~flagged], correct[~flagged], promise)
    return Thresholds(category=threshold, department=threshold, urgent=urgent_threshold, error_rate=promise.error_rate)


def _urgent_threshold(probabilities: Floats, recall: float) -> float:
    ordered = np.sort(probabilities)
    missed = int(np.floor((1 - recall) * len(ordered)))
    return float(np.floor(ordered[missed] * 1000) / 1000) if len(ordered) else 0.5


def routing_threshold(confidence: Floats, correct: Booleans, promise: Promise) -> float:
    """The lowest confidence at which the error among the routed is controlled; `NEVER` if there is none.

    Learn then test (Angelopoulos et al., 2021) by fixed sequence: from a threshold that routes a
    `FIRST_SHARE` of the rows downwards, as long as the hypothesis of a higher error is rejected.
    """
    start = float(np.quantile(confidence, 1 - FIRST_SHARE)) if len(confidence) else 0.0
    grid = np.unique(np.round(np.minimum(start, np.arange(0.0, 1.0, STEP)), 4))[::-1]
    controller = BinaryClassificationController(
        predict_function=lambda values: np.column_stack([1 - values[:, 0], values[:, 0]]),
        risk="precision",
        target_level=1 - promise.error_rate,
        confidence_level=promise.certainty,
        list_predict_params=grid,
        best_predict_param_choice="recall",
        fwer_method="fixed_sequence",
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No predict parameters were found")
        warnings.filterwarnings("ignore", message="All provided predict_params control the risk")
        warnings.filterwarnings("ignore", message="All predictions are either 0 or 1")
        # The order is known beforehand; that the error falls along it is likely, and only costs coverage if not.
        warnings.filterwarnings("ignore", message="Fixed sequence testing requires")
        controller.calibrate(confidence[:, None], correct.astype(int))
    valid = np.asarray(controller.valid_predict_params, float).ravel()
    return float(valid.min()) if len(valid) else NEVER
