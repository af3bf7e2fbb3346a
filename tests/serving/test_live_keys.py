"""A running service notices keys that were added or removed, within a second and not more often."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from serving.keys import KEYS_FILE, KeyStore
from serving.live_keys import CHECK_EVERY_S, LiveKeys
from triage.errors import InvalidConfiguration


class Clock:
    """A clock that moves when told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "state")


@pytest.fixture
def later(clock: Clock) -> Callable[[], None]:
    def move() -> None:
        clock.now += CHECK_EVERY_S

    return move


def names(live: LiveKeys, *keys: str) -> list[str | None]:
    found = [live.find(key) for key in keys]
    return [stored.name if stored else None for stored in found]


def test_keys_come_and_go_while_the_service_runs(store: KeyStore, clock: Clock, later: Callable[[], None]) -> None:
    live = LiveKeys(store, clock)
    first = store.add("first")
    later()
    assert names(live, first) == ["first"]
    second = store.add("second")
    store.remove("first")
    later()
    assert names(live, first, second) == [None, "second"]


def test_the_file_is_looked_at_once_a_second(store: KeyStore, clock: Clock, later: Callable[[], None]) -> None:
    live = LiveKeys(store, clock)
    key = store.add("intake")
    clock.now += CHECK_EVERY_S * 0.9
    assert names(live, key) == [None]
    later()
    assert names(live, key) == ["intake"]


def test_a_file_that_is_gone_holds_no_key(store: KeyStore, clock: Clock, later: Callable[[], None]) -> None:
    key = store.add("intake")
    live = LiveKeys(store, clock)
    assert names(live, key) == ["intake"]
    store.path.unlink()
    later()
    assert names(live, key) == [None]


def test_a_broken_file_changes_nothing_and_is_said_once(
    store: KeyStore, clock: Clock, later: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    key = store.add("intake")
    live = LiveKeys(store, clock)
    good = store.path.read_text()
    store.path.write_text("{")
    for _ in range(3):
        later()
        assert names(live, key, "wrong") == ["intake", None]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    store.path.write_text(good)
    added = store.add("reports")
    later()
    assert names(live, key, added) == ["intake", "reports"]


def test_a_service_does_not_start_with_a_broken_file(store: KeyStore) -> None:
    store.add("intake")
    store.path.write_text("{")
    with pytest.raises(InvalidConfiguration, match=KEYS_FILE):
        LiveKeys(store)
