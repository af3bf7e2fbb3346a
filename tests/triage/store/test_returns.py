"""Alerts that departments give back: noted, and before the staff again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from triage.store.errors import UnknownAlert
from triage.store.records import NewAlert, NewEvent, QueuePlace
from triage.store.review_records import NewReturn, ReturnEntry, ReviewDecision
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
PLACE = QueuePlace("review", 4.0)


def test_an_alert_that_comes_back_waits_again_for_whoever_takes_it(store: Store, make: MakeAlert) -> None:
    alert = store.add(make(queue_place=QueuePlace("review", 1.0))).alert
    store.skip("a-1", "anne", NOON, LATER)
    store.claim("a-1", "bob", NOON, LATER)
    first = NewReturn("a-1", "voirie", "eau", "C'est une fuite.", "key of the roads", NOON)
    back = store.add_return(first, PLACE, lambda after: [NewEvent("returned", {"queue": after.queue})])
    assert (back.queue, back.queue_rank, back.category) == ("review", 4.0, alert.category)
    taken = store.claim_next(("review",), "anne", NOON, LATER)
    assert taken is not None and taken.id == "a-1"
    assert [event.kind for event in store.events_since(0, 9)] == ["returned"]


def test_what_departments_said_is_kept_in_order(store: Store, make: MakeAlert) -> None:
    decided = store.decide(ReviewDecision("a-1", "anne", NOON, store.add(make()).alert.review_id))
    one = NewReturn("a-1", "voirie", "eau", "Une fuite.", "key", NOON)
    two = NewReturn("a-1", "eau", None, "Non.", "key", LATER)
    for new in (one, two):
        assert store.add_return(new, PLACE).review_id == decided.review_id
    assert store.returns("a-1") == (
        ReturnEntry("a-1", "voirie", "eau", "Une fuite.", "key", NOON, 1),
        ReturnEntry("a-1", "eau", None, "Non.", "key", LATER, 2),
    )
    assert store.returns("x") == ()
    with pytest.raises(UnknownAlert):
        store.add_return(NewReturn("x", "voirie", None, "?", "key", NOON), PLACE)
