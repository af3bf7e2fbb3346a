"""A desk whose store holds decisions of staff beside answers of the bundle that is served."""

from datetime import timedelta
from typing import Any

import pytest

from tests.serving.staff.conftest import desk, keys, start
from tests.serving.staff.desk_client import NOON, Desk
from triage.store.records import NewAlert, QueuePlace
from triage.store.review_records import NewReturn, ReviewDecision

__all__ = ["desk", "keys", "start"]

HEADS = ("category", "department", "priority")
RIGHT = {"category": "voirie", "department": "voirie", "priority": "normale"}
UNSURE = {"decision": "review", "reasons": ["category_uncertain", "department_uncertain"]}


def add(desk: Desk, alert_id: str, confidence: float, queue: str | None, days: float = 3, **fields: Any) -> None:
    """Store an alert that the bundle answered `days` ago."""
    prediction: dict[str, Any] = {
        head: {"code": code, "confidence": confidence, "alternatives": []} for head, code in RIGHT.items()
    }
    prediction |= {"decision": "route", "reasons": []} | fields
    prediction |= {"model": {"bundle_sha256": desk.engine.desk.bundle_sha256}}
    at = NOON - timedelta(days=days)
    place = QueuePlace(queue, 0.0) if queue else None  # type: ignore[arg-type]
    alert = NewAlert(
        alert_id, "Un trou", None, 47.3, 5.0, at, at, None, **RIGHT, decision=prediction["decision"],
        reasons=(), photos=(), plates=(), vector=None, vector_version="", prediction=prediction,
        content_sha256=alert_id, queue_place=place,
    )  # fmt: skip
    with desk.store() as store:
        store.add(alert)


def decide(desk: Desk, alert_id: str, reviewer: str = "c.roux", days: float = 2, **codes: str) -> None:
    """Answer an alert `days` ago; codes that are not given are the model's."""
    with desk.store() as store:
        alert = store.alert(alert_id)
        assert alert is not None
        decision: dict[str, Any] = {"seconds": 4.0, "rank": 1} | RIGHT | codes
        store.decide(ReviewDecision(alert_id, reviewer, NOON - timedelta(days=days), alert.review_id, **decision))


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """Four routed alerts of which two were drawn, four that the bundle was unsure of, and a danger."""
    for number in range(4):
        add(desk, f"sure-{number}", 0.99, "sample" if number < 2 else None)
        add(desk, f"unsure-{number}", 0.7, "review", **UNSURE)
    add(desk, "danger", 0.99, "review", decision="route_and_review", reasons=["possible_critique"])
    decide(desk, "sure-0")
    decide(desk, "sure-1", category="eau_assainissement", department="eau")
    decide(desk, "unsure-0")
    decide(desk, "unsure-1", category="proprete", department="proprete", rank="2")
    decide(desk, "unsure-1", reviewer="b.moreau", days=1)
    with desk.store() as store:
        back = NewReturn("unsure-0", "voirie", "eau", "ailleurs", "b.moreau", NOON - timedelta(days=1))
        store.add_return(back, QueuePlace("review", 0.0))
    return desk
