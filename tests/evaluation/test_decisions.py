"""Decisions, thresholds and the risk–coverage curve on rows that can be counted by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from evaluation.answers import Answers
from evaluation.decisions import decision_figures, risk_coverage, threshold_table
from evaluation.evaluate import Evaluation
from triage.prediction import Decision

Answered = Callable[..., Answers]
ROUTE, REVIEW, BOTH = Decision.ROUTE, Decision.REVIEW, Decision.ROUTE_AND_REVIEW
RIGHT, WRONG = ("voirie", "voirie", "haute"), ("graffiti", "voirie", "haute")
URGENT = ("voirie", "voirie", "critique")


@pytest.fixture
def answers(answered: Answered) -> Answers:
    cases: dict[str, Any] = {
        "a": (RIGHT, RIGHT, ROUTE, 0.9),
        "b": (RIGHT, RIGHT, ROUTE, 0.8),
        "c": (RIGHT, WRONG, REVIEW, 0.7),
        "d": (RIGHT, RIGHT, REVIEW, 0.6),
        "e": (RIGHT, URGENT, BOTH, 0.95),
        "f": (URGENT, RIGHT, REVIEW, 0.75),
    }
    return answered(cases)


def test_decisions_are_counted_with_their_bounds(evaluation: Evaluation) -> None:
    found = decision_figures(evaluation.answers)
    assert (found.routed.hits, found.routed.total) == (4, 6)
    assert (found.routed_error.hits, found.routed_error.total) == (2, 4)
    assert (found.urgent_caught.hits, found.urgent_caught.total) == (1, 3)
    # Of 3 urgent alerts 1 is caught: at the bound, 1 or more of 3 have a chance of one in ten.
    assert found.urgent_caught.lower == pytest.approx(1 - 0.9 ** (1 / 3))
    assert (found.others_flagged.hits, found.others_flagged.total) == (1, 6)


def test_each_threshold_routes_what_reaches_it_and_is_not_possibly_urgent(answers: Answers) -> None:
    lines = {line.threshold: line for line in threshold_table(answers, 0.8, 600, grid=(0.0, 0.7, 0.85))}
    counts = {
        threshold: (line.coverage.hits, line.coverage.total, line.error.hits, line.urgent_routed)
        for threshold, line in lines.items()
    }
    # "e" is surest but possibly urgent; "f" is urgent, and routed from 0.75 down.
    assert counts == {0.0: (4, 5, 1, 1), 0.7: (3, 5, 1, 1), 0.8: (2, 5, 0, 0), 0.85: (1, 5, 0, 0)}


def test_what_is_not_routed_is_the_review_load(answers: Answers) -> None:
    reviews = [line.reviews_per_day for line in threshold_table(answers, 0.8, 600, grid=(0.0, 0.7, 0.85))]
    # Routed of six: 5, 4, 2 and 1.
    assert reviews == pytest.approx([100, 200, 400, 500])


def test_the_line_that_ships_is_what_was_decided(answers: Answers) -> None:
    [line] = [line for line in threshold_table(answers, 0.65, 600, grid=(0.65, 0.9)) if line.ships]
    assert line.threshold == 0.65
    assert line.coverage.hits == 2


def test_the_table_ascends_and_holds_the_shipped_threshold_once(answers: Answers) -> None:
    thresholds = [line.threshold for line in threshold_table(answers, 0.7, 1)]
    assert thresholds == sorted(set(thresholds))
    assert 0.7 in thresholds


def test_risk_grows_as_surer_alerts_are_followed_by_less_sure_ones(answers: Answers) -> None:
    curve = risk_coverage(answers)
    # The surest first: e, a, b right, c wrong, d right.
    assert curve.coverage.tolist() == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert curve.risk.tolist() == pytest.approx([0, 0, 0, 1 / 4, 1 / 5])
    assert curve.area == pytest.approx((1 / 4 + 1 / 5) / 5)
    assert curve.least_area == pytest.approx((1 / 5) / 5)


def test_what_the_policy_holds_back_is_never_covered(answers: Answers) -> None:
    curve = risk_coverage(answers, holding=True)
    assert curve.coverage.tolist() == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert curve.risk.tolist() == pytest.approx([0, 0, 1 / 3, 1 / 4])


def test_errors_among_equally_sure_alerts_are_spread_evenly(answered: Answered) -> None:
    for codes in ((RIGHT, WRONG), (WRONG, RIGHT)):
        cases = {name: (RIGHT, answer, ROUTE, 0.8) for name, answer in zip("ab", codes, strict=True)}
        assert risk_coverage(answered(cases)).risk.tolist() == pytest.approx([0.5, 0.5])


def test_without_alerts_that_are_not_urgent_there_is_no_curve(answered: Answered) -> None:
    curve = risk_coverage(answered({"a": (URGENT, URGENT, BOTH, 0.8)}))
    assert len(curve.coverage) == 0
    assert curve.area == 0.0


def test_the_curve_ends_at_the_share_of_all_errors(evaluation: Evaluation) -> None:
    answers = evaluation.answers
    assert risk_coverage(answers).risk[-1] == pytest.approx(np.mean(answers.misrouted[~answers.urgent]))
