"""Figures of merit on cases that can be worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from evaluation.metrics import (
    ECE_BINS,
    brier_score,
    confidence_bins,
    expected_calibration_error,
    label_numbers,
    macro_f1,
    macro_f1_interval,
    top_k_accuracy,
)
from triage.corpus import LabelledAlert
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS, load_taxonomy


def binary(confidence: list[float]) -> np.ndarray:
    """Probabilities over two classes whose likeliest is class 0."""
    return np.stack([np.array(confidence), 1 - np.array(confidence)], axis=1)


# Labels


@pytest.mark.parametrize("head", HEADS)
def test_labels_are_positions_in_the_taxonomy(head: str) -> None:
    taxonomy = load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")
    codes = taxonomy.codes(head)  # type: ignore[arg-type]
    labels = {name: taxonomy.codes(name)[0] for name in HEADS}
    rows = [LabelledAlert(id=code, text="trou", **(labels | {head: code})) for code in reversed(codes)]
    numbers = label_numbers(rows, head, taxonomy)  # type: ignore[arg-type]
    assert numbers.tolist() == list(reversed(range(len(codes))))


# Macro-F1


def test_macro_f1_of_perfect_answers_is_one() -> None:
    truth = np.array([0, 1, 2, 2])
    assert macro_f1(truth, truth) == 1.0


def test_macro_f1_by_hand() -> None:
    # Class 0: precision 1, recall 1/2, F1 2/3. Class 1: precision 2/3, recall 1, F1 4/5.
    found = macro_f1(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]))
    assert found == pytest.approx((2 / 3 + 4 / 5) / 2)


def test_macro_f1_counts_only_classes_that_occur() -> None:
    # Class 7 is answered once and never true: it costs class 0 a recall, and is no class of its own.
    found = macro_f1(np.array([0, 0, 1, 1]), np.array([0, 7, 1, 1]))
    assert found == pytest.approx((2 / 3 + 1) / 2)


def test_macro_f1_of_a_class_that_is_never_answered_is_zero_without_a_warning() -> None:
    assert macro_f1(np.array([0, 1]), np.array([0, 0])) == pytest.approx((2 / 3 + 0) / 2)


@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(1, 6))
def test_macro_f1_is_that_of_scikit_learn(seed: int, rows: int, classes: int) -> None:
    truth, predicted = np.random.default_rng(seed).integers(0, classes, (2, rows))
    expected = f1_score(truth, predicted, labels=np.unique(truth), average="macro", zero_division=0.0)
    assert macro_f1(truth, predicted) == pytest.approx(expected)


# Bootstrap


@pytest.mark.parametrize("seed", [1, 2])
def test_the_interval_contains_the_value(seed: int) -> None:
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, 4, 120)
    predicted = np.where(generator.random(120) < 0.7, truth, generator.integers(0, 4, 120))
    interval = macro_f1_interval(truth, predicted)
    assert 0 <= interval.low < interval.value < interval.high <= 1
    assert interval.value == macro_f1(truth, predicted)


def test_the_interval_narrows_with_more_rows() -> None:
    truth = np.tile([0, 1, 0, 1, 1], 60)
    predicted = np.tile([0, 1, 1, 1, 1], 60)
    few, many = macro_f1_interval(truth[:25], predicted[:25]), macro_f1_interval(truth, predicted)
    assert many.high - many.low < 0.6 * (few.high - few.low)


def test_the_interval_is_the_same_for_the_same_rows() -> None:
    truth, predicted = np.array([0, 1, 0, 1] * 5), np.array([0, 1, 1, 1] * 5)
    assert macro_f1_interval(truth, predicted) == macro_f1_interval(truth, predicted)


def test_the_interval_of_perfect_answers_is_a_point() -> None:
    truth = np.array([0, 1, 2] * 4)
    interval = macro_f1_interval(truth, truth)
    assert (interval.low, interval.value, interval.high) == (1.0, 1.0, 1.0)


# Top k


def test_top_k_counts_rows_whose_class_is_among_the_likeliest() -> None:
    probabilities = np.array([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2], [0.5, 0.3, 0.2]])
    truth = np.array([0, 1, 2])
    assert top_k_accuracy(truth, probabilities, 1) == pytest.approx(1 / 3)
    assert top_k_accuracy(truth, probabilities, 2) == pytest.approx(2 / 3)
    assert top_k_accuracy(truth, probabilities, 3) == 1.0
    assert top_k_accuracy(truth, probabilities, 10) == 1.0


@given(st.integers(0, 2**32), st.integers(1, 40), st.integers(2, 6))
def test_top_k_grows_with_k_and_begins_with_the_accuracy(seed: int, rows: int, classes: int) -> None:
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.ones(classes), rows)
    truth = generator.integers(0, classes, rows)
    shares = [top_k_accuracy(truth, probabilities, k) for k in range(1, classes + 1)]
    assert shares == sorted(shares)
    assert shares[0] == pytest.approx((probabilities.argmax(axis=1) == truth).mean())
    assert shares[-1] == 1.0


# Brier score


def test_the_brier_score_by_hand() -> None:
    # (1 − 0.7)² + 0.2² + 0.1² and 0.7² + (1 − 0.2)² + 0.1².
    probabilities = np.array([[0.7, 0.2, 0.1], [0.7, 0.2, 0.1]])
    assert brier_score(np.array([0, 1]), probabilities) == pytest.approx((0.14 + 1.14) / 2)


def test_the_brier_score_is_zero_at_best_and_two_at_worst() -> None:
    assert brier_score(np.array([0]), np.array([[1.0, 0.0]])) == 0.0
    assert brier_score(np.array([1]), np.array([[1.0, 0.0]])) == 2.0


# Calibration error


def test_bins_are_of_equal_width_and_the_last_one_holds_certainty() -> None:
    assert confidence_bins(np.array([0.0, 0.24, 0.25, 0.99, 1.0]), 4).tolist() == [0, 0, 1, 3, 3]


def test_the_calibration_error_of_one_bin_is_its_gap() -> None:
    truth = np.array([0, 0, 0, 1])  # three of four right, at a confidence of 0.9
    assert expected_calibration_error(truth, binary([0.9] * 4)) == pytest.approx(0.15)


def test_gaps_are_weighed_by_the_rows_of_their_bins() -> None:
    # Three rows at 0.99, all right (gap 0.01); one row at 0.6, wrong (gap 0.6).
    found = expected_calibration_error(np.array([0, 0, 0, 1]), binary([0.99, 0.99, 0.99, 0.6]))
    assert found == pytest.approx(0.75 * 0.01 + 0.25 * 0.6)


def test_within_a_bin_too_high_and_too_low_cancel_out() -> None:
    assert expected_calibration_error(np.array([0, 1]), binary([0.51, 0.52]), bins=1) == pytest.approx(0.015)
    assert expected_calibration_error(np.array([0, 1]), binary([0.61, 0.99]), bins=1) == pytest.approx(0.3)


def test_certainty_belongs_to_the_last_bin() -> None:
    assert expected_calibration_error(np.array([0, 0]), binary([1.0, 1.0])) == 0.0
    assert expected_calibration_error(np.array([1, 1]), binary([1.0, 1.0])) == 1.0


def test_well_calibrated_answers_have_a_small_error() -> None:
    generator = np.random.default_rng(5)
    confidence = generator.uniform(0.5, 1, 20_000)
    truth = (generator.random(20_000) > confidence).astype(int)
    assert expected_calibration_error(truth, binary(confidence.tolist())) < 0.02


@given(st.integers(0, 2**32), st.integers(1, 50), st.integers(1, 2 * ECE_BINS))
def test_the_calibration_error_is_a_share(seed: int, rows: int, bins: int) -> None:
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.ones(4), rows)
    truth = generator.integers(0, 4, rows)
    assert 0 <= expected_calibration_error(truth, probabilities, bins) <= 1
