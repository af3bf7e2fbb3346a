"""Calibration: probabilities that sum to one, keep the order and soften with the temperature."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from models.calibration import Calibration, softmax
from triage.taxonomy import HEADS, Head

LOGITS = np.array([[2.0, 1.0, -1.0], [0.0, 0.0, 0.0]], dtype=np.float32)

rows = st.lists(st.floats(-100, 100, width=32), min_size=1, max_size=8)


def calibration(temperature: float) -> Calibration:
    return Calibration(temperatures=dict.fromkeys(HEADS, temperature))


def test_a_temperature_of_one_is_the_plain_softmax() -> None:
    expected = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(calibration(1.0).probabilities("category", LOGITS), expected, rtol=1e-6)


def test_equal_logits_give_equal_probabilities() -> None:
    np.testing.assert_allclose(softmax(LOGITS)[1], 1 / 3, rtol=1e-6)


def test_the_shape_and_the_precision_of_the_logits_are_kept() -> None:
    found = calibration(2.0).probabilities("category", LOGITS)
    assert found.shape == LOGITS.shape
    assert found.dtype == np.float32


def test_no_alert_gives_no_probability() -> None:
    assert softmax(np.empty((0, 4), dtype=np.float32)).shape == (0, 4)


@pytest.mark.parametrize("largest", [1e4, 1e30, 3e38])
def test_huge_logits_do_not_overflow(largest: float) -> None:
    found = softmax(np.array([[largest, 0.0, -largest / 10]], dtype=np.float32))
    np.testing.assert_allclose(found, [[1.0, 0.0, 0.0]])


def test_a_code_that_is_ruled_out_gets_probability_zero() -> None:
    np.testing.assert_allclose(softmax(np.array([[0.0, -math.inf, 0.0]])), [[0.5, 0.0, 0.5]])


def test_a_higher_temperature_is_less_sure() -> None:
    sure, unsure = (calibration(value).probabilities("category", LOGITS)[0].max() for value in (0.5, 4.0))
    assert sure > unsure > 1 / 3


def test_each_head_has_its_own_temperature() -> None:
    both = Calibration(temperatures={"category": 1.0, "department": 1.0, "priority": 3.0})
    assert both.probabilities("category", LOGITS)[0, 0] > both.probabilities("priority", LOGITS)[0, 0]


@settings(max_examples=100, deadline=None)
@given(rows, st.floats(0.05, 20))
def test_probabilities_sum_to_one_and_keep_the_order_of_the_logits(values: list[float], temperature: float) -> None:
    logits = np.array([values], dtype=np.float64)
    found = calibration(temperature).probabilities("category", logits)[0]
    assert math.isclose(found.sum(), 1.0, rel_tol=1e-9)
    assert (found >= 0).all()
    assert (np.diff(found[np.argsort(logits[0])]) >= 0).all()


@settings(max_examples=50, deadline=None)
@given(rows, st.floats(-50, 50))
def test_adding_a_constant_to_all_logits_changes_nothing(values: list[float], constant: float) -> None:
    logits = np.array([values], dtype=np.float64)
    np.testing.assert_allclose(softmax(logits), softmax(logits + constant), atol=1e-9)


@pytest.mark.parametrize(
    "temperatures",
    [{**dict.fromkeys(HEADS, 1.0), **odd} for odd in ({"category": "warm"}, {"category": None}, {"colour": 1.0})]
    + [{}, [1.0], None],
)
def test_a_calibration_of_another_type_is_refused(temperatures: object) -> None:
    with pytest.raises(ValidationError):
        Calibration.model_validate({"temperatures": temperatures})


@pytest.mark.parametrize("head", HEADS)
def test_a_calibration_that_lacks_a_head_is_refused_by_name(head: Head) -> None:
    with pytest.raises(ValidationError, match=f"no temperature for {head}"):
        Calibration(temperatures={other: 1.0 for other in HEADS if other != head})


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.nan, math.inf])
def test_a_temperature_that_is_not_positive_and_finite_is_refused(temperature: float) -> None:
    with pytest.raises(ValidationError):
        calibration(temperature)


def test_a_calibration_is_written_and_read_back_as_itself() -> None:
    found = Calibration(temperatures={"category": 1.25, "department": 0.5, "priority": 2.0})
    assert Calibration.model_validate_json(found.model_dump_json()) == found
