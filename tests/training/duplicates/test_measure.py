"""How a part is measured on what its models never saw, against cases counted by hand."""

from datetime import UTC, datetime

import numpy as np
import pytest

from evaluation.duplicate_corpus import LinkedReport
from evaluation.duplicate_figures import PairFigures
from models.duplicates.additive import AdditiveModel, probability
from training.duplicates.fit import PairSet
from training.duplicates.measure import ThresholdFigures, _best, _figures, _ranked
from training.duplicates.part import MeasuredCase, MeasuredPairs, held_out_probabilities, pair_weights


def case(*distances: float, original: int) -> MeasuredCase:
    return MeasuredCase([{"distance": value} for value in distances], original, 0)


def ranked(*cases: MeasuredCase) -> tuple[float, float]:
    return _ranked(cases, lambda one: [-(row["distance"] or 0.0) for row in one.rows])


def test_the_share_of_originals_that_come_first_and_among_five() -> None:
    first = case(1, 2, 3, original=0)
    third = case(3, 1, 2, original=0)
    sixth = case(6, 1, 2, 3, 4, 5, original=0)
    assert ranked(first, first, third, sixth) == (0.5, 0.75)


def test_of_candidates_that_are_as_good_the_nearer_one_comes_first() -> None:
    # Candidates stand nearest first, as a rank keeps them.
    assert ranked(case(1, 1, original=0)) == (1, 1)
    assert ranked(case(1, 1, original=1)) == (0, 1)


def test_no_case_has_no_figure() -> None:
    assert ranked() == (0, 0)


def test_pairs_of_two_faults_count_as_often_as_on_a_street() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    faults = {"a": "s1/A", "b": "s1/A", "c": "s1/B", "d": "s1/C"}
    scenes = [
        LinkedReport(name, "", 47.3, 5.0, moment, "voirie", fault, "hand", False, None)
        for name, fault in faults.items()
    ]
    found = {frozenset(pair) for pair in ("ab", "ac", "bc", "cd")}
    figures = _figures(0.6, found, scenes, share=0.5)
    assert (figures.raw.precision, figures.raw.recall, figures.raw.f1) == pytest.approx((1 / 4, 1, 2 / 5))
    # Three wrong pairs count as one and a half.
    adjusted = figures.adjusted
    assert (adjusted.precision, adjusted.recall, adjusted.f1) == pytest.approx((1 / 2.5, 1, 2 / 3.5))


def at(threshold: float, precision: float, f1: float) -> ThresholdFigures:
    return ThresholdFigures(threshold, PairFigures(0, 0, 0), PairFigures(precision, 0.5, f1))


def test_the_threshold_is_the_best_of_those_that_are_precise_enough() -> None:
    curve = [at(0.4, 0.80, 0.7), at(0.5, 0.86, 0.65), at(0.6, 0.9, 0.6)]
    assert _best(curve, 0.86).threshold == 0.5
    assert _best(curve, 0.95).threshold == 0.4, "where none is precise enough, the best of all"


def measured(*rows: tuple[float, float, bool, bool]) -> MeasuredPairs:
    """Pairs by distance, gap, same fault and same category, in two groups by turns."""
    count = len(rows)
    positions = np.arange(count)
    truth, category = np.array([row[2] for row in rows]), np.array([row[3] for row in rows])
    pairs = PairSet(positions, positions, truth, category, positions, np.ones(count))
    return MeasuredPairs([{"distance": row[0], "gap": row[1]} for row in rows], pairs, positions % 2)


def test_hard_pairs_together_weigh_as_much_as_duplicates() -> None:
    near, far, late = (10, 5, False, True), (160, 5, False, True), (10, 800, False, True)
    found = pair_weights(measured((10, 5, True, True), near, near, near, near, far, late, (10, 5, False, False)))
    # One duplicate to four hard pairs: each of these weighs a quarter, a pair of two categories twice.
    assert found.tolist() == [1] + [0.25] * 4 + [1, 1, 2]


def test_hard_pairs_that_are_rare_weigh_no_more_than_one() -> None:
    assert pair_weights(measured((10, 5, True, True), (10, 5, True, True), (10, 5, False, True))).max() == 1


def test_each_pair_is_judged_by_the_model_that_never_saw_it() -> None:
    models = [AdditiveModel(intercept=0.0, terms=()), AdditiveModel(intercept=2.0, terms=())]
    found = held_out_probabilities(measured(*[(1, 1, True, True)] * 3), models)
    assert found == [0.5, probability(2.0), 0.5]
