"""The benchmark of the store: the alerts it makes up, what it measures, and that it sees what a kill could leave."""

import itertools
import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from evaluation.benchmarks.store.alerts import (
    BACK,
    CITY,
    DISTRICT,
    LATE,
    SPAN,
    START,
    district_alert,
    past_alerts,
    search_around,
    search_in_district,
)
from evaluation.benchmarks.store.databases import databases
from evaluation.benchmarks.store.inserts import bench_inserts, flushes_per_s
from evaluation.benchmarks.store.kills import KillFigures, inspect
from evaluation.benchmarks.store.lookups import bench_lookups, bench_steps
from evaluation.benchmarks.store.writers import lane
from tests.postgres import postgres_server, postgresql_url
from triage.errors import InvalidConfiguration
from triage.places import distance_m
from triage.store.records import Linking, NewEvent
from triage.store.store import Store

__all__ = ["postgres_server", "postgresql_url"]


def test_alerts_are_as_many_as_asked_for_in_order_of_time() -> None:
    made = list(past_alerts(2_000, 300))
    assert len({alert.id for alert in made}) == 2_000
    assert all(one.created_at <= other.created_at for one, other in itertools.pairwise(made))
    assert START <= made[0].created_at < made[-1].created_at < START + SPAN
    inside = [alert for alert in made if DISTRICT.holds(alert.lat or 0, alert.lon or 0)]
    assert [alert.id for alert in inside] == [f"district-{number}" for number in range(300)]
    assert all(CITY.holds(alert.lat or 0, alert.lon or 0) for alert in made)


def test_the_district_is_a_square_kilometre() -> None:
    height = distance_m(DISTRICT.south, DISTRICT.west, DISTRICT.north, DISTRICT.west)
    width = distance_m(DISTRICT.south, DISTRICT.west, DISTRICT.south, DISTRICT.east)
    assert height == pytest.approx(1_000, rel=0.01)
    assert width == pytest.approx(1_000, rel=0.01)


def test_the_district_is_the_same_in_a_small_and_in_a_large_store() -> None:
    small, large = ([alert for alert in past_alerts(count, 50) if "district" in alert.id] for count in (100, 1_000))
    assert small == large
    assert list(past_alerts(50, 50)) == small


def test_an_alert_follows_from_its_id_and_a_look_up_has_its_time_before_it() -> None:
    assert district_alert("a-1") == district_alert("a-1") != replace(district_alert("a-2"), id="a-1")
    for _ in range(50):
        search = search_in_district(random.Random(1))
        assert search.since >= START
        assert search.until - search.since == BACK + LATE


def test_look_ups_are_measured_in_both_stores(tmp_path: Path) -> None:
    steps: list[int] = []
    figures = bench_lookups(tmp_path, 6_000, 200, lambda _, gained: steps.append(gained), few=400, lookups=100)
    assert sum(steps) == bench_steps(6_000, 400, 100)
    assert (figures.few.alerts, figures.many.alerts) == (400, 6_000)
    assert 0 < figures.few.neighbours <= figures.many.neighbours
    for times in (figures.few, figures.many):
        assert 0 < times.p50_ms <= times.p99_ms
        assert times.filled_per_s > 0
    assert figures.ratio == figures.many.p99_ms / figures.few.p99_ms


@pytest.mark.slow
def test_writers_are_counted_while_all_of_them_write(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'alerts.db'}"
    figures = bench_inserts("SQLite", url, writers=2, seconds=0.5)
    assert (figures.database, figures.writers) == ("SQLite", 2)
    with Store.open(url) as store:
        stored = sum(store.counts().values())
        lanes = Counter(event.alert_id.partition("-")[0] for event in store.events_since(0, 100_000))
    assert lanes.keys() == {"lane0", "lane1"}
    assert 0 < figures.alerts_per_s * 0.5 <= stored


def test_a_writer_that_cannot_write_is_an_error(tmp_path: Path) -> None:
    with lane("lane", f"sqlite:///{tmp_path}", "no key") as row, pytest.raises(RuntimeError, match="ended"):
        row.write(1)


def test_flushes_are_counted(tmp_path: Path) -> None:
    assert flushes_per_s(tmp_path, 0.1) > 1
    assert not list(tmp_path.iterdir())


# What the inspection after kills must see

DONE = {"lane0": (6, 1), "lane1": (4, 0)}
WHOLE = KillFigures(2, acknowledged=10, stored=10, sent_again=1, lost=0, doubled=0, incomplete=0, uncalled=0)


def add(store: Store, alert_id: str, times: int = 1) -> None:
    alert = district_alert(alert_id)
    assert alert.lat is not None and alert.lon is not None
    search = search_around(alert.lat, alert.lon, alert.created_at)
    store.add(alert, lambda _: Linking(), search, [NewEvent("alert.received", {})] * times)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A store as two rows of writers leave it: every alert once, with all that belongs to it."""
    path = tmp_path / "alerts.db"
    with Store.open(f"sqlite:///{path}") as store:
        for name, (count, _) in DONE.items():
            for number in range(count):
                add(store, f"{name}-{number}")
    return path


def nothing(_: Store, __: sqlite3.Connection) -> None:
    pass


def store_one_more(store: Store, _: sqlite3.Connection) -> None:
    add(store, "lane1-4")


def store_two_more(store: Store, _: sqlite3.Connection) -> None:
    add(store, "lane1-4")
    add(store, "lane1-5")


def tell_twice(store: Store, _: sqlite3.Connection) -> None:
    add(store, "lane1-4", times=2)


def lose_an_alert(_: Store, connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM events WHERE alert_id = 'lane0-3'")
    connection.execute("DELETE FROM alerts WHERE id = 'lane0-3'")


def lose_an_event(_: Store, connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM events WHERE alert_id = 'lane0-3'")


def lose_a_prediction(_: Store, connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM predictions WHERE alert_seq = 1")


def lose_a_vector(_: Store, connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM vectors WHERE alert_seq = 1")


def lose_a_place(_: Store, connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM alert_places WHERE seq = 1")


def keep_the_event_alone(_: Store, connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM alerts WHERE id = 'lane0-3'")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (nothing, WHOLE),
        (store_one_more, replace(WHOLE, stored=11)),
        (store_two_more, replace(WHOLE, stored=12, uncalled=1)),
        (tell_twice, replace(WHOLE, stored=11, doubled=1)),
        (lose_an_alert, replace(WHOLE, stored=9, lost=1)),
        (keep_the_event_alone, replace(WHOLE, stored=9, lost=1)),
        (lose_an_event, replace(WHOLE, incomplete=1)),
        (lose_a_prediction, replace(WHOLE, incomplete=1)),
        (lose_a_vector, replace(WHOLE, incomplete=1)),
        (lose_a_place, replace(WHOLE, incomplete=1)),
    ],
)
def test_what_kills_could_leave_is_seen(
    written: Path, change: Callable[[Store, sqlite3.Connection], None], found: KillFigures
) -> None:
    connection = sqlite3.connect(written, isolation_level=None)
    try:
        with Store.open(f"sqlite:///{written}") as store:
            change(store, connection)
            assert inspect(store, 2, DONE) == found
    finally:
        connection.close()
    wrong = (found.lost, found.doubled, found.incomplete, found.uncalled)
    assert found.faults == sum(wrong)


# Where it measures


def test_an_sqlite_database_is_new_and_gone_afterwards(tmp_path: Path) -> None:
    with databases(tmp_path, None) as makers:
        with makers["SQLite"]() as url:
            Store.open(url).close()
        assert not list(tmp_path.iterdir())


@pytest.mark.xdist_group("postgresql")
def test_a_database_of_its_own_is_made_on_the_server_named(tmp_path: Path, postgresql_url: str) -> None:
    def names() -> set[str]:
        with psycopg.connect(postgresql_url) as connection:
            return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}

    before = names()
    with databases(tmp_path, postgresql_url) as makers, makers["PostgreSQL"]() as url:
        assert url != postgresql_url
        with Store.open(url) as store:
            add(store, "a")
        assert len(names() - before) == 1
    assert names() == before


@pytest.mark.parametrize("url", ["", "sqlite:///alerts.db", "mysql://h/d", "postgresql://someone@127.0.0.1:1/d"])
def test_a_server_that_cannot_be_used_is_one_sentence(tmp_path: Path, url: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught, databases(tmp_path, url):
        pass
    assert caught.value.message.endswith(".")
