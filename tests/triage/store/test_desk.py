"""What people change: states and answers, each with its events, and never undone by a model."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from triage.store.errors import AlertWithdrawn, UnknownAlert
from triage.store.records import NewAlert, NewEvent, QueuePlace, StoredAlert
from triage.store.review_records import ReviewDecision
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
NEWER = {
    "category": {"code": "eau", "confidence": 0.6},
    "department": {"code": "eaux", "confidence": 0.6},
    "priority": {"code": "haute", "confidence": 0.6},
    "decision": "review",
    "reasons": ["hesitates"],
}


def answer(alert: StoredAlert | None) -> tuple[str | None, str | None, str | None]:
    assert alert is not None
    return alert.category, alert.department, alert.priority


def test_an_alert_is_closed_reopened_and_withdrawn_each_with_its_events(store: Store, make: MakeAlert) -> None:
    stored = store.add(make()).alert
    closed = store.close_alert("a-1", LATER, [NewEvent("closed", {"by": "crew"})])
    assert (closed.state, closed.closed_at) == ("closed", LATER)
    assert closed.updated_at > stored.updated_at
    reopened = store.reopen_alert("a-1", LATER, [NewEvent("reopened", {})])
    assert (reopened.state, reopened.closed_at) == ("open", None)
    assert store.withdraw_alert("a-1", LATER, [NewEvent("withdrawn", {})]).state == "withdrawn"
    assert [event.kind for event in store.events_since(0, 10)] == ["closed", "reopened", "withdrawn"]
    assert store.counts() == {"open": 0, "in_progress": 0, "closed": 0, "withdrawn": 1}


def test_closing_twice_changes_and_tells_nothing(store: Store, make: MakeAlert) -> None:
    store.add(make())
    first = store.close_alert("a-1", NOON, [NewEvent("closed", {})])
    assert store.close_alert("a-1", LATER, [NewEvent("closed", {})]) == first
    assert len(store.events_since(0, 10)) == 1


def test_a_change_whose_events_cannot_be_written_does_not_happen(store: Store, make: MakeAlert) -> None:
    stored = store.add(make()).alert
    broken = [NewEvent("closed", {"at": object()})]
    for change in (
        lambda: store.close_alert("a-1", NOON, broken),
        lambda: store.decide(ReviewDecision("a-1", "anne", NOON, None, category="eau"), broken),
        lambda: store.add_prediction("a-1", NEWER, broken),
    ):
        with pytest.raises(TypeError):
            change()
    assert store.alert("a-1") == stored
    assert store.history("a-1") == ()
    assert len(store.predictions("a-1")) == 1


def test_a_newer_prediction_changes_the_answer_and_keeps_the_older_one(store: Store, make: MakeAlert) -> None:
    older = store.add(make()).alert.prediction
    newer = store.add_prediction("a-1", NEWER, [NewEvent("triaged", {})])
    assert answer(newer) == ("eau", "eaux", "haute")
    assert (newer.decision, newer.reasons, newer.prediction) == ("review", ("hesitates",), NEWER)
    assert store.predictions("a-1") == (older, NEWER)
    assert len(store.events_since(0, 10)) == 1


def test_a_newer_prediction_never_overwrites_a_review(store: Store, make: MakeAlert) -> None:
    store.add(make())
    store.decide(ReviewDecision("a-1", "anne", NOON, None, category="voirie", priority="basse"))
    after = store.add_prediction("a-1", NEWER)
    assert answer(after) == ("voirie", "voirie", "basse")
    assert after.decision == "route"
    assert after.prediction == NEWER


def test_a_prediction_without_answers_leaves_the_answers_as_they_are(store: Store, make: MakeAlert) -> None:
    store.add(make())
    assert answer(store.add_prediction("a-1", {"category": None})) == ("voirie", "voirie", "normale")


def test_what_should_not_have_been_sent_waits_for_nobody(store: Store, make: MakeAlert) -> None:
    store.add(make(queue_place=QueuePlace("review", 1.0)))
    store.claim("a-1", "anne", NOON, LATER)
    assert store.withdraw_alert("a-1", LATER).queue is None
    assert store.queue_counts() == {"review": 0, "sample": 0, "suspect": 0}
    for change in (store.reopen_alert, store.close_alert):
        with pytest.raises(AlertWithdrawn):
            change("a-1", LATER)


def test_a_photo_that_was_held_is_released_by_its_key(store: Store, make: MakeAlert) -> None:
    held = {"key": "one", "held": True}, {"key": "two", "held": True}, {"key": None, "held": False}
    stored = store.add(make(photos=held)).alert
    released = store.release_photo("a-1", "two")
    assert released.photos == (held[0], {"key": "two", "held": False}, held[2])
    assert released.updated_at > stored.updated_at
    assert store.release_photo("a-1", "two") == store.release_photo("a-1", "three") == released


def test_nothing_can_be_done_to_an_alert_that_is_not_stored(store: Store) -> None:
    changes: list[Callable[[], object]] = [
        lambda: store.close_alert("x", NOON),
        lambda: store.reopen_alert("x", NOON),
        lambda: store.withdraw_alert("x", NOON),
        lambda: store.unlink("x"),
        lambda: store.reject("x", "y"),
        lambda: store.release_photo("x", "photo"),
        lambda: store.add_prediction("x", {}),
        lambda: store.original("x", "r", "p"),
        lambda: store.erase_original("x"),
    ]
    for change in changes:
        with pytest.raises(UnknownAlert):
            change()
    assert store.alert("x") is None
    assert store.history("x") == store.predictions("x") == store.covered_alerts("x") == ()
    assert store.cluster("x") is None
    assert store.cluster_alerts("x") == ()
