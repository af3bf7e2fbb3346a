import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.serving.desk.made import VERSION, evidence, hidden, new_alert, prediction, ranked
from tests.serving.staff.desk_client import Browser, Desk
from triage.store.records import Link, Linking, StoredAlert
from triage.store.review_records import ReviewEntry

Put = Callable[..., StoredAlert]
Read = Callable[[str], StoredAlert]


def accept(browser: Browser, path: str = "/review", **fields: str) -> Any:
    """What Enter does."""
    sent = hidden(browser.get(path).text) | fields
    return browser.post(f"/review/alerts/{fields.pop('to', 'a')}/decide", sent)


def last(desk: Desk, alert_id: str = "a") -> ReviewEntry:
    with desk.store() as store:
        return store.history(alert_id)[-1]


@pytest.fixture
def pair(desk: Desk) -> None:
    """`a` waits; `b`, an older alert, is its likely duplicate."""
    link = Link("b", "candidate", 0.8, 12.0, 3.0, evidence((["distance"], 1.0)))
    with desk.store() as store:
        store.add(new_alert("b", queue=None))
        store.add(new_alert("a"), lambda _: Linking(links=(link,)))


def test_enter_stores_category_department_and_priority(desk: Desk, agent: Browser, put: Put, alert: Read) -> None:
    put("a")
    page = agent.get("/review").text
    desk.clock.move(seconds=7)
    answer = agent.post("/review/alerts/a/decide", hidden(page))
    assert (answer.status_code, answer.headers["location"]) == (303, "/review")
    decided = alert("a")
    assert (decided.category, decided.department, decided.priority) == ("proprete", "proprete", "normale")
    assert decided.queue is None
    entry = last(desk)
    assert (entry.reviewer, entry.action, entry.queue, entry.rank, entry.seconds, entry.model_version) == (
        "a.petit",
        "decide",
        "review",
        1,
        7.0,
        VERSION,
    )
    assert entry.shown["category"][0] == ["proprete", 0.6]


def test_another_category_takes_its_department_along(desk: Desk, agent: Browser, put: Put, alert: Read) -> None:
    put("a")
    accept(agent, category="voirie")
    assert (alert("a").category, alert("a").department) == ("voirie", "voirie")
    assert last(desk).rank == 3


def test_a_department_that_was_chosen_stays(agent: Browser, put: Put, alert: Read) -> None:
    put("a")
    accept(agent, category="voirie", department="eau", priority="critique")
    assert (alert("a").department, alert("a").priority) == ("eau", "critique")


def test_what_was_shown_is_kept_though_the_model_answers_anew(desk: Desk, agent: Browser, put: Put) -> None:
    put("a")
    sent = hidden(agent.get("/review").text)
    newer = prediction(category=ranked(("voirie", 0.9), ("proprete", 0.1)))
    newer["model"] = newer["model"] | {"version": "newer"}
    with desk.store() as store:
        store.add_prediction("a", newer)
    agent.post("/review/alerts/a/decide", sent)
    assert (last(desk).rank, last(desk).model_version) == (1, VERSION)


def test_a_note_goes_with_the_answer_without_personal_data(desk: Desk, agent: Browser, put: Put) -> None:
    put("a")
    accept(agent, note="Rappeler le 06 12 34 56 78")
    assert last(desk).note == "Rappeler le <TEL>"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("category", "nothing"),
        ("category", ""),
        ("department", "<b>"),
        ("priority", "now"),
        ("follows", "-1"),
        ("follows", "9" * 30),
        ("note", "x" * 2_001),
        ("model_version", "x" * 300),
    ],
)
def test_a_form_that_no_page_sends_is_refused(desk: Desk, agent: Browser, put: Put, field: str, value: str) -> None:
    put("a")
    answer = accept(agent, **{field: value})
    assert answer.status_code == 422
    assert "<b>" not in answer.text
    with desk.store() as store:
        assert store.history("a") == ()


@pytest.mark.parametrize("opened", ["", "yesterday", "1e400", "nan", "0", "99999999999999"])
def test_a_time_that_cannot_be_is_left_out(desk: Desk, agent: Browser, put: Put, opened: str) -> None:
    put("a")
    assert accept(agent, opened=opened).status_code == 303
    assert last(desk).seconds is None


def test_an_alert_that_somebody_else_took_is_not_answered_twice(
    desk: Desk, agent: Browser, colleague: Browser, put: Put
) -> None:
    put("a")
    sent = hidden(agent.get("/review").text)
    desk.clock.move(minutes=30)
    colleague.get("/review")
    answer = agent.post("/review/alerts/a/decide", sent)
    assert answer.status_code == 409
    assert "Un collègue regarde cette alerte" in answer.text
    assert "c.roy" in answer.text
    assert 'id="next"' in answer.text
    with desk.store() as store:
        assert store.history("a") == ()


def test_an_answer_that_came_first_is_not_overwritten_unseen(desk: Desk, agent: Browser, put: Put) -> None:
    put("a")
    sent = hidden(agent.get("/review").text)
    agent.post("/review/alerts/a/decide", sent)
    again = agent.post("/review/alerts/a/decide", sent | {"category": "voirie"})
    assert again.status_code == 409
    assert "a changé" in again.text
    assert last(desk).category == "proprete"


def test_an_answer_that_was_seen_is_corrected(desk: Desk, agent: Browser, put: Put, alert: Read) -> None:
    put("a")
    accept(agent)
    answer = accept(agent, "/review/alerts/a", category="voirie")
    assert answer.headers["location"] == "/review/alerts/a"
    assert alert("a").category == "voirie"
    with desk.store() as store:
        assert len(store.history("a")) == 2


def test_skipping_brings_the_next_alert(agent: Browser, put: Put) -> None:
    put("a", rank=2.0)
    put("b", rank=1.0)
    agent.get("/review")
    assert agent.post_form("/review/alerts/a/skip").headers["location"] == "/review"
    assert 'alert-id">b<' in agent.get("/review").text


def test_undoing_brings_an_alert_back(desk: Desk, agent: Browser, put: Put, alert: Read) -> None:
    put("a", rank=2.0)
    put("b", rank=1.0)
    accept(agent, category="voirie")
    page = agent.get("/review").text
    assert 'form="undo-last"' in page
    answer = agent.post("/review/alerts/a/undo", hidden(page, "undo-last"))
    assert answer.headers["location"] == "/review/alerts/a"
    assert (alert("a").category, alert("a").queue) == ("proprete", "review")
    assert ("a.petit", "undo_review", "a") in desk.audited("undo_review")
    assert "annulée par a.petit" in agent.get("/review/alerts/a").text


def test_only_the_last_decision_is_undone(agent: Browser, put: Put) -> None:
    put("a", rank=2.0)
    put("b", rank=1.0)
    accept(agent)
    fields = hidden(agent.get("/review").text, "undo-last")
    assert agent.post("/review/alerts/a/undo", fields).status_code == 303
    answer = agent.post("/review/alerts/a/undo", fields)
    assert answer.status_code == 409
    assert "n&#39;est plus la dernière" in answer.text


def test_old_decisions_are_undone_on_their_own_page_alone(desk: Desk, agent: Browser, put: Put) -> None:
    put("a", rank=2.0)
    put("b", rank=1.0)
    accept(agent)
    desk.clock.move(minutes=45)
    assert 'form="undo-last"' not in agent.get("/review").text
    assert 'id="undo"' in agent.get("/review/alerts/a").text


@pytest.mark.usefixtures("pair")
def test_a_duplicate_is_linked_and_answered(desk: Desk, agent: Browser, alert: Read) -> None:
    agent.get("/review")
    answer = agent.post_form("/review/alerts/a/duplicate", other="b", model_version=VERSION)
    assert answer.headers["location"] == "/review"
    assert alert("a").cluster_id == alert("b").cluster_id is not None
    assert alert("a").queue is None
    entry = last(desk)
    assert (entry.action, entry.duplicate_of, entry.category, entry.shown["duplicates"]) == (
        "duplicate",
        "b",
        None,
        [["b", 0.8]],
    )


@pytest.mark.usefixtures("pair")
def test_linking_alone_answers_nothing(agent: Browser, alert: Read) -> None:
    agent.get("/review")
    answer = agent.post_form("/review/alerts/a/duplicate", other="b", only="link")
    assert answer.headers["location"] == "/review/alerts/a#duplicates"
    assert alert("a").cluster_id is not None
    assert alert("a").queue == "review"
    page = agent.get("/review").text
    assert 'id="unlink-1"' in page
    agent.post_form("/review/alerts/a/unlink", other="b")
    assert alert("a").cluster_id is None


@pytest.mark.usefixtures("pair")
def test_a_pair_told_apart_is_not_proposed_again_but_can_be_linked_after_all(agent: Browser, alert: Read) -> None:
    agent.get("/review")
    agent.post_form("/review/alerts/a/not-duplicate", other="b")
    page = agent.get("/review").text
    assert 'id="candidate-1"' not in page
    assert 'id="link-again-1"' in page
    agent.post_form("/review/alerts/a/duplicate", other="b", only="link")
    assert alert("a").cluster_id == alert("b").cluster_id is not None


@pytest.mark.parametrize("action", ["duplicate", "not-duplicate"])
@pytest.mark.parametrize(("other", "status"), [("", 422), ("gone", 404), ("x" * 300, 422)])
def test_another_alert_must_be_named(agent: Browser, put: Put, action: str, other: str, status: int) -> None:
    put("a")
    assert agent.post_form(f"/review/alerts/a/{action}", other=other).status_code == status


@pytest.mark.parametrize("action", ["decide", "skip", "duplicate", "not-duplicate", "unlink", "undo", "note"])
def test_nothing_is_done_to_an_alert_that_is_not_stored(agent: Browser, action: str) -> None:
    answer = agent.post_form(f"/review/alerts/gone/{action}", category="voirie", other="b", note="x")
    assert answer.status_code == 404


def test_a_confirmed_label_is_told_from_a_changed_one(desk: Desk, agent: Browser, put: Put) -> None:
    put("a", queue="suspect")
    put("b", queue="suspect", rank=0.5)
    page = agent.get("/review/suspects").text
    assert not re.search(r'name="category"[^>]* checked', page)
    answer = agent.post("/review/alerts/a/decide", hidden(page) | {"category": "proprete"})
    assert answer.headers["location"] == "/review/suspects"
    assert last(desk).action == "confirm_label"
    fields = hidden(agent.get("/review/suspects").text)
    agent.post("/review/alerts/b/decide", fields | {"category": "voirie"})
    assert last(desk, "b").action == "decide"


def test_an_empty_note_is_no_note(desk: Desk, agent: Browser, put: Put) -> None:
    put("a")
    assert agent.post_form("/review/alerts/a/note", note="  ").status_code == 303
    with desk.store() as store:
        assert store.notes("a") == ()
