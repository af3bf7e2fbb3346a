"""Where an alert comes from, and what follows: the same over HTTP and on the command line."""

from typing import TypeVar

from triage.places import Box
from triage.prediction import Decision, Prediction

OUTSIDE_AREA, NO_PLACE = "outside_area", "no_place"

_Predicted = TypeVar("_Predicted", bound=Prediction)


def judge_place(prediction: _Predicted, lat: float | None, lon: float | None, area: Box) -> _Predicted:
    """Note a place that is missing, and send an alert from outside the city to staff.

    Args:
        prediction: the models' answer.
        lat: of the alert's place, in WGS84 degrees.
        lon: of the same place; None where `lat` is.
        area: the city.

    Returns:
        The answer with its reason. A possible danger from outside is still sent on at once.
    """
    if lat is None or lon is None:
        return prediction.model_copy(update={"reasons": (*prediction.reasons, NO_PLACE)})
    if area.holds(lat, lon):
        return prediction
    decision = Decision.REVIEW if prediction.decision is Decision.ROUTE else prediction.decision
    return prediction.model_copy(update={"reasons": (*prediction.reasons, OUTSIDE_AREA), "decision": decision})
