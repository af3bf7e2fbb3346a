"""Events leave a running service by themselves: webhooks come and go, and a stop loses nothing."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from serving.outbound.registering import new_secret
from tests.faults.receivers import Receiver, Says, receiver
from tests.serving.alerts.conftest import Service, StartService
from triage.store.records import NewEvent
from triage.store.store import Store

PATIENCE_S = 40


def wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.05)


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


def kinds(hook: Receiver) -> list[str]:
    return [json.loads(got.body)["type"].removeprefix("fr.ondijon.triage.") for got in hook.got]


def opened(running: Service) -> Store:
    return Store.open(running.settings.store_url, key=running.personal_keys)


def test_a_webhook_that_is_added_while_the_service_runs_hears_of_what_happens_from_then_on(
    start: StartService, hook: Receiver, lamp: Callable[..., dict[str, Any]]
) -> None:
    with start(webhook_hosts=[hook.host]) as running, opened(running) as store:
        running.client.post("/v1/alerts", json=lamp("before"))
        store.add_webhook("all", hook.url, (), new_secret())
        store.add_webhook("some", hook.url + "/some", {"alert.closed"}, new_secret())
        running.client.post("/v1/alerts", json=lamp("lamp-1"))
        running.client.post("/v1/alerts/lamp-1/close")
        wait(lambda: kinds(hook).count("alert.closed") == 2)
        of_all = [json.loads(got.body) for got in hook.got if got.path == "/hook"]
        assert {document["subject"] for document in of_all} == {"lamp-1"}
        assert [document["type"].rpartition(".")[2] for document in of_all][:2] == ["received", "triaged"]
        assert [got.path for got in hook.got].count("/hook/some") == 1
        store.remove_webhook("all")
        metrics = running.runtime.metrics
        assert b'triage_deliveries_total{result="sent",target="webhook:all"}' in metrics.render()
        wait(lambda: b'triage_deliveries_waiting{target="webhook:all"}' not in metrics.render())
        assert [outlook.state.name for outlook in store.target_states()] == ["webhook:some"]
        before = len(hook.got)
        store.add_events("lamp-1", [NewEvent("alert.reopened", {}), NewEvent("alert.closed", {})])
        wait(lambda: len(hook.got) > before)
        assert [got.path for got in hook.got[before:]] == ["/hook/some"]


def test_what_runs_when_the_service_stops_is_noted_and_the_rest_leaves_after_the_next_start(
    start: StartService, hook: Receiver
) -> None:
    def slow(_: object) -> Says:
        time.sleep(0.3)
        return Says()

    hook.answer = slow
    with start(webhook_hosts=[hook.host]) as running:
        with opened(running) as store:
            store.add_webhook("all", hook.url, (), new_secret())
            store.add_events("a", [NewEvent("alert.closed", {"number": number}) for number in range(8)])
        wait(lambda: bool(hook.got))
    sent = len(hook.got)
    assert sent < 8
    with start(webhook_hosts=[hook.host]):
        wait(lambda: len(hook.got) >= 8)
    numbers = [json.loads(got.body)["data"]["number"] for got in hook.got]
    assert numbers == list(range(8))  # in order, none twice
