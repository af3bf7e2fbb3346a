"""What departments report: progress that reporters learn of, and alerts that are not theirs."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from serving.alerts.events import CLOSED, IN_PROGRESS, REOPENED, RETURNED
from triage.store.review_records import ReviewDecision
from triage.store.store import Store

MakeAlert = Callable[..., dict[str, Any]]
Post = Callable[[dict[str, Any]], dict[str, Any]]
ReadProblem = Callable[..., dict[str, Any]]

STATUS, RETURN = "/v1/alerts/lamp-1/status", "/v1/alerts/lamp-1/return"
BEGUN = {
    "status": "in_progress",
    "note": "Une équipe passe jeudi.",
    "department": "voirie",
    "expected_at": "2026-11-26T17:00:00+01:00",
}
BACK = {"department": "voirie", "reason": "C'est un feu tricolore.", "proposed": "eclairage"}


def told(service: Any) -> list[tuple[str, Any]]:
    """The events since the alert was triaged."""
    with Store.open(service.settings.store_url) as store:
        return [(event.kind, event.body) for event in store.events_since(0, 99)][2:]


def test_a_reporter_learns_what_a_department_does(on_each: Any, lamp: MakeAlert) -> None:
    client = on_each.client
    client.post("/v1/alerts", json=lamp())
    begun = client.post(STATUS, json=BEGUN)
    assert begun.status_code == 200
    said = ("state", "status_note", "status_department", "expected_at")
    expected = ("in_progress", BEGUN["note"], "voirie", "2026-11-26T16:00:00Z")
    assert tuple(begun.json()[name] for name in said) == expected
    assert client.get("/v1/alerts?state=in_progress").json()["alerts"][0]["id"] == "lamp-1"
    closed = client.post(STATUS, json={"status": "closed", "note": "C'est réparé."}).json()
    assert tuple(closed[name] for name in said) == ("closed", "C'est réparé.", None, None)
    assert client.post(STATUS, json={"status": "open"}).json()["closed_at"] is None
    assert [kind for kind, _ in told(on_each)] == [IN_PROGRESS, CLOSED, REOPENED]
    assert told(on_each)[0][1] == {
        "department": "voirie",
        "note": BEGUN["note"],
        "expected_at": "2026-11-26T16:00:00+00:00",
    }
    assert told(on_each)[1][1]["closed_at"] == closed["closed_at"].replace("Z", "+00:00")


def test_what_was_said_already_is_told_once_and_what_is_new_is_told(
    service: Any, client: httpx.Client, post: Post, lamp: MakeAlert
) -> None:
    post(lamp())
    first = client.post(STATUS, json=BEGUN).json()
    assert client.post(STATUS, json=BEGUN).json() == first
    assert client.post(STATUS, json={"status": "in_progress"}).json() == first
    later = client.post(STATUS, json={"status": "in_progress", "note": "Vendredi plutôt."}).json()
    assert (later["status_note"], later["expected_at"]) == ("Vendredi plutôt.", first["expected_at"])
    assert [(kind, body["note"]) for kind, body in told(service)] == [
        (IN_PROGRESS, BEGUN["note"]),
        (IN_PROGRESS, "Vendredi plutôt."),
    ]


def test_closing_is_the_same_on_either_way(client: httpx.Client, post: Post, lamp: MakeAlert) -> None:
    post(lamp())
    closed = client.post(STATUS, json={"status": "closed"}).json()
    assert client.post("/v1/alerts/lamp-1/close").json() == closed
    assert client.post("/v1/alerts/lamp-1/reopen").json()["state"] == "open"


def test_a_note_is_masked_before_anybody_reads_it(
    service: Any, client: httpx.Client, post: Post, lamp: MakeAlert
) -> None:
    post(lamp())
    answer = client.post(STATUS, json={"status": "in_progress", "note": "Appelez le 06 12 34 56 78"})
    assert answer.json()["status_note"] == "Appelez le <TEL>"
    assert told(service)[0][1]["note"] == "Appelez le <TEL>"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "status"),
        ({"status": "withdrawn"}, "status"),
        ({"status": "open", "note": "n" * 501}, "note"),
        ({"status": "open", "note": "a\x07"}, "note"),
        ({"status": "open", "department": "nobody"}, "department"),
        ({"status": "open", "expected_at": "2026-11-26T17:00:00"}, "expected_at"),
        ({"status": "open", "expected_at": 12}, "expected_at"),
        ({"status": "closed", "expected_at": "2026-11-26T17:00:00Z"}, "expected_at"),
        ({"status": "open", "expected_at": "9999-12-31T23:59:59-23:00"}, "expected_at"),
        ({"status": "open", "priority": "haute"}, "priority"),
    ],
)
def test_a_status_that_breaks_the_contract_names_its_field(
    client: httpx.Client, post: Post, lamp: MakeAlert, problem: ReadProblem, body: dict[str, Any], field: str
) -> None:
    post(lamp())
    problem(client.post(STATUS, json=body), 422, field)
    assert client.get("/v1/alerts/lamp-1").json()["state"] == "open"


def test_an_alert_that_comes_back_waits_for_staff(on_each: Any, lamp: MakeAlert) -> None:
    client = on_each.client
    client.post("/v1/alerts", json=lamp())
    client.post(STATUS, json=BEGUN)
    first, again = client.post(RETURN, json=BACK), client.post(RETURN, json=BACK)
    assert (first.status_code, again.json()) == (200, first.json())
    # Nobody works on it any more.
    assert (first.json()["state"], first.json()["expected_at"]) == ("open", None)
    assert told(on_each)[1:] == [(RETURNED, {"department": "voirie", "proposed": "eclairage"})]
    with Store.open(on_each.settings.store_url) as store:
        assert store.queue_counts()["review"] == 1
        [back] = store.returns("lamp-1")
    assert (back.department, back.proposed, back.reason) == ("voirie", "eclairage", "C'est un feu tricolore.")


def test_what_staff_answer_to_a_return_is_a_training_row(
    client: httpx.Client, post: Post, lamp: MakeAlert, stored: Store
) -> None:
    post(lamp())
    client.post(RETURN, json=BACK)
    now = datetime.now(UTC)
    stored.decide(ReviewDecision("lamp-1", "anne", now, None, category="signalisation", department="eclairage"))
    [row] = stored.labelled_reviews(None, None)
    assert (row.category, row.department, row.queue, row.text) == (
        *("signalisation", "eclairage", "review", lamp()["text"]),
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"department": None}, "department"),
        ({"department": "nobody"}, "department"),
        ({"proposed": "nobody"}, "proposed"),
        ({"proposed": "voirie"}, "proposed"),
        ({"reason": " "}, "reason"),
        ({"reason": "r" * 501}, "reason"),
    ],
)
def test_a_return_that_breaks_the_contract_names_its_field(
    client: httpx.Client, post: Post, lamp: MakeAlert, problem: ReadProblem, change: dict[str, Any], field: str
) -> None:
    post(lamp())
    problem(client.post(RETURN, json=BACK | change), 422, field)


def test_reports_are_json(client: httpx.Client, post: Post, lamp: MakeAlert, problem: ReadProblem) -> None:
    post(lamp())
    problem(client.post(STATUS, content="status=open"), 415, "Content-Type")
    json = {"Content-Type": "application/json"}
    problem(client.post(RETURN, content="{", headers=json), 400, "body")
    problem(client.post(STATUS, content=b"\xff", headers=json), 400, "body")
