"""A reporter's request over HTTP: everything that is held, and its erasure, for keys with the scope `personal`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.privacy.keeping import PhotoKeeper
from serving.scopes import Scope
from tests.serving.alerts.test_photos import HandMadeDetector, send
from triage.photo_storage import PhotoStorage
from triage.store.store import Store

MakeAlert = Callable[..., dict[str, Any]]
ReadProblem = Callable[..., dict[str, Any]]
Start = Callable[..., Any]
Encode = Callable[..., bytes]

TEXT = "Lampadaire éteint, tel 06 12 34 56 78"
PATH = "/v1/alerts/a%2Fb/personal-data"
ASKED = {"purpose": "request of May"}


def test_everything_held_is_shown_to_who_may_and_the_reading_is_logged(
    on_each: Any, lamp: MakeAlert, problem: ReadProblem
) -> None:
    on_each.client.post("/v1/alerts", json=lamp("a/b", text=TEXT))
    officer = on_each.client_for(Scope.PERSONAL, name="officer")
    answer = officer.get(PATH, params=ASKED)
    assert answer.headers["cache-control"] == "no-store"
    held = answer.json()
    assert (held["id"], held["original"], held["erased"]) == ("a/b", TEXT, False)
    assert held["text"] == "Lampadaire éteint, tel <TEL>"
    assert [event["kind"] for event in held["events"]][:1] == ["alert.received"]
    assert held["predictions"][0]["category"]["code"]
    for method in ("GET", "DELETE"):
        problem(on_each.client_for(Scope.ALERTS, Scope.PREDICT, Scope.EVENTS).request(method, PATH, params=ASKED), 403)
    with Store.open(on_each.settings.store_url) as store:
        [reading] = store.readings("a/b")
    assert (reading.reader, reading.purpose) == ("officer", "request of May")


def test_what_is_erased_is_gone_and_a_repeat_changes_nothing(
    on_each: Any, lamp: MakeAlert, problem: ReadProblem
) -> None:
    sent = lamp("a/b", text=TEXT)
    on_each.client.post("/v1/alerts", json=sent)
    officer = on_each.client_for(Scope.PERSONAL, name="officer")
    assert officer.delete(PATH).json() == {"id": "a/b", "changed": True, "original": True, "photos": 0, "told": []}
    assert officer.delete(PATH).json()["changed"] is False
    held = officer.get(PATH, params=ASKED).json()
    assert (held["erased"], held["original"], held["text"], held["vector"]) == (True, None, "<EFFACE>", False)
    problem(officer.get("/v1/alerts/a%2Fb/original", params=ASKED), 404)
    assert on_each.client.post("/v1/alerts", json=sent).status_code == 200  # a repeat, which brings nothing back
    assert on_each.client.get("/v1/alerts/a%2Fb").json()["text"] == "<EFFACE>"
    with Store.open(on_each.settings.store_url) as store:
        [entry] = store.audit_log(action="personal_data_erased")
    assert (entry.actor, entry.subject) == ("officer", "a/b")


def test_photos_are_erased_and_where_they_cannot_be_nothing_is(
    start: Start, lamp: MakeAlert, problem: ReadProblem, tmp_path: Path, picture: Encode
) -> None:
    folder = tmp_path / "photos"
    keeper = PhotoKeeper(HandMadeDetector(), PhotoStorage(str(folder)))  # type: ignore[arg-type]
    with start(keeper=keeper) as unset:
        send(unset.client, lamp("a/b", text=TEXT), picture("blue"))
        refused = unset.client.delete(PATH)
        problem(refused, 503)
        assert refused.headers["Retry-After"]
        assert unset.client.get(PATH, params=ASKED).json()["original"] == TEXT
    assert len(list(folder.rglob("*.jpg"))) == 1
    with start(keeper=keeper, photo_store=str(folder)) as service:
        assert service.client.delete(PATH).json()["photos"] == 1
        assert service.client.get("/v1/alerts/a%2Fb").json()["photos"] == [{"key": None, "held": False}]
    assert list(folder.rglob("*.jpg")) == []


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_alert_is_a_404(service: Any, problem: ReadProblem, method: str) -> None:
    problem(service.client.request(method, "/v1/alerts/none/personal-data", params=ASKED), 404)


def test_nobody_reads_it_all_without_saying_what_for(service: Any, lamp: MakeAlert, problem: ReadProblem) -> None:
    service.client.post("/v1/alerts", json=lamp("a/b", text=TEXT))
    problem(service.client.get(PATH), 422, "purpose")


def test_the_page_shows_both_with_examples(service: Any) -> None:
    paths = service.client.get("/openapi.json").json()["paths"]["/v1/alerts/{id}/personal-data"]
    for method in ("get", "delete"):
        example = paths[method]["responses"]["200"]["content"]["application/json"]["example"]
        assert example["id"] == "demo-1"
        assert "reviewer" not in json.dumps(example)
