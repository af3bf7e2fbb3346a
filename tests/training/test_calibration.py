"""Temperatures and thresholds: what is promised on held-out rows holds on them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from training.calibration import LEAST_ROUTED, NEVER, choose_thresholds, fit_temperature
from triage.policy import Thresholds

ERROR_RATE = 0.05


def sampled(temperature: float, rows: int = 4000, classes: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Logits whose true probabilities are their softmax at `temperature`, and labels drawn from those."""
    generator = np.random.default_rng(13)
    logits = generator.normal(0, 3, (rows, classes))
    probabilities = softmax(logits / temperature, axis=1)
    truth = np.array([generator.choice(classes, p=row) for row in probabilities])
    return logits, truth


def head(confidence: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities over two classes whose best is class 0 at these confidences, and true classes."""
    return np.stack([confidence, 1 - confidence], axis=1), np.where(right, 0, 1)


def thresholds(
    confidence: np.ndarray,
    right: np.ndarray,
    department_right: np.ndarray | None = None,
    urgent: tuple[np.ndarray, np.ndarray] | None = None,
    urgent_recall: float = 0.95,
) -> Thresholds:
    rows = len(confidence)
    return choose_thresholds(
        category=head(confidence, right),
        department=head(confidence, np.ones(rows, bool) if department_right is None else department_right),
        urgent=urgent or (np.zeros(rows), np.zeros(rows, bool)),
        error_rate=ERROR_RATE,
        urgent_recall=urgent_recall,
    )


def routed_errors(found: Thresholds, confidence: np.ndarray, right: np.ndarray) -> tuple[int, int]:
    routed = np.round(confidence, 4) >= found.category  # as serving compares
    return int(routed.sum()), int((routed & ~right).sum())


# Temperature


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_made_the_labels_is_found(temperature: float) -> None:
    assert fit_temperature(*sampled(temperature)) == pytest.approx(temperature, rel=0.1)


def test_overconfident_logits_are_cooled_and_timid_ones_sharpened() -> None:
    logits, truth = sampled(1.0)
    assert fit_temperature(logits * 3, truth) == pytest.approx(3.0, rel=0.1)
    assert fit_temperature(logits / 3, truth) == pytest.approx(1 / 3, rel=0.1)


def test_the_temperature_stays_within_sense_where_every_answer_is_right() -> None:
    logits = np.eye(4).repeat(5, axis=0)
    assert fit_temperature(logits, np.arange(4).repeat(5)) == pytest.approx(0.2, rel=0.01)


def test_the_temperature_stays_within_sense_where_every_answer_is_wrong() -> None:
    logits = 50 * np.eye(4).repeat(5, axis=0)
    assert fit_temperature(logits, (np.arange(4).repeat(5) + 1) % 4) == pytest.approx(5.0, rel=0.01)


# Thresholds


def test_everything_sure_and_right_is_routed() -> None:
    confidence = np.linspace(0.6, 0.99, 200)
    found = thresholds(confidence, np.ones(200, bool))
    assert routed_errors(found, confidence, np.ones(200, bool)) == (200, 0)


def test_the_threshold_lies_where_errors_begin() -> None:
    confidence = np.linspace(0.5, 0.999, 500)
    right = confidence > 0.8
    found = thresholds(confidence, right)
    routed, errors = routed_errors(found, confidence, right)
    assert found.category < 0.8
    assert errors / routed == pytest.approx(ERROR_RATE, abs=0.01)


def test_a_wrong_department_counts_as_much_as_a_wrong_category() -> None:
    confidence = np.linspace(0.5, 0.999, 500)
    right, everywhere = confidence > 0.8, np.ones(500, bool)
    assert thresholds(confidence, right).category == thresholds(confidence, everywhere, right).category


def test_one_threshold_serves_both_heads_and_the_rate_is_stated() -> None:
    found = thresholds(np.linspace(0.5, 0.999, 100), np.ones(100, bool))
    assert found.category == found.department
    assert found.error_rate == ERROR_RATE


def test_nothing_is_routed_on_the_word_of_a_few_rows() -> None:
    rows = LEAST_ROUTED - 1
    assert thresholds(np.linspace(0.5, 0.999, rows), np.ones(rows, bool)).category == NEVER


def test_nothing_is_routed_where_every_threshold_errs_too_much() -> None:
    confidence = np.linspace(0.5, 0.99, 400)
    found = thresholds(confidence, np.arange(400) % 2 == 0)
    assert found.category == NEVER


@given(st.integers(0, 2**32), st.integers(LEAST_ROUTED, 400), st.floats(0.5, 3))
def test_the_routed_keep_the_stated_error_rate(seed: int, rows: int, skill: float) -> None:
    generator = np.random.default_rng(seed)
    confidence = generator.uniform(0.5, 0.999, rows)
    right = generator.random(rows) < confidence ** (1 / skill)
    routed, errors = routed_errors(thresholds(confidence, right), confidence, right)
    assert errors <= ERROR_RATE * max(routed, 1)


def test_rows_of_equal_confidence_are_routed_or_held_together() -> None:
    confidence = np.concatenate([np.full(60, 0.95), np.full(60, 0.8)])
    right = np.concatenate([np.ones(60, bool), np.arange(60) >= 20])
    found = thresholds(confidence, right)
    routed, errors = routed_errors(found, confidence, right)
    assert errors <= ERROR_RATE * routed


def test_rounding_does_not_let_in_what_was_left_out() -> None:
    confidence = np.concatenate([np.full(60, 0.9009), np.full(60, 0.9001)])
    right = np.concatenate([np.ones(60, bool), np.zeros(60, bool)])
    confidence += np.linspace(0, 1e-5, 120)
    found = thresholds(confidence, right)
    routed, errors = routed_errors(found, confidence, right)
    assert errors <= ERROR_RATE * routed


def test_where_nothing_may_be_routed_a_confidence_of_one_is_not_either() -> None:
    confidence, right = np.ones(100), np.zeros(100, bool)
    assert routed_errors(thresholds(confidence, right), confidence, right) == (0, 0)


# Urgent


@given(st.integers(0, 2**32), st.integers(1, 200), st.floats(0.5, 1.0))
def test_the_stated_share_of_urgent_rows_reaches_the_threshold(seed: int, rows: int, recall: float) -> None:
    generator = np.random.default_rng(seed)
    scores, is_urgent = generator.random(rows), generator.random(rows) < 0.4
    confidence = np.full(rows, 0.9)
    found = thresholds(confidence, np.ones(rows, bool), urgent=(scores, is_urgent), urgent_recall=recall)
    if is_urgent.any():
        assert (scores[is_urgent] >= found.urgent).mean() >= recall - 1e-9


def test_where_all_urgent_rows_must_be_caught_the_least_of_them_sets_the_threshold() -> None:
    scores, is_urgent = np.array([0.9, 0.2345, 0.1, 0.8]), np.array([True, True, False, False])
    found = thresholds(np.full(4, 0.9), np.ones(4, bool), urgent=(scores, is_urgent), urgent_recall=1.0)
    assert found.urgent == pytest.approx(0.234)


def test_without_an_urgent_row_the_threshold_is_one_half() -> None:
    assert thresholds(np.full(4, 0.9), np.ones(4, bool)).urgent == 0.5
