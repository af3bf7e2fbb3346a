"""Thresholds of a bundle: probabilities, fixed once read."""

import math

import pytest
from pydantic import ValidationError

from triage.policy import Thresholds

THRESHOLDS = Thresholds(category=0.8, department=0.7, urgent=0.2, error_rate=0.05, unknown_language=0.6)


@pytest.mark.parametrize(
    "change",
    [
        {"category": -0.1},
        {"department": 1.1},
        {"urgent": math.nan},
        {"category": math.inf},
        {"error_rate": 0},
        {"error_rate": 1},
        {"error_rate": math.nan},
        {"unknown_language": 0},
        {"unknown_language": math.nan},
        {"priority": 0.5},
    ],
)
def test_thresholds_that_are_no_probabilities_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Thresholds.model_validate({**THRESHOLDS.model_dump(), **change})


def test_thresholds_cannot_be_changed_once_read() -> None:
    with pytest.raises(ValidationError):
        THRESHOLDS.category = 0.1  # type: ignore[misc]


def test_a_language_is_unknown_from_one_half_where_a_bundle_says_nothing() -> None:
    older = THRESHOLDS.model_dump(exclude={"unknown_language"})
    assert Thresholds.model_validate(older).unknown_language == 0.5
