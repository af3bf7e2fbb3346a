"""An alert that no model has answered yet, on the desk: it waits like others, without answers of a model."""

from collections.abc import Callable

import pytest

from tests.serving.desk.made import NOON, hidden, new_alert
from tests.serving.staff.desk_client import Browser, Desk
from triage.review.order import unanswered_place
from triage.store.records import StoredAlert


@pytest.fixture
def untriaged(desk: Desk) -> None:
    """One of them beside one that a model doubts."""
    place = unanswered_place(NOON, desk.engine.review_rules)
    text, reasons = "Un arbre sur la route", ("model_unavailable",)
    new = new_alert("late", text, prediction=None, reasons=reasons, queue_place=place, language=None)
    with desk.store() as store:
        store.add(new_alert("doubtful", rank=-NOON.timestamp() / 3600))
        store.add_untriaged(new, [])


@pytest.mark.usefixtures("untriaged")
def test_it_waits_before_doubts_and_says_why_there_are_no_answers(agent: Browser) -> None:
    page = agent.get("/review").text
    assert '<span class="alert-id">late</span>' in page
    assert "Le modèle n&#39;était pas disponible" in page
    assert "doubtful" in page


@pytest.mark.usefixtures("untriaged")
def test_staff_may_answer_it_before_any_model_does(agent: Browser, alert: Callable[[str], StoredAlert]) -> None:
    sent = hidden(agent.get("/review").text) | {"category": "voirie", "priority": "haute"}
    answer = agent.post("/review/alerts/late/decide", sent)
    assert answer.status_code == 303, answer.text
    kept = alert("late")
    assert (kept.category, kept.priority, kept.queue) == ("voirie", "haute", None)
