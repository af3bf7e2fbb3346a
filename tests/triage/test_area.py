"""Where an alert comes from: outside the city it is looked at by staff, without a place nothing is compared."""

import pytest

from triage.area import judge_place
from triage.places import Box
from triage.prediction import Alternative, Answer, Decision, ModelInfo, Prediction

CITY = Box(4.85, 47.20, 5.25, 47.45)


def prediction(decision: Decision, *reasons: str) -> Prediction:
    answer = Answer(code="a", confidence=0.9, alternatives=(Alternative(code="b", confidence=0.1),))
    model = ModelInfo(name="none", version="1", taxonomy=1, bundle_sha256="0")
    return Prediction(
        id="1", category=answer, department=answer, priority=answer, decision=decision, reasons=reasons, model=model
    )


@pytest.mark.parametrize(("lat", "lon"), [(47.3216, 5.0415), (47.20, 4.85), (47.45, 5.25)])
def test_a_place_in_the_city_or_on_its_edge_changes_nothing(lat: float, lon: float) -> None:
    said = prediction(Decision.ROUTE)
    assert judge_place(said, lat, lon, CITY) == said


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Decision.ROUTE, Decision.REVIEW),
        (Decision.REVIEW, Decision.REVIEW),
        (Decision.ROUTE_AND_REVIEW, Decision.ROUTE_AND_REVIEW),
    ],
)
@pytest.mark.parametrize(("lat", "lon"), [(48.85, 2.35), (47.199, 5.0), (47.3, 5.251), (-47.3, 5.0), (90.0, 180.0)])
def test_a_place_outside_is_flagged_and_reviewed_but_a_danger_still_goes_out(
    before: Decision, after: Decision, lat: float, lon: float
) -> None:
    judged = judge_place(prediction(before, "too_vague"), lat, lon, CITY)
    assert (judged.decision, judged.reasons) == (after, ("too_vague", "outside_area"))


@pytest.mark.parametrize("decision", Decision)
def test_a_missing_place_is_said_and_changes_no_decision(decision: Decision) -> None:
    judged = judge_place(prediction(decision), None, None, CITY)
    assert (judged.decision, judged.reasons) == (decision, ("no_place",))
