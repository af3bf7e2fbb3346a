"""The outbox: events in the order in which they became visible, until they are sent."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from triage.store.records import NewAlert, NewEvent
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def fill(store: Store, make: MakeAlert) -> list[int]:
    for number in range(3):
        kinds = [NewEvent(kind, {"number": number, "text": "masqué é"}) for kind in ("received", "triaged")]
        store.add(make(f"a-{number}"), events=kinds)
    return [event.seq for event in store.pending_events(10)]


def test_events_wait_in_order_and_carry_what_a_forwarder_needs(store: Store, make: MakeAlert) -> None:
    numbers = fill(store, make)
    waiting = store.pending_events(10)
    assert numbers == sorted(set(numbers))
    assert [(event.alert_id, event.kind) for event in waiting[:3]] == [
        ("a-0", "received"),
        ("a-0", "triaged"),
        ("a-1", "received"),
    ]
    assert waiting[2].body == {"number": 1, "text": "masqué é"}
    assert len({event.id for event in waiting}) == 6
    assert all(event.attempts == 0 and event.sent_at is None for event in waiting)
    assert all(event.created_at > NOON for event in waiting)


def test_a_sent_event_waits_no_longer_and_stays_in_the_stream(store: Store, make: MakeAlert) -> None:
    first, *rest = fill(store, make)
    store.mark_sent(first, NOON)
    store.mark_sent(first, NOON + timedelta(hours=1))
    store.mark_sent(10**6, NOON)
    assert [event.seq for event in store.pending_events(10)] == rest
    sent = store.events_since(0, 1)[0]
    assert (sent.seq, sent.sent_at, sent.attempts) == (first, NOON, 1)


def test_a_failed_event_keeps_its_place_and_counts_its_attempts(store: Store, make: MakeAlert) -> None:
    numbers = fill(store, make)
    for _ in range(3):
        store.mark_failed(numbers[0], NOON)
    waiting = store.pending_events(2)
    assert [(event.seq, event.attempts) for event in waiting] == [(numbers[0], 3), (numbers[1], 0)]
    store.mark_sent(numbers[0], NOON)
    store.mark_failed(numbers[0], NOON)
    assert store.events_since(0, 1)[0].attempts == 4


def test_the_stream_goes_on_after_any_number(store: Store, make: MakeAlert) -> None:
    numbers = fill(store, make)
    assert [event.seq for event in store.events_since(numbers[2], 2)] == numbers[3:5]
    assert store.events_since(numbers[-1], 10) == ()
