"""Temperatures and thresholds: what is promised on held-out rows holds on them, and on most draws of them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from training.calibration import NEVER, HeldOut, Promise, choose_thresholds, fit_temperature, routing_threshold
from triage.policy import Thresholds

PROMISE = Promise(error_rate=0.05, certainty=0.9, urgent_recall=0.95)
URGENT = 0

# MAPIE warns where every threshold that was tried keeps the promise, and where no row is left to route.
pytestmark = [
    pytest.mark.filterwarnings("ignore:All provided predict_params control the risk"),
    pytest.mark.filterwarnings("ignore:All predictions are either 0 or 1"),
]


def sampled(temperature: float, rows: int = 4000, classes: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Logits whose true probabilities are their softmax at `temperature`, and labels drawn from those."""
    generator = np.random.default_rng(13)
    logits = generator.normal(0, 3, (rows, classes))
    probabilities = softmax(logits / temperature, axis=1)
    truth = np.array([generator.choice(classes, p=row) for row in probabilities])
    return logits, truth


def held_out(confidence: np.ndarray, right: np.ndarray) -> HeldOut:
    """Rows of two classes whose best is class 0 at these confidences."""
    return HeldOut(np.stack([confidence, 1 - confidence], axis=1), np.where(right, 0, 1))


def priorities(urgency: np.ndarray, urgent: np.ndarray) -> HeldOut:
    """Rows of three priorities; what is not urgent's is shared by two, so that urgency is soon the likeliest."""
    rest = (1 - urgency) / 2
    return HeldOut(np.stack([urgency, rest, rest], axis=1), np.where(urgent, URGENT, 1))


def calm(rows: int) -> HeldOut:
    return priorities(np.zeros(rows), np.zeros(rows, bool))


def thresholds(
    confidence: np.ndarray,
    right: np.ndarray,
    department_right: np.ndarray | None = None,
    priority: HeldOut | None = None,
    promise: Promise = PROMISE,
) -> Thresholds:
    rows = len(confidence)
    department = held_out(confidence, np.ones(rows, bool) if department_right is None else department_right)
    return choose_thresholds(held_out(confidence, right), department, priority or calm(rows), URGENT, promise)


def grid(rows: int) -> np.ndarray:
    """Different confidences of three decimals, from 0.5 upwards."""
    return np.round(0.5 + np.arange(rows) / 1000, 3)


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


# Held-out rows


def test_a_row_is_correct_where_its_likeliest_class_is_true_and_confidence_has_four_decimals() -> None:
    rows = HeldOut(np.array([[0.12344, 0.87656], [0.60001, 0.39999]]), np.array([1, 1]))
    assert rows.correct.tolist() == [True, False]
    assert rows.confidence.tolist() == [0.8766, 0.6]


# What is routed


def test_everything_right_is_routed() -> None:
    assert thresholds(grid(400), np.ones(400, bool)).category <= 0.5


def test_nothing_is_routed_on_the_word_of_a_few_rows() -> None:
    # The first threshold tried routes two in five. Without a single error it takes 45 rows to
    # promise 5 % with certainty 0.9: 0.95 ** 44 = 0.105, 0.95 ** 45 = 0.099.
    assert thresholds(grid(109), np.ones(109, bool)).category == NEVER  # of which 44
    assert thresholds(grid(111), np.ones(111, bool)).category <= 0.5  # of which 45


def test_nothing_is_routed_where_every_threshold_errs_too_much() -> None:
    found = thresholds(grid(400), np.arange(400) % 2 == 0)
    assert found.category == found.department == NEVER


def test_where_nothing_may_be_routed_a_confidence_of_nearly_one_is_not_either() -> None:
    assert thresholds(np.full(100, 0.9999), np.zeros(100, bool)).category == NEVER > 1


def test_a_wrong_department_counts_as_much_as_a_wrong_category() -> None:
    confidence, everywhere = grid(490), np.ones(490, bool)
    right = confidence > 0.75
    found = thresholds(confidence, right)
    assert 0.5 < found.category < 0.75
    assert found == thresholds(confidence, everywhere, right)


def test_the_less_sure_of_the_two_heads_decides() -> None:
    sure, right = np.full(400, 0.99), np.ones(400, bool)
    right[:230] = False
    department = held_out(np.where(right, 0.9, 0.6), np.ones(400, bool))
    found = choose_thresholds(held_out(sure, right), department, calm(400), URGENT, PROMISE)
    assert 0.6 < found.category <= 0.9


def test_one_threshold_serves_both_heads_and_the_rate_is_stated() -> None:
    found = thresholds(grid(400), np.ones(400, bool))
    assert found.category == found.department
    assert found.error_rate == PROMISE.error_rate


def test_rows_of_equal_confidence_are_routed_or_held_together() -> None:
    confidence = np.repeat([0.95, 0.8], 200)
    right = np.concatenate([np.ones(200, bool), np.arange(200) >= 60])
    assert 0.8 < thresholds(confidence, right).category <= 0.95


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(150, 600), st.floats(0.02, 0.3))
def test_the_routed_of_the_rows_given_keep_the_error_rate(seed: int, rows: int, worst: float) -> None:
    confidence, right = drawn(np.random.default_rng(seed), rows, worst)
    routed = confidence >= routing_threshold(confidence, right, PROMISE)
    assert (~right[routed]).sum() <= PROMISE.error_rate * routed.sum()


def drawn(generator: np.random.Generator, rows: int, worst: float = 0.16) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose chance of error is what their confidence says, spread evenly from none to `worst`."""
    error = worst * generator.random(rows)
    return np.round(1 - error, 4), generator.random(rows) >= error


@pytest.mark.parametrize("certainty", [0.5, 0.9])
def test_the_promised_error_holds_in_the_promised_share_of_many_draws(certainty: float) -> None:
    # Above a threshold t the chance of error is spread evenly from 0 to 1 - t, so half of 1 - t of
    # the routed are wrong in the long run: the promise is kept where t is 0.9 or more.
    generator, promise = np.random.default_rng(13), replace(PROMISE, certainty=certainty)
    found = np.array([routing_threshold(*drawn(generator, 800), promise) for _ in range(200)])
    assert (found >= 0.9).mean() >= certainty
    assert (found < NEVER).mean() > 0.4, "a promise is easily kept by routing nothing"


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.floats(0.5, 0.98), st.floats(0.5, 0.98))
def test_a_more_certain_promise_never_routes_more(seed: int, one: float, other: float) -> None:
    confidence, right = drawn(np.random.default_rng(seed), 500)
    loose, strict = (
        routing_threshold(confidence, right, replace(PROMISE, certainty=certainty))
        for certainty in sorted((one, other))
    )
    assert strict >= loose


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.floats(0.02, 0.2), st.floats(0.02, 0.2))
def test_a_lower_error_rate_never_routes_more(seed: int, one: float, other: float) -> None:
    confidence, right = drawn(np.random.default_rng(seed), 500)
    strict, loose = (
        routing_threshold(confidence, right, replace(PROMISE, error_rate=rate)) for rate in sorted((one, other))
    )
    assert strict >= loose


# Urgent


def flagged_beside(rows: int, flagged: int) -> HeldOut:
    """So many rows that are answered urgent, before others that are nothing like it."""
    urgency = np.where(np.arange(rows) < flagged, 0.9, 0.01)
    return priorities(urgency, urgency > 0.5)


def test_wrong_answers_to_what_is_flagged_do_not_keep_others_from_being_routed() -> None:
    confidence, right = np.full(400, 0.95), np.arange(400) >= 200
    assert thresholds(confidence, right).category == NEVER
    assert thresholds(confidence, right, priority=flagged_beside(400, 200)).category <= 0.95


def test_right_answers_to_what_is_flagged_do_not_make_up_for_others() -> None:
    confidence, right = np.full(1000, 0.95), np.arange(1000) < 990  # 10 wrong, all of them unflagged
    assert thresholds(confidence, right).category <= 0.95
    assert thresholds(confidence, right, priority=flagged_beside(1000, 900)).category == NEVER


def test_where_everything_is_flagged_nothing_is_routed() -> None:
    assert thresholds(np.full(400, 0.95), np.ones(400, bool), priority=flagged_beside(400, 400)).category == NEVER


@settings(deadline=None)
@given(st.integers(0, 2**32), st.integers(150, 300), st.floats(0.5, 1.0))
def test_the_stated_share_of_urgent_rows_reaches_the_threshold(seed: int, rows: int, recall: float) -> None:
    generator = np.random.default_rng(seed)
    urgency, urgent = generator.random(rows), generator.random(rows) < 0.4
    promise = replace(PROMISE, urgent_recall=recall)
    found = thresholds(np.full(rows, 0.9), np.ones(rows, bool), priority=priorities(urgency, urgent), promise=promise)
    assert (np.round(urgency[urgent], 4) >= found.urgent).mean() >= recall - 1e-9


def test_where_all_urgent_rows_must_be_caught_the_least_of_them_sets_the_threshold() -> None:
    priority = priorities(np.array([0.9, 0.2345, 0.1, 0.8]), np.array([True, True, False, False]))
    promise = replace(PROMISE, urgent_recall=1.0)
    found = thresholds(np.full(4, 0.9), np.ones(4, bool), priority=priority, promise=promise)
    assert found.urgent == pytest.approx(0.234)


def test_of_twenty_urgent_rows_one_may_be_missed() -> None:
    urgency = np.concatenate([np.arange(1, 21) / 50, np.zeros(180)])  # 0.02, 0.04, … 0.4
    priority = priorities(urgency, np.arange(200) < 20)
    assert thresholds(np.full(200, 0.9), np.ones(200, bool), priority=priority).urgent == pytest.approx(0.04)


def test_without_an_urgent_row_the_threshold_is_one_half() -> None:
    assert thresholds(np.full(200, 0.9), np.ones(200, bool)).urgent == 0.5
