"""Figures of a photo model on cases that can be worked out by hand, and beside scikit-learn's."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from evaluation.photo_figures import COVERAGE, PhotoFigures, photo_figures

# Three labels, the last one that of irrelevant pictures. Likeliest: 0, 1, 1, 2, 0; the third is wrong, the last too.
PROBABILITIES = np.array([[0.9, 0.05, 0.05], [0.1, 0.8, 0.1], [0.3, 0.6, 0.1], [0.1, 0.2, 0.7], [0.5, 0.1, 0.4]], float)
TRUTH = np.array([0, 1, 0, 2, 2])


def figures(abstains_below: float = 0.65, weights: tuple[float, ...] = (1, 1, 1, 1, 1)) -> PhotoFigures:
    return photo_figures(PROBABILITIES, TRUTH, 2, abstains_below, np.array(weights, float))


def test_figures_by_hand() -> None:
    found = figures()
    assert found.accuracy == pytest.approx(3 / 5)
    # Label 0: one of two found, one of two right. Label 1: one found of one, one of two right. Label 2: one of two.
    assert found.f1 == pytest.approx((1 / 2, 2 / 3, 2 / 3))
    assert found.macro_f1 == pytest.approx((1 / 2 + 2 / 3 + 2 / 3) / 3)
    # Three pictures reach 0.65, and all three are right; 55 % of five are two, the surest.
    assert found.covered == pytest.approx(3 / 5)
    assert found.covered_accuracy == 1
    assert found.accuracy_at_coverage == 1
    assert found.relevant_auroc == 1  # both irrelevant pictures are likelier irrelevant than all others


def test_weights_count_a_picture_several_times() -> None:
    once = figures(weights=(1, 1, 3, 1, 1))
    repeated = [0, 1, 2, 2, 2, 3, 4]
    thrice = photo_figures(PROBABILITIES[repeated], TRUTH[repeated], 2, 0.65, np.ones(7))
    assert once.metrics("photo") == pytest.approx(thrice.metrics("photo"))
    assert once.accuracy == pytest.approx(3 / 7)


def test_the_coverage_is_a_share_of_weights() -> None:
    # The two surest pictures weigh more than the coverage together, so only the surest is counted.
    found = figures(weights=(2, 3, 1, 1, 1))
    assert found.accuracy_at_coverage == 1
    assert 2 / 8 <= COVERAGE < 5 / 8


@pytest.mark.parametrize(("threshold", "covered", "accuracy"), [(0.0, 1.0, 0.6), (0.9, 0.2, 1.0), (1.01, 0.0, 0.0)])
def test_a_model_that_abstains_more_covers_less(threshold: float, covered: float, accuracy: float) -> None:
    found = figures(threshold)
    assert found.covered == pytest.approx(covered)
    assert found.covered_accuracy == pytest.approx(accuracy)


def test_a_confidence_on_the_threshold_is_covered() -> None:
    assert figures(0.9).covered == pytest.approx(1 / 5)


@pytest.mark.parametrize("truth", [[0, 1, 0, 1, 0], [2, 2, 2, 2, 2]], ids=["none is irrelevant", "all are"])
def test_where_all_or_none_are_irrelevant_nothing_is_told_apart(truth: list[int]) -> None:
    found = photo_figures(PROBABILITIES, np.array(truth), 2, 0.5, np.ones(5))
    assert math.isnan(found.relevant_auroc)
    assert "photo_relevant_auroc" not in found.metrics("photo")  # a manifest holds finite figures only


def test_a_label_that_never_occurs_and_is_never_answered_counts_as_zero_without_a_warning() -> None:
    found = photo_figures(np.array([[0.9, 0.1, 0.0]]), np.array([0]), 2, 0.5, np.ones(1))
    assert found.f1 == (1, 0, 0)


def test_figures_have_names_of_their_own() -> None:
    metrics = figures().metrics("photo")
    assert metrics["photo_macro_f1"] == pytest.approx(figures().macro_f1)
    assert metrics["photo_worst_f1"] == pytest.approx(1 / 2)
    assert metrics["photo_accuracy_at_55"] == 1
    assert len(metrics) == 7
    assert all(name.startswith("photo_") for name in metrics)


@given(st.integers(0, 2**32), st.integers(2, 60), st.integers(2, 5))
def test_figures_are_those_of_scikit_learn(seed: int, rows: int, labels: int) -> None:
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.ones(labels), rows)
    truth, weights = generator.integers(0, labels, rows), generator.uniform(0.2, 3, rows)
    found = photo_figures(probabilities, truth, 0, 0.5, weights)
    predicted = probabilities.argmax(axis=1)
    options = {"labels": range(labels), "average": "macro", "sample_weight": weights, "zero_division": 0}
    assert found.macro_f1 == pytest.approx(f1_score(truth, predicted, **options))
    assert found.accuracy == pytest.approx(accuracy_score(truth, predicted, sample_weight=weights))
    covered = probabilities.max(axis=1) >= 0.5
    if covered.any():
        expected = accuracy_score(truth[covered], predicted[covered], sample_weight=weights[covered])
        assert found.covered_accuracy == pytest.approx(expected)
    if 0 < (truth == 0).sum() < rows:
        expected = roc_auc_score(truth == 0, probabilities[:, 0], sample_weight=weights)
        assert found.relevant_auroc == pytest.approx(expected)
