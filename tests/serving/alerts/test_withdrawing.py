"""`DELETE /v1/alerts/{id}`: an alert that should not have been sent waits for nobody, and what was personal is gone."""

from collections.abc import Callable
from typing import Any

import httpx

from serving.alerts.events import WITHDRAWN
from triage.store.store import Store

MakeAlert = Callable[..., dict[str, Any]]
Post = Callable[[dict[str, Any]], dict[str, Any]]
ReadProblem = Callable[..., dict[str, Any]]

PATH = "/v1/alerts/lamp-1"


def test_a_withdrawn_alert_waits_for_nobody_and_loses_its_original(
    on_each: Any, lamp: MakeAlert, problem: ReadProblem
) -> None:
    client = on_each.client
    client.post("/v1/alerts", json=lamp(text="Lampadaire ? Appelez le 06 12 34 56 78, voiture AB-123-CD"))
    withdrawn, again = client.delete(PATH), client.delete(PATH)
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn")
    assert again.json() == withdrawn.json() == client.get(PATH).json()
    problem(client.get(f"{PATH}/original", params={"purpose": "test"}), 404)
    with Store.open(on_each.settings.store_url) as store:
        alert, events = store.alert("lamp-1"), store.events_since(0, 99)
    assert alert is not None
    assert (alert.queue, alert.plates) == (None, ())
    assert [event.kind for event in events].count(WITHDRAWN) == 1
    assert events[-1].body.keys() == {"withdrawn_at"}


def test_nothing_more_happens_to_a_withdrawn_alert(
    client: httpx.Client, post: Post, lamp: MakeAlert, problem: ReadProblem
) -> None:
    post(lamp())
    client.delete(PATH)
    back = {"department": "voirie", "reason": "Pas pour nous."}
    for answer in (
        client.post(f"{PATH}/status", json={"status": "open"}),
        client.post(f"{PATH}/return", json=back),
        client.post(f"{PATH}/close"),
        client.post(f"{PATH}/reopen"),
        client.patch(PATH, json={"text": "Toujours éteint"}),
    ):
        assert problem(answer, 409)["type"] == "urn:triage:problem:alert_withdrawn"
    assert client.post("/v1/alerts", json=lamp()).status_code == 200
    assert client.get(PATH).json()["state"] == "withdrawn"


def test_an_alert_that_nobody_knows_cannot_be_withdrawn(client: httpx.Client, problem: ReadProblem) -> None:
    problem(client.delete("/v1/alerts/nobody"), 404)
