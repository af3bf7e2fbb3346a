"""A forwarder by itself: what is noted, told and logged when the store or a department is not what it should be."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from serving.alerts.events import events_of
from serving.desk.languages import read_catalogue
from serving.forwarding.forwarder import Forwarder
from serving.forwarding.handover import Handover
from serving.forwarding.observer import ForwardingObserver
from serving.forwarding.reasons import reason_of
from serving.metrics import Metrics
from serving.outbound.addresses import AddressRefused, refuse_private
from serving.outbound.targets import DeliveryFailed, Sent
from serving.problems import overloaded
from serving.storage import StoreDoor, Work
from tests.serving.desk.made import new_alert
from triage.store.personal import PersonalKeys
from triage.store.records import NewEvent, OutboxEvent
from triage.store.store import Store
from triage.taxonomy import Taxonomy

TEXT, ORIGINAL = "Des sacs, <TEL>", "Des sacs, 06 12 34 56 78"


class Recording:
    """Takes everything, and remembers it."""

    def __init__(self) -> None:
        self.taken: list[Handover] = []

    async def send(self, handover: Handover) -> str:
        self.taken.append(handover)
        return f"P-{len(self.taken)}"


class Flaky(StoreDoor):
    """Refuses so many writes."""

    refusals = 0

    async def run(self, work: Work, *arguments: Any, **options: Any) -> Any:
        if work is Work.WRITE and self.refusals:
            self.refusals -= 1
            raise overloaded("Too many.")
        return await super().run(work, *arguments, **options)


class Installed:
    """A store with one routed alert, and a forwarder to its department."""

    def __init__(self, folder: Path, taxonomy: Taxonomy) -> None:
        self.url = f"sqlite:///{folder / 'alerts.db'}"
        self.keys = PersonalKeys([PersonalKeys.new_key()])
        with self.store() as store:
            store.add(new_alert("a", TEXT, None, decision="route", original=ORIGINAL), events=events_of)
        self.door = Flaky(self.store, 10, Metrics())
        self.channel = Recording()
        self.forwarder = Forwarder("proprete", "email", self.channel, False, taxonomy, self.door, "")

    def store(self, keys: PersonalKeys | None = None) -> Store:
        return Store.open(self.url, key=keys or self.keys)

    @property
    def event(self) -> OutboxEvent:
        with self.store() as store:
            [event] = store.events_of(["a"], ["alert.triaged"])
        return event

    def told(self, kind: str) -> list[OutboxEvent]:
        with self.store() as store:
            return list(store.events_of(["a"], [kind]))

    def deliver(self, forwarder: Forwarder) -> Sent:
        async def run() -> Sent:
            return await forwarder.deliver(self.event)

        return asyncio.run(run())


@pytest.fixture
def installed(tmp_path: Path, taxonomy: Taxonomy) -> Installed:
    return Installed(tmp_path, taxonomy)


def test_what_was_sent_but_could_not_be_noted_is_noted_later_and_not_sent_again(installed: Installed) -> None:
    installed.door.refusals = 1
    with pytest.raises(DeliveryFailed, match="the alert store cannot be used"):
        installed.deliver(installed.forwarder)
    assert installed.told("alert.forwarded") == []
    assert installed.deliver(installed.forwarder) == Sent("P-1")
    assert len(installed.channel.taken) == 1
    [event] = installed.told("alert.forwarded")
    assert event.body["reference"] == "P-1"


def test_an_event_that_comes_again_sends_nothing_again(installed: Installed) -> None:
    assert installed.deliver(installed.forwarder) == Sent("P-1")
    assert installed.deliver(installed.forwarder) == Sent()
    assert len(installed.channel.taken) == 1


def test_what_a_reporter_adds_reaches_whoever_has_the_alert_and_is_no_second_handover(installed: Installed) -> None:
    installed.deliver(installed.forwarder)
    with installed.store() as store:
        store.add_events("a", [NewEvent("alert.updated", {"version": 2})])
    [news] = installed.told("alert.updated")
    assert installed.forwarder.wants(news)
    assert not replace(installed.forwarder, kind="open311").wants(news)
    assert asyncio.run(installed.forwarder.deliver(news)) == Sent("P-2")
    told = installed.channel.taken[1]
    assert (told.news, told.known_as) == ("added", "P-1")
    assert len(installed.told("alert.forwarded")) == 1


def test_masked_texts_are_the_rule(installed: Installed) -> None:
    installed.deliver(installed.forwarder)
    assert (installed.channel.taken[0].text, installed.channel.taken[0].is_original) == (TEXT, False)
    with installed.store() as store:
        assert store.readings("a") == ()


def test_a_text_as_sent_without_its_key_gives_way_to_the_masked_one(installed: Installed, taxonomy: Taxonomy) -> None:
    other = PersonalKeys([PersonalKeys.new_key()])
    door = StoreDoor(lambda: installed.store(other), 10, Metrics())
    forwarder = Forwarder("proprete", "email", installed.channel, True, taxonomy, door, "https://triage.example")
    installed.deliver(forwarder)
    [handover] = installed.channel.taken
    assert (handover.text, handover.is_original) == (TEXT, False)
    assert handover.link == "https://triage.example/review/alerts/a"


def test_a_department_that_may_gets_the_text_as_sent(installed: Installed) -> None:
    installed.deliver(replace(installed.forwarder, original=True))
    assert installed.channel.taken[0].text == ORIGINAL
    with installed.store() as store:
        assert [one.reader for one in store.readings("a")] == ["forwarder proprete"]


def test_it_is_told_once_that_an_alert_was_given_up(installed: Installed) -> None:
    observer, failure = ForwardingObserver(installed.door), DeliveryFailed("it answers 400", permanent=True)

    async def give_up() -> None:
        for _ in range(2):
            await observer.on_dead(installed.event, installed.forwarder, failure)

    asyncio.run(give_up())
    [event] = installed.told("alert.forwarding_failed")
    assert event.body == {"department": "proprete", "target": "forwarder:proprete"}


def refused(*addresses: str) -> str:
    with pytest.raises(AddressRefused) as error:
        refuse_private(addresses, listed=False)
    return str(error.value)


@pytest.mark.parametrize(
    "reason",
    [
        lambda: refused("10.0.0.1"),
        refused,
        lambda: refused("169.254.169.254"),
        lambda: "no answer within 15 s",
        lambda: "it answers 503",
        lambda: "the mail server refused 1 of 2 readers; the others have it",
    ],
)
def test_reasons_are_said_in_french(reason: Callable[[], str]) -> None:
    found = reason_of(reason())
    entry = read_catalogue("fr").get(found.message)
    assert entry is not None
    assert isinstance(entry.string, str)
    assert found.message % found.values == reason()
    assert entry.string % found.values != reason()


def test_a_reason_that_nobody_knows_is_shown_as_it_is() -> None:
    assert reason_of("100% strange (%s)").message == "100% strange (%s)"
