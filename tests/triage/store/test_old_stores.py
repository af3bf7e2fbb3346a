"""Stores that older versions made, rows and all, opened by this one: nothing is lost, and everything works."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.old_stores import KEY, VERSIONS, all_rows, load_old_store
from triage.store.personal import PersonalKeys
from triage.store.records import NewAlert, Search
from triage.store.review_records import MAIN_QUEUE, ReviewDecision
from triage.store.store import Store
from triage.store.upgrade import VERSION_TABLE

MakeAlert = Callable[..., NewAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=9)
# What a later version calls otherwise, and what only numbers rows.
RENAMED = {("reviews", "body"): "shown"}
COUNTERS = {VERSION_TABLE, "sqlite_sequence"}


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    value: str = request.param
    return value


@pytest.fixture
def old_url(version: str, url: str) -> str:
    """The URL of a store as that version left it."""
    load_old_store(version, url)
    return url


def opened(url: str) -> Store:
    seconds = itertools.count()
    return Store.open(url, key=PersonalKeys([KEY]), clock=lambda: LATER + timedelta(seconds=next(seconds)))


def test_opening_keeps_every_row_as_it_was(old_url: str) -> None:
    before = all_rows(old_url)
    opened(old_url).close()
    after = all_rows(old_url)
    assert sum(map(len, before.values())) >= 30
    for table in set(before) - COUNTERS:
        names = [(name, RENAMED.get((table, name), name)) for name in before[table][0]] if before[table] else []
        kept = [{old: row[new] for old, new in names} for row in after[table]]
        assert sorted(kept, key=repr) == before[table], table


def test_alerts_are_read_listed_and_found_by_their_place(old_url: str) -> None:
    with opened(old_url) as store:
        first = store.alert("old-1")
        assert first is not None
        assert (first.text, first.plates, first.covered_by) == (
            "Nid-de-poule devant le 12, tél <TEL>",
            ("ab" * 32,),
            "old-4",
        )
        assert (first.address, first.channel, first.version, first.status_note) == (None, None, 1, None)
        assert first.prediction is not None and first.prediction["category"]["code"] == "voirie"
        assert {alert.id for alert in store.alerts().alerts} >= {f"old-{number}" for number in range(1, 6)}
        near = store.near(Search(47.322, 5.0415, 30, NOON - timedelta(days=1), NOON + timedelta(days=1)))
        assert {found.id for found in near} >= {"old-1", "old-2"} and near[0].id == "old-1"
        assert near[0].vector == b"\x00\xff\x01"
        assert first.cluster_id is not None
        cluster = store.cluster(first.cluster_id)
        assert cluster is not None and cluster.alert_ids == ("old-1", "old-2")
        assert [link.other_id for link in store.links("old-2")] == ["old-1"]
        states = store.states([f"old-{number}" for number in range(1, 6)])
        assert states == {
            "old-1": "open", "old-2": "open", "old-3": "open", "old-4": "closed", "old-5": "withdrawn",
        }  # fmt: skip


def test_texts_as_sent_and_their_log_and_the_outbox_are_there(old_url: str) -> None:
    with opened(old_url) as store:
        assert [entry.purpose for entry in store.readings("old-1")] == ["call back"]
        assert store.original("old-1", "desk-2", "test") == "Nid-de-poule devant le 12, tél 06 00 00 00 00"
        told = store.events_since(0, 100)
        assert [event.seq for event in told] == sorted(event.seq for event in told)
        assert [event.kind for event in told[:2]] == ["alert.received", "alert.triaged"]


def test_staff_answer_undo_and_close_what_was_there_before(version: str, old_url: str) -> None:
    with opened(old_url) as store:
        [entry] = store.history("old-3")
        assert (entry.reviewer, entry.category, entry.undone_at) == ("desk-1", "feux_tricolores", None)
        decided = store.decide(ReviewDecision("old-3", "desk-2", LATER, entry.id, "voirie", "voirie", "basse"))
        assert decided.category == "voirie"
        assert store.undo("old-3", "desk-2", LATER).category == "feux_tricolores"
        waiting = [row.alert.id for row in store.queue(MAIN_QUEUE, LATER).rows]
        assert waiting == ([] if version == "0001" else ["old-7", "old-2", "old-6"])
        assert store.close_alert("old-1", LATER).state == "closed"
        assert store.reopen_alert("old-4", LATER).state == "open"


def test_new_alerts_get_numbers_that_no_alert_had(old_url: str, make: MakeAlert) -> None:
    with opened(old_url) as store:
        last = max(alert.seq for alert in store.alerts().alerts)
        added = store.add(make("new"), search=Search(47.322, 5.0415, 30, NOON, NOON + timedelta(days=1)))
        assert added.alert.seq > last
