"""Alerts that wait for a model: stored whole or not at all, given to one who asks, forgotten once answered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.triage.store.conftest import NOON
from triage.store.errors import IdTaken
from triage.store.personal import PersonalKeys
from triage.store.records import NewAlert, NewEvent
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
DAY = timedelta(days=1)
LATER = NOON + DAY


def waiting(make: MakeAlert, alert_id: str = "a-1", text: str = "trou") -> NewAlert:
    return replace(make(alert_id, text=text), prediction=None, category=None, decision="review", vector=None)


def ids(store: Store, limit: int = 10) -> list[str]:
    return [item.alert.id for item in store.claim_untriaged(LATER, LATER + DAY, limit)]


def test_an_alert_is_stored_with_its_events_and_its_photos(store: Store, make: MakeAlert) -> None:
    added = store.add_untriaged(waiting(make), [b"one", b""], [NewEvent("alert.received", {})])
    assert (added.created, added.alert.prediction, added.alert.category) == (True, None, None)
    assert [(event.alert_id, event.kind) for event in store.events_since(0, 9)] == [("a-1", "alert.received")]
    [item] = store.claim_untriaged(LATER, LATER + DAY, 1)
    assert (item.alert, item.photos, item.tries) == (added.alert, (b"one", b""), 0)


def test_a_repeat_changes_nothing_and_other_content_is_refused(store: Store, make: MakeAlert) -> None:
    events = [NewEvent("alert.received", {})]
    store.add_untriaged(waiting(make), [], events)
    assert not store.add_untriaged(waiting(make), [], events).created
    with pytest.raises(IdTaken):
        store.add_untriaged(waiting(make, text="another"), [], events)
    assert len(store.events_since(0, 9)) == 1
    assert store.count_untriaged(LATER).waiting == 1


def test_they_come_in_the_order_of_their_arrival_to_one_who_asks_at_a_time(store: Store, make: MakeAlert) -> None:
    for name in ("c", "a", "b"):
        store.add_untriaged(waiting(make, name), [])
    assert ids(store, 2) == ["c", "a"]
    assert ids(store, 2) == ["b"]
    assert ids(store) == []
    assert [item.tries for item in store.claim_untriaged(LATER + DAY, LATER + 2 * DAY, 9)] == [1, 1, 1]


def test_one_that_is_postponed_waits_and_one_that_is_answered_is_forgotten(store: Store, make: MakeAlert) -> None:
    for name in ("a", "b"):
        store.add_untriaged(waiting(make, name), [])
    store.postpone_untriaged("a", LATER + DAY)
    store.forget_untriaged("b")
    count = store.count_untriaged(LATER)
    assert (count.waiting, count.due) == (1, 0)
    assert store.count_untriaged(LATER + DAY).due == 1


def test_photos_whose_key_is_gone_are_none(url: str, store: Store, make: MakeAlert) -> None:
    store.add_untriaged(waiting(make), [b"one"])
    with Store.open(url, key=PersonalKeys([PersonalKeys.new_key()])) as other:
        [item] = other.claim_untriaged(LATER, LATER, 1)
    assert item.photos == ()


def test_without_keys_no_photo_is_kept(url: str, make: MakeAlert, clock: Callable[[], datetime]) -> None:
    with Store.open(url, clock=clock) as store:
        store.add_untriaged(waiting(make), [b"one"])
        [item] = store.claim_untriaged(LATER, LATER, 1)
    assert item.photos == ()
