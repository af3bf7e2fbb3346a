"""Loading past alerts: many at once, and as often as one likes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from triage.store.records import ImportReport, NewAlert, Search, State
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_an_import_stores_alerts_with_all_that_belongs_to_them(store: Store, make: MakeAlert) -> None:
    rows = [make(f"a-{number}", original="secret" if number % 2 else None) for number in range(1_203)]
    assert store.import_many(rows) == ImportReport(1_203, 0, ())
    assert store.counts()["open"] == 1_203
    alert = store.alert("a-1201")
    assert alert is not None and alert.prediction == rows[1201].prediction
    assert store.original("a-1201", "test", "test") == "secret"
    found = store.near(Search(47.3220, 5.0415, 1, NOON, NOON, limit=2_000))
    assert len(found) == 1_203
    assert all(one.vector == b"\x00\xff\x01" for one in found)
    assert store.events_since(0, 1) == ()


def test_a_second_import_adds_nothing_and_names_ids_with_other_content(store: Store, make: MakeAlert) -> None:
    rows = [make(name) for name in "abc"]
    store.import_many(rows)
    again = [*rows, make("d"), make("d"), make("b", text="other"), make("d", text="other")]
    assert store.import_many(again) == ImportReport(1, 4, ("b", "d"))
    assert store.import_many([]) == ImportReport(0, 0, ())


def test_past_alerts_may_be_in_any_state_already(store: Store, make: MakeAlert) -> None:
    at = NOON + timedelta(days=3)
    others: dict[str, State] = {"c": "withdrawn", "d": "in_progress", "nobody": "withdrawn"}
    store.import_many([make(name) for name in "abcd"], {"b": at, "nobody": at}, others)
    states = [(alert.id, alert.state, alert.closed_at) for alert in store.alerts().alerts]
    assert states == [
        ("d", "in_progress", None),
        ("c", "withdrawn", None),
        ("b", "closed", at),
        ("a", "open", None),
    ]


def test_what_is_stored_is_told_by_its_digest(store: Store, make: MakeAlert) -> None:
    store.import_many([make(f"a-{number}", text=str(number)) for number in range(1_001)])
    names = [f"a-{number}" for number in range(0, 2_000, 2)]
    assert store.digests(names) == {f"a-{number}": f"digest of {number}" for number in range(0, 1_001, 2)}
    assert store.digests([]) == {}


def test_an_import_that_fails_stores_nothing(store: Store, make: MakeAlert) -> None:
    with pytest.raises(TypeError):
        store.import_many([make("a"), make("b", prediction={"not JSON": object()})])
    assert sum(store.counts().values()) == 0
    assert store.near(Search(47.3220, 5.0415, 1, NOON, NOON)) == []
