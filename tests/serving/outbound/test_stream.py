"""The stream of events over HTTP: live, resumed, chosen, bounded, and ended with the key."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from httpx_sse import ServerSentEvent, connect_sse

from serving.keys import KeyRing
from serving.outbound.feed import KEPT
from serving.scopes import Scope
from tests.serving.alerts.conftest import Service, StartService
from triage.store.records import NewEvent
from triage.store.store import Store

PATIENCE_S = 30
Post = Callable[..., dict[str, Any]]


class Listener:
    """Reads a stream in a thread of its own, until it is left."""

    def __init__(self, client: httpx.Client, path: str, headers: dict[str, str]) -> None:
        self.heard: list[ServerSentEvent] = []
        self.status: int | None = None
        self.ended = False
        self._thread = threading.Thread(target=self._listen, args=(client, path, headers))
        self._thread.start()

    def _listen(self, client: httpx.Client, path: str, headers: dict[str, str]) -> None:
        with contextlib.suppress(httpx.TransportError), connect_sse(client, "GET", path, headers=headers) as source:
            self.status = source.response.status_code
            for event in source.iter_sse():
                self.heard.append(event)
            self.ended = True

    @property
    def events(self) -> list[ServerSentEvent]:
        """Without what only says where the stream begins."""
        return [event for event in self.heard if event.data]

    def wait_for(self, count: int) -> list[ServerSentEvent]:
        wait(lambda: len(self.events) >= count)
        return self.events

    def join(self) -> None:
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()


def wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.02)


Listen = Callable[..., Listener]


@pytest.fixture
def listen(service: Service) -> Iterator[Listen]:
    """Opens streams, and leaves them at the end."""
    opened: list[Listener] = []
    usual: list[httpx.Client] = []

    def begin(path: str = "/v1/events", client: httpx.Client | None = None, **headers: str) -> Listener:
        if client is None and not usual:
            usual.append(service.client_for(Scope.EVENTS))
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        opened.append(Listener(client or usual[0], path, named))
        wait(lambda: bool(opened[-1].heard))
        return opened[-1]

    yield begin
    service.runtime.keys = KeyRing(())  # streams end with their key
    for listener in opened:
        listener.join()


def test_what_happens_is_heard_at_once_as_cloud_events(listen: Listen, post: Post, lamp: Any) -> None:
    listener = listen()
    post(lamp("lamp-1"))
    events = listener.wait_for(2)
    assert [event.event for event in events[:2]] == ["alert.received", "alert.triaged"]
    document = json.loads(events[1].data)
    assert document["specversion"] == "1.0"
    assert (document["type"], document["subject"]) == ("fr.ondijon.triage.alert.triaged", "lamp-1")
    assert document["data"]["decision"] in {"route", "review", "route_and_review"}
    assert int(events[0].id) < int(events[1].id)


def test_a_stream_goes_on_after_the_event_that_was_heard_last(listen: Listen, stored: Store) -> None:
    for number in range(5):
        stored.add_events("a", [NewEvent("alert.closed", {"number": number})])
    everything = listen(Last_Event_ID="0").wait_for(5)
    rest = listen(Last_Event_ID=everything[2].id).wait_for(2)
    assert [json.loads(event.data)["data"]["number"] for event in rest] == [3, 4]


def test_a_stream_that_heard_nothing_knows_where_to_go_on(listen: Listen, stored: Store) -> None:
    stored.add_events("a", [NewEvent("alert.closed", {})])
    begin = listen().heard[0]
    assert (begin.data, begin.id, begin.retry) == ("", str(stored.latest_event()), 3_000)


def test_a_stream_may_be_of_one_alert_and_of_some_kinds(listen: Listen, stored: Store) -> None:
    for alert_id in ("a/1", "b"):
        stored.add_events(alert_id, [NewEvent(kind, {}) for kind in ("alert.received", "alert.closed")])
    of_alert = listen("/v1/events?alert=a%2F1", Last_Event_ID="0")
    of_kind = listen("/v1/events?kinds=alert.closed,alert.reopened", Last_Event_ID="0")
    wait(lambda: len(of_alert.events) >= 2 and len(of_kind.events) >= 2)
    stored.add_events("b", [NewEvent("alert.reopened", {})])
    stored.add_events("a/1", [NewEvent("alert.updated", {})])
    wait(lambda: len(of_alert.events) >= 3 and len(of_kind.events) >= 3)
    assert [event.event for event in of_alert.events] == ["alert.received", "alert.closed", "alert.updated"]
    assert [event.event for event in of_kind.events] == ["alert.closed", "alert.closed", "alert.reopened"]


@pytest.mark.slow
def test_a_client_far_behind_what_is_kept_in_memory_misses_nothing(listen: Listen, stored: Store) -> None:
    ahead = listen()
    many = [NewEvent("alert.closed", {"number": number}) for number in range(KEPT + 300)]
    for start in range(0, len(many), 100):
        stored.add_events("a", many[start : start + 100])
    for listener in (ahead, listen(Last_Event_ID="0")):
        events = listener.wait_for(len(many))
        assert [json.loads(event.data)["data"]["number"] for event in events] == list(range(len(many)))


def test_a_key_has_so_many_streams_and_one_that_ends_makes_room(
    start: StartService, problem: Callable[..., dict[str, Any]]
) -> None:
    with start(streams_per_key=2) as running:
        client, other = running.client_for(Scope.EVENTS), running.client_for(Scope.EVENTS)
        with contextlib.ExitStack() as stack:
            for _ in range(2):
                stack.enter_context(client.stream("GET", "/v1/events"))
            refused = client.get("/v1/events")
            assert problem(refused, 429)["type"] == "urn:triage:problem:too_many_streams"
            assert int(refused.headers["retry-after"]) > 0
            stack.enter_context(other.stream("GET", "/v1/events"))
            assert running.runtime.metrics.event_streams._value.get() == 3
        wait(lambda: running.runtime.metrics.event_streams._value.get() == 0)
        with client.stream("GET", "/v1/events") as again:
            assert again.status_code == 200


def test_a_stream_ends_when_its_key_is_removed(service: Service, listen: Listen) -> None:
    listener = listen()
    service.runtime.keys = KeyRing(())
    wait(lambda: listener.ended)


def test_what_cannot_be_used_is_named(client: httpx.Client, problem: Callable[..., dict[str, Any]]) -> None:
    queries = ("kinds=alert.colsed", "kind=alert.closed", "alert=", "alert=a&alert=b", "alert=" + "a" * 201)
    for query in queries:
        problem(client.get(f"/v1/events?{query}"), 422, query.partition("=")[0])
    for number in ("-1", "1e3", "9" * 30):
        problem(client.get("/v1/events", headers={"Last-Event-ID": number}), 422, "Last-Event-ID")


def test_the_page_of_the_interface_shows_the_stream(client: httpx.Client) -> None:
    shown = client.get("/openapi.json").json()["paths"]["/v1/events"]["get"]
    assert {parameter["name"] for parameter in shown["parameters"]} == {"alert", "kinds", "Last-Event-ID"}
    assert shown["responses"]["200"]["content"].keys() == {"text/event-stream"}
    assert shown["responses"].keys() >= {"401", "403", "422", "429", "503"}


def test_a_number_of_another_store_begins_with_what_happens_next(listen: Listen, stored: Store) -> None:
    stored.add_events("a", [NewEvent("alert.closed", {})])
    listener = listen(Last_Event_ID="999999")
    stored.add_events("a", [NewEvent("alert.reopened", {})])
    assert [event.event for event in listener.wait_for(1)] == ["alert.reopened"]
