"""Receivers of webhooks that are away, slow, lost, hostile: nothing is lost, and each alert's events stay in order."""

import asyncio
import json
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from standardwebhooks import Webhook

from serving.outbound import rounds as sending
from serving.outbound.guarded import guarded_client
from tests.faults.receivers import Got, Receiver, Says, free_port, receiver
from tests.faults.simulated import DAY, HOUR, NOON, SECRET, Post, SimulatedClock, post_office, run
from triage.settings import PROJECT_ROOT
from triage.store.personal import PersonalKeys
from triage.store.records import OutboxEvent


@pytest.fixture(scope="module")
def personal_key() -> str:
    return PersonalKeys.new_key()


@pytest.fixture(scope="module")
def keys(personal_key: str) -> PersonalKeys:
    return PersonalKeys([personal_key])


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'alerts.db'}"


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


def ids(got: Sequence[Got]) -> list[str]:
    return [json.loads(one.body)["id"] for one in got]


def assert_in_order(got: Sequence[Got], said: Sequence[OutboxEvent]) -> None:
    """Every event arrived; those of an alert in their order, as far as first arrivals go."""
    first = list(dict.fromkeys(ids(got)))
    assert sorted(first) == sorted(event.id for event in said)
    place = {name: number for number, name in enumerate(first)}
    by_alert = defaultdict(list)
    for event in said:
        by_alert[event.alert_id].append(place[event.id])
    assert all(places == sorted(places) for places in by_alert.values())


def test_an_event_arrives_as_a_cloud_event_that_the_secret_signs(url: str, keys: PersonalKeys, hook: Receiver) -> None:
    async def story() -> None:
        async with post_office(url, hook.url, keys) as post:
            post.clock.now = post.clock.now.fromtimestamp(int(time.time()), NOON.tzinfo)
            [event] = post.say("lampe/1")
            await post.send()
            assert post.notes.delivered == [event.id]

    run(story())
    [got] = hook.got
    assert Webhook(SECRET).verify(got.body, dict(got.headers))["subject"] == "lampe/1"
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(SECRET).verify(got.body + b" ", dict(got.headers))
    event = from_http_event(HTTPMessage(dict(got.headers), got.body))
    assert (event.get_type(), event.get_subject()) == ("fr.ondijon.triage.alert.closed", "lampe/1")
    assert (event.get_source(), event.get_data()) == ("urn:ondijon:triage", {"of": "lampe/1"})
    assert got.headers["webhook-id"] == event.get_id()


@pytest.mark.slow
def test_an_hour_without_the_receiver_loses_nothing_and_keeps_the_order_of_each_alert(
    url: str, keys: PersonalKeys
) -> None:
    port = free_port()

    async def story() -> None:
        async with post_office(url, f"http://127.0.0.1:{port}/hook", keys) as post:
            said = []
            for minute in range(0, 60, 4):
                said += post.say(*(f"a-{(minute + number) % 23}" for number in range(4)))
                await post.send(NOON + timedelta(minutes=minute + 4))
            outlook = post.store.outlook("webhook:app")
            assert (outlook.state.failing_since, outlook.dead) == (NOON, 0)
            assert outlook.state.reason == "no connection (ConnectError)"
            assert post.notes.delivered == []
            # A few attempts a minute, whatever has piled up: nobody is hammered while they are down.
            assert 60 <= len(post.notes.failed) <= 400
            with receiver(port) as hook:
                back = post.clock.now
                await post.send(back + timedelta(minutes=2))
                assert_in_order(hook.got, said)
                assert len(hook.got) == len(said)
            outlook = post.store.outlook("webhook:app")
            assert (outlook.waiting, outlook.state.failures, outlook.state.failing_since) == (0, 0, None)
            assert "triage_deliveries_waiting" in post.metrics.render().decode()

    run(story())


def test_what_nobody_took_for_a_day_is_given_up_listed_and_sent_anew_on_demand(
    url: str, keys: PersonalKeys, hook: Receiver
) -> None:
    hook.answer = lambda _: Says(503)

    async def story() -> None:
        async with post_office(url, hook.url, keys) as post:
            said = post.say(*"abcab")
            await post.send(NOON + timedelta(minutes=5))
            post.clock.now = NOON + DAY - timedelta(minutes=5)
            await post.send(NOON + DAY - timedelta(minutes=2))
            assert post.store.dead_letters() == ()
            await post.send(NOON + DAY + timedelta(minutes=3))
            letters = post.store.dead_letters()
            assert [letter.event for letter in letters] == said
            assert sorted(post.notes.dead) == sorted(event.id for event in said)
            assert {letter.reason for letter in letters if letter.attempts} == {"answered 503"}
            hook.answer = lambda _: Says()
            hook.got.clear()
            assert post.store.replay_dead_letters() == 5
            await post.send(post.clock.now + timedelta(minutes=2))
            assert_in_order(hook.got, said)
            assert post.store.dead_letters() == ()

    run(story())


def test_an_event_that_is_refused_holds_back_its_own_alert_alone(url: str, keys: PersonalKeys, hook: Receiver) -> None:
    hook.answer = lambda got: Says(400 if b'"bad"' in got.body else 200)

    async def story() -> None:
        async with post_office(url, hook.url, keys) as post:
            said = post.say("bad", "good", "bad", "good")
            await post.send()
            assert sorted(post.notes.delivered) == sorted(event.id for event in said if event.alert_id == "good")
            assert [(name, attempts) for name, _, attempts in post.notes.failed] == [(said[0].id, 1)]
            assert post.store.outlook("webhook:app").state.failures == 0
            later = post.say("good")
            await post.send()
            assert post.notes.delivered[-1] == later[0].id
            await post.send(NOON + HOUR)
            tries = [attempts for _, _, attempts in post.notes.failed]
            assert tries == list(range(1, len(tries) + 1))
            assert 5 <= len(tries) <= 15  # ever less often
            hook.answer = lambda _: Says()
            await post.send(NOON + 2 * HOUR)
            assert post.notes.delivered[-2:] == [said[0].id, said[2].id]

    run(story())


def test_a_receiver_that_asks_to_wait_is_left_alone_for_so_long(url: str, keys: PersonalKeys, hook: Receiver) -> None:
    hook.answer = lambda _: Says(429, {"Retry-After": "600"})

    async def story() -> None:
        async with post_office(url, hook.url, keys) as post:
            post.say("a")
            await post.send(NOON + timedelta(minutes=9))
            assert len(hook.got) == 1
            await post.send(NOON + timedelta(minutes=11))
            assert len(hook.got) == 2

    run(story())


def test_a_slow_receiver_is_given_up_on_in_time_and_others_are_not_held_up(
    url: str, keys: PersonalKeys, hook: Receiver
) -> None:
    release = threading.Event()

    def slow(got: Got) -> Says:
        if b'"slow"' in got.body:
            release.wait(10)
        return Says()

    hook.answer = slow

    async def story() -> None:
        client = guarded_client({hook.host})
        client.timeout = httpx.Timeout(0.3)
        async with post_office(url, hook.url, keys, client=client) as post:
            slow_one, quick = post.say("slow", "quick")
            started = time.monotonic()
            await post.send()
            assert time.monotonic() - started < 5
            assert post.notes.delivered == [quick.id]
            assert [(name, reason) for name, reason, _ in post.notes.failed] == [(slow_one.id, "no answer in time")]
            release.set()
            await post.send(NOON + HOUR)
            assert post.notes.delivered == [quick.id, slow_one.id]

    run(story())


def test_a_redirect_is_not_followed_and_does_not_count(url: str, keys: PersonalKeys, hook: Receiver) -> None:
    with receiver() as elsewhere:
        hook.answer = lambda _: Says(307, {"Location": elsewhere.url})

        async def story() -> None:
            both = guarded_client({hook.host, elsewhere.host})
            async with post_office(url, hook.url, keys, client=both) as post:
                post.say("a")
                await post.send()
                [(_, reason, _)] = post.notes.failed
                assert reason == "answered 307, a redirect, which is not followed"

        run(story())
        assert (len(hook.got), elsewhere.got) == (1, [])


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, b"\x00\xff not what anybody asked for" * 100),
        ({"Content-Type": "application/json"}, b'{"status": "error"'),
        ({"Content-Encoding": "gzip"}, b"no gzip"),
        ({"Content-Length": str(10**12)}, b"x" * 200_000),
    ],
)
def test_rubbish_in_an_answer_of_200_changes_nothing(
    url: str, keys: PersonalKeys, hook: Receiver, headers: dict[str, str], body: bytes
) -> None:
    hook.answer = lambda _: Says(200, headers, body)

    async def story() -> None:
        async with post_office(url, hook.url, keys) as post:
            said = post.say("a", "a")
            await post.send()
            assert post.notes.delivered == [event.id for event in said]

    run(story())
    assert len(hook.got) == 2


@pytest.mark.parametrize("listed", [False, True])
def test_no_private_address_is_asked_unless_the_settings_name_it(
    url: str, keys: PersonalKeys, hook: Receiver, listed: bool
) -> None:
    async def story() -> None:
        address = f"http{'' if listed else 's'}://localhost:{hook.port}/hook"
        client = guarded_client({f"localhost:{hook.port}"} if listed else set())
        async with post_office(url, address, keys, client=client) as post:
            [event] = post.say("a")
            await post.send()
            assert post.notes.delivered == ([event.id] if listed else [])
            reasons = [reason for _, reason, _ in post.notes.failed]
            assert all("its address is private" in reason for reason in reasons)
            assert len(reasons) == (not listed)

    run(story())
    assert len(hook.got) == listed


def test_a_process_that_is_killed_between_sending_and_noting_leaves_it_to_the_next_which_sends_again(
    url: str, keys: PersonalKeys, personal_key: str, hook: Receiver
) -> None:
    clock = SimulatedClock()
    said: list[OutboxEvent] = []

    async def before() -> None:
        async with post_office(url, hook.url, keys, clock) as post:
            said.extend(post.say("a", "a", "a"))

    async def after() -> None:
        async with post_office(url, hook.url, keys, clock) as post:
            await post.send()
            assert post.notes.delivered == []  # the dead one may still live, for all that is known
            clock.now += sending.LEASE
            await post.send()
            assert_in_order(hook.got, said)
            assert len(hook.got) == len(said) + 1
            assert post.store.outlook("webhook:app").waiting == 0

    run(before())
    command = [sys.executable, "-m", "tests.faults.dying_post", url, hook.url]
    done = subprocess.run(command, input=personal_key, encoding="utf-8", timeout=60, check=False, cwd=PROJECT_ROOT)
    assert done.returncode == -signal.SIGKILL
    assert len(hook.got) == 1
    run(after())


def test_two_processes_send_each_event_once_and_in_order(url: str, keys: PersonalKeys, hook: Receiver) -> None:
    async def work(post: Post) -> None:
        for _ in range(200):
            at = await post.rounds.once(post.target)
            if at is None:
                return
            if at > post.clock.now:
                await asyncio.sleep(0.01)

    async def story() -> None:
        clock = SimulatedClock()
        async with (
            post_office(url, hook.url, keys, clock) as one,
            post_office(url, hook.url, keys, clock) as other,
        ):
            said = one.say(*(f"a-{number % 7}" for number in range(60)))
            await asyncio.gather(work(one), work(other))
            assert_in_order(hook.got, said)
            assert len(hook.got) == len(said)

    run(story())
