"""A store that cannot be used: alerts are refused with a time to come back, predictions are answered all the same."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from triage.store import database

MakeAlert = Callable[..., dict[str, Any]]
ReadProblem = Callable[..., dict[str, Any]]
Start = Callable[..., Any]

DIRECTIONS = ("/v1/alerts", "/v1/alerts/lamp-1", "/v1/alerts/lamp-1/duplicates", "/v1/clusters/1")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a writer."""
    monkeypatch.setattr(database, "LOCK_WAIT_S", 0.2)


@pytest.fixture
def locked(service: Any) -> Iterator[sqlite3.Connection]:
    """Another program holds the database; its connection may let it go."""
    with closing(sqlite3.connect(service.settings.state_dir / "alerts.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


def unavailable(answer: Any, problem: ReadProblem) -> None:
    assert problem(answer, 503)["type"] == "urn:triage:problem:store_unavailable"
    assert answer.headers["retry-after"] == "5"
    assert "alerts.db" not in answer.text


@pytest.mark.usefixtures("impatient")
def test_a_locked_store_is_a_503_and_the_alert_can_be_sent_again(
    service: Any, locked: sqlite3.Connection, lamp: MakeAlert, problem: ReadProblem
) -> None:
    client = service.client
    unavailable(client.post("/v1/alerts", json=lamp()), problem)
    unavailable(client.post("/v1/alerts/lamp-1/close"), problem)
    assert client.get("/v1/alerts").json()["alerts"] == []  # readers do not wait
    assert client.post("/v1/predict", json=lamp()).json()["reasons"] == []
    locked.execute("COMMIT")
    assert client.post("/v1/alerts", json=lamp()).status_code == 201


def test_an_alert_that_is_not_stored_in_time_is_a_503_and_its_repeat_is_harmless(
    start: Start, lamp: MakeAlert, problem: ReadProblem
) -> None:
    with start(deadline_s=0.5) as service:
        finder = service.model.finder
        client = service.client
        finder.gate.clear()
        unavailable(client.post("/v1/alerts", json=lamp()), problem)
        finder.gate.set()
        assert client.post("/v1/alerts", json=lamp()).status_code == 200  # it was stored after all, once
        assert len(client.get("/v1/alerts").json()["alerts"]) == 1


def test_what_waits_for_its_turn_and_runs_out_of_time_never_begins(
    start: Start, lamp: MakeAlert, problem: ReadProblem
) -> None:
    with start(deadline_s=0.5) as service:
        client, finder = service.client, service.model.finder
        finder.gate.clear()
        unavailable(client.post("/v1/alerts", json=lamp("runs")), problem)
        unavailable(client.post("/v1/alerts", json=lamp("waits")), problem)
        finder.gate.set()
        assert client.post("/v1/alerts", json=lamp("next", lat=47.33)).status_code == 201
        assert {alert["id"] for alert in client.get("/v1/alerts").json()["alerts"]} == {"runs", "next"}


@pytest.mark.parametrize(
    "url",
    ["sqlite:////dev/null/alerts.db", "postgresql://nobody:hunter2@127.0.0.1:1/none", "mysql://host/database"],
)
def test_a_store_that_cannot_be_opened_stops_no_prediction(
    start: Start, lamp: MakeAlert, problem: ReadProblem, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    with start(url) as service:
        client = service.client
        for path in DIRECTIONS:
            unavailable(client.get(path), problem)
        unavailable(client.post("/v1/alerts", json=lamp()), problem)
        answer = client.post("/v1/predict", json=lamp()).json()
        assert (answer["reasons"], answer["decision"]) == (["duplicates_not_searched"], "route")
        assert client.post("/v1/predict", json={"id": "1", "text": "trou"}).json()["reasons"] == ["no_place"]
        batch = client.post("/v1/predict/batch", json={"alerts": [lamp("a"), lamp("b")]}).json()["results"]
        assert [one["reasons"] for one in batch] == [["duplicates_not_searched"]] * 2
    assert "the service starts without its alert store" in caplog.text
    assert "hunter2" not in caplog.text


def test_a_store_that_comes_back_is_opened_without_a_restart(
    start: Start, lamp: MakeAlert, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.storage.RETRY_S", 0)
    (tmp_path / "folder").write_text("in the way")
    with start(f"sqlite:///{tmp_path}/folder/alerts.db") as service:
        client = service.client
        assert client.post("/v1/alerts", json=lamp()).status_code == 503
        (tmp_path / "folder").unlink()
        assert client.post("/v1/alerts", json=lamp()).status_code == 201


def test_a_comparison_that_fails_costs_no_alert(service: Any, lamp: MakeAlert) -> None:
    client = service.client
    client.post("/v1/alerts", json=lamp("first"))
    service.model.finder.error = RuntimeError("no")
    stored, predicted = client.post("/v1/alerts", json=lamp("second")), client.post("/v1/predict", json=lamp("third"))
    assert stored.status_code == 201
    assert stored.json()["reasons"] == predicted.json()["reasons"] == ["duplicates_not_searched"]
    assert client.get("/v1/alerts/second").json()["reasons"] == ["duplicates_not_searched"]


def test_a_search_that_fails_unforeseen_costs_no_prediction(
    service: Any, lamp: MakeAlert, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("triage.store.store.Store.near", fail)
    answer = service.client.post("/v1/predict", json=lamp())
    assert (answer.status_code, answer.json()["reasons"]) == (200, ["duplicates_not_searched"])


def test_a_slow_search_delays_no_prediction_for_long_and_lists_not_at_all(
    service: Any, lamp: MakeAlert, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.duplicates.LOOK_UP_S", 0.3)
    client, finder = service.client, service.model.finder
    client.post("/v1/alerts", json=lamp())
    finder.gate.clear()
    started = time.monotonic()
    try:
        assert client.post("/v1/predict", json=lamp("a")).json()["reasons"] == ["duplicates_not_searched"]
        assert client.get("/v1/alerts").status_code == 200
        assert client.post("/v1/predict", json=lamp("b")).json()["reasons"] == ["duplicates_not_searched"]
    finally:
        finder.gate.set()
    assert time.monotonic() - started < 10


def test_a_bundle_that_compares_nothing_stores_alerts_and_says_nothing_of_duplicates(
    start: Start, model: Any, lamp: MakeAlert
) -> None:
    model.finder = None
    with start() as service:
        answer = service.client.post("/v1/alerts", json=lamp())
        assert (answer.status_code, answer.json()["reasons"], answer.json()["duplicates"]) == (201, [], [])
        assert service.client.post("/v1/predict", json=lamp()).json()["reasons"] == []


def test_a_restart_keeps_everything(start: Start, lamp: MakeAlert) -> None:
    with start() as before:
        first = before.client.post("/v1/alerts", json=lamp("first"))
        before.client.post("/v1/alerts", json=lamp("second", text="Lampadaire, appelez le 06 12 34 56 78"))
        before.client.post("/v1/alerts/first/close")
        shown = [before.client.get(f"/v1/alerts/{name}").json() for name in ("first", "second")]
    with start() as after:
        client = after.client
        assert [client.get(f"/v1/alerts/{name}").json() for name in ("first", "second")] == shown
        assert client.post("/v1/alerts", json=lamp("first")).content == first.content
        assert [one["id"] for one in client.get("/v1/alerts/second/duplicates").json()["duplicates"]] == ["first"]
        assert "06 12 34 56 78" in client.get("/v1/alerts/second/original?purpose=test").json()["text"]


def test_a_stop_waits_for_the_alert_that_is_being_stored(start: Start, lamp: MakeAlert) -> None:
    with start() as service:
        client, finder = service.client, service.model.finder
        finder.gate.clear()
        answers: list[Any] = []
        thread = threading.Thread(target=lambda: answers.append(client.post("/v1/alerts", json=lamp())))
        thread.start()
        deadline = time.monotonic() + 10
        while not finder.waiting and time.monotonic() < deadline:
            time.sleep(0.01)
        threading.Timer(0.3, finder.gate.set).start()
    thread.join(10)
    with start() as service:
        assert service.client.get("/v1/alerts/lamp-1").status_code == 200
