"""The outbox: events in the order in which they became visible, for whoever is told."""

from collections.abc import Callable
from datetime import UTC, datetime

from triage.store.records import NewAlert, NewEvent
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def fill(store: Store, make: MakeAlert) -> list[int]:
    for number in range(3):
        kinds = [NewEvent(kind, {"number": number, "text": "masqué é"}) for kind in ("received", "triaged")]
        store.add(make(f"a-{number}"), events=kinds)
    return [event.seq for event in store.events_since(0, 10)]


def test_events_wait_in_order_and_carry_what_a_forwarder_needs(store: Store, make: MakeAlert) -> None:
    numbers = fill(store, make)
    waiting = store.events_since(0, 10)
    assert numbers == sorted(set(numbers))
    assert [(event.alert_id, event.kind) for event in waiting[:3]] == [
        ("a-0", "received"),
        ("a-0", "triaged"),
        ("a-1", "received"),
    ]
    assert waiting[2].body == {"number": 1, "text": "masqué é"}
    assert len({event.id for event in waiting}) == 6
    assert all(event.created_at > NOON for event in waiting)


def test_the_stream_goes_on_after_any_number(store: Store, make: MakeAlert) -> None:
    numbers = fill(store, make)
    assert [event.seq for event in store.events_since(numbers[2], 2)] == numbers[3:5]
    assert store.events_since(numbers[-1], 10) == ()
