"""The answer: its JSON is a contract that only grows."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from triage.prediction import Alternative, Answer, Decision, Duplicate, PhotoAnswer, Prediction

CONTRACT: dict[str, Any] = {
    "id": "a-1",
    "category": {
        "code": "voirie",
        "confidence": 0.93,
        "alternatives": [{"code": "signalisation", "confidence": 0.04}],
    },
    "department": {"code": "voirie", "confidence": 0.95, "alternatives": []},
    "priority": {"code": "haute", "confidence": 0.81, "alternatives": []},
    "decision": "route",
    "reasons": [],
    "photos": [{"label": "voirie", "confidence": 0.7, "abstains": False, "alternatives": []}],
    "duplicates": [
        {
            "id": "a-0",
            "probability": 0.91,
            "distance_m": 14.2,
            "age_hours": 30.5,
            "evidence": ["same category", "within 25 m", "text very similar"],
        }
    ],
    "model": {"name": "ondijon", "version": "3", "taxonomy": 1, "bundle_sha256": "0" * 64},
}


def prediction(**changes: Any) -> Prediction:
    return Prediction.model_validate_json(json.dumps({**CONTRACT, **changes}))


def test_the_answer_of_the_contract_is_read_and_written_back_unchanged() -> None:
    assert json.loads(prediction().model_dump_json()) == CONTRACT


def test_the_keys_are_written_in_the_order_of_the_contract() -> None:
    assert list(json.loads(prediction().model_dump_json())) == list(CONTRACT)


def test_photos_and_duplicates_may_be_left_out_and_are_then_empty() -> None:
    short = {key: value for key, value in CONTRACT.items() if key not in {"photos", "duplicates"}}
    found = Prediction.model_validate(short)
    assert (found.photos, found.duplicates) == ((), ())


def test_the_decisions_are_the_three_of_the_contract() -> None:
    assert [str(decision) for decision in Decision] == ["route", "review", "route_and_review"]


@pytest.mark.parametrize("confidence", [-0.001, 1.001, math.nan, math.inf, -math.inf, None, "high"])
def test_a_confidence_that_is_no_probability_is_refused(confidence: Any) -> None:
    with pytest.raises(ValidationError, match="confidence"):
        Alternative.model_validate({"code": "voirie", "confidence": confidence})
    with pytest.raises(ValidationError, match="confidence"):
        Answer.model_validate({"code": "voirie", "confidence": confidence, "alternatives": ()})
    with pytest.raises(ValidationError, match="confidence"):
        PhotoAnswer.model_validate({**CONTRACT["photos"][0], "confidence": confidence})


@pytest.mark.parametrize("probability", [-0.1, 1.1, math.nan])
def test_a_duplicate_needs_a_probability(probability: float) -> None:
    with pytest.raises(ValidationError, match="probability"):
        Duplicate.model_validate({**CONTRACT["duplicates"][0], "probability": probability})


@pytest.mark.parametrize("field", ["id", "category", "department", "priority", "decision", "reasons", "model"])
def test_a_missing_field_is_refused(field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        Prediction.model_validate({key: value for key, value in CONTRACT.items() if key != field})


@pytest.mark.parametrize("change", [{"colour": "red"}, {"decision": "wait"}, {"model": {}}, {"category": "voirie"}])
def test_an_unknown_field_or_value_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        prediction(**change)


def test_an_answer_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        prediction().decision = Decision.REVIEW  # type: ignore[misc]


@settings(max_examples=50, deadline=None)
@given(name=st.text(min_size=1, max_size=30), confidence=st.floats(0, 1), decision=st.sampled_from(Decision))
def test_any_answer_is_written_and_read_back_as_itself(name: str, confidence: float, decision: Decision) -> None:
    category = {"code": "voirie", "confidence": confidence, "alternatives": []}
    found = prediction(id=name, category=category, decision=decision)
    assert Prediction.model_validate_json(found.model_dump_json()) == found
