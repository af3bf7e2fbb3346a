"""The additive model: every answer is a sum that can be read."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.duplicates.additive import AdditiveModel, Term, order_by, probability

DISTANCE = {"measures": ("distance",), "edges": ((10.0, 50.0),), "scores": (0.5, 2.0, 0.0, -2.0)}
# The first measure has steps: missing, below 10, from 10. The second: missing, below 0, from 0.
BOTH = {
    "measures": ("distance", "meaning"),
    "edges": ((10.0,), (0.0,)),
    "scores": (1, 2, 3, 4, 5, 6, 7, 8, 9),
}
MODEL = AdditiveModel(intercept=0.25, terms=(Term(**DISTANCE), Term(**BOTH)))


@pytest.mark.parametrize(
    ("value", "score"), [(None, 0.5), (math.nan, 0.5), (-5, 2), (9.9, 2), (10, 0), (49, 0), (50, -2), (math.inf, -2)]
)
def test_a_value_has_the_score_of_its_step_and_a_missing_one_its_own(value: float | None, score: float) -> None:
    assert Term(**DISTANCE).score({"distance": value}) == score


@pytest.mark.parametrize(
    ("distance", "meaning", "score"),
    [(None, None, 1), (None, -1, 2), (None, 1, 3), (5, None, 4), (5, -1, 5), (5, 1, 6), (20, None, 7), (20, 1, 9)],
)
def test_the_second_of_two_measures_runs_fastest(distance: float | None, meaning: float | None, score: float) -> None:
    assert Term(**BOTH).score({"distance": distance, "meaning": meaning}) == score


@given(st.floats(-1e6, 1e6) | st.none(), st.floats(-9, 9) | st.none())
def test_the_logit_is_the_sum_of_what_each_term_adds(distance: float | None, meaning: float | None) -> None:
    measures = {"distance": distance, "meaning": meaning, "unused": 3.0}
    assert MODEL.logit(measures) == pytest.approx(0.25 + sum(MODEL.contributions(measures)))


def test_it_says_which_measures_it_reads() -> None:
    assert MODEL.requires() == {"distance", "meaning"}


def test_a_model_without_terms_answers_its_intercept() -> None:
    assert AdditiveModel(intercept=-1.5, terms=()).logit({}) == -1.5


def test_a_model_comes_back_from_json() -> None:
    assert AdditiveModel.model_validate_json(MODEL.model_dump_json()) == MODEL


@pytest.mark.parametrize(
    "change",
    [
        {"scores": (0.5, 2.0, 0.0)},
        {"edges": ((10.0,),)},
        {"edges": ((50.0, 10.0),)},
        {"edges": ((10.0, 50.0), ())},
        {"edges": ((math.nan, 50.0),)},
        {"scores": (0.5, 2.0, 0.0, math.inf)},
        {"measures": ()},
        {"measures": ("a", "b", "c")},
        {"weights": ()},
    ],
)
def test_a_term_that_contradicts_itself_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Term(**{**DISTANCE, **change})


@pytest.mark.parametrize(("logit", "expected"), [(0, 0.5), (2, 0.880797), (-1e9, 0), (1e9, 1)])
def test_a_logit_becomes_a_probability_without_overflow(logit: float, expected: float) -> None:
    assert probability(logit) == pytest.approx(expected, abs=1e-6)


def test_the_highest_score_comes_first_and_equal_ones_keep_their_order() -> None:
    assert order_by([1.0, 3.0, 1.0, 3.0]) == [1, 3, 0, 2]
