"""Undoing a decision: codes, place and link are as before it, and what others did since stays."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from triage.store.errors import NothingToUndo, UnknownAlert
from triage.store.records import Link, Linking, NewAlert, NewEvent, QueuePlace, StoredAlert
from triage.store.review_records import NewReturn, ReviewDecision
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
Add = Callable[..., StoredAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LATER = NOON + timedelta(days=1)
WAITING = QueuePlace("review", -3.25)


@pytest.fixture
def add(store: Store, make: MakeAlert) -> Add:
    """Stores an alert, so many hours after noon and joined to another where one is named."""

    def store_it(name: str, join: str | None = None, hours: float = 0, **fields: Any) -> StoredAlert:
        links = fields.pop("links", ())
        new = make(name, created_at=NOON + hours * HOUR, **fields)
        return store.add(new, link=lambda _: Linking(join=join, links=links)).alert

    return store_it


@pytest.fixture
def decide(store: Store) -> Add:
    """Answers an alert as it is now."""

    def answer(name: str, **fields: Any) -> StoredAlert:
        alert = store.alert(name)
        assert alert is not None
        return store.decide(ReviewDecision(name, "anne", NOON, alert.review_id, **fields))

    return answer


def clusters(store: Store, *names: str) -> list[tuple[str, ...]]:
    """The clusters that alerts are in, each by its members."""
    found = []
    for name in names:
        alert = store.alert(name)
        assert alert is not None
        cluster = store.cluster(alert.cluster_id) if alert.cluster_id else None
        found.append(cluster.alert_ids if cluster else ())
    return found


def settled(alert: StoredAlert | None) -> tuple[Any, ...]:
    assert alert is not None
    return alert.category, alert.department, alert.priority, alert.queue, alert.queue_rank, alert.review_id


def test_codes_and_place_come_back_and_the_decision_is_kept_as_undone(store: Store, add: Add, decide: Add) -> None:
    before = add("a", queue_place=WAITING)
    decided = decide("a", category="eau", department="eaux", priority="haute")
    undone = store.undo("a", "bob", LATER, decided.review_id, lambda alert: [NewEvent("undone", {"q": alert.queue})])
    assert settled(undone) == settled(before) == ("voirie", "voirie", "normale", "review", -3.25, None)
    (entry,) = store.history("a")
    assert (entry.undone_at, entry.undone_by) == (LATER, "bob")
    assert store.last_review("anne") is None
    assert [event.body for event in store.events_since(0, 9)] == [{"q": "review"}]
    assert settled(decide("a", category="eau"))[0] == "eau"


def test_decisions_are_undone_one_by_one_from_the_last(store: Store, add: Add, decide: Add) -> None:
    add("a", queue_place=WAITING)
    first = decide("a", category="eau")
    second = decide("a", priority="basse")
    with pytest.raises(NothingToUndo):
        store.undo("a", "anne", LATER, first.review_id)
    assert settled(store.alert("a")) == settled(second)
    assert settled(store.undo("a", "anne", LATER)) == settled(first)
    assert store.undo("a", "anne", LATER).queue == "review"
    with pytest.raises(NothingToUndo):
        store.undo("a", "anne", LATER)
    with pytest.raises(UnknownAlert):
        store.undo("x", "anne", LATER)


def test_what_waits_again_since_then_keeps_its_new_place(store: Store, add: Add, decide: Add) -> None:
    add("a", queue_place=WAITING)
    decide("a", department="eaux")
    store.add_return(NewReturn("a", "eaux", None, "Pas pour nous.", "key", LATER), QueuePlace("review", 50.0))
    assert settled(store.undo("a", "anne", LATER))[1:5] == ("voirie", "normale", "review", 50.0)


def test_what_should_not_have_been_sent_waits_for_nobody_again(store: Store, add: Add, decide: Add) -> None:
    add("a", queue_place=WAITING)
    decide("a")
    store.withdraw_alert("a", LATER)
    assert store.undo("a", "anne", LATER).queue is None


def test_a_newer_answer_of_a_model_counts_once_no_decision_does(store: Store, add: Add, decide: Add) -> None:
    add("a")
    decide("a", category="eau")
    decide("a", category="autre")
    store.add_prediction("a", {"category": {"code": "proprete", "confidence": 0.9}})
    assert store.undo("a", "anne", LATER).category == "eau"
    assert store.undo("a", "anne", LATER).category == "proprete"


def test_a_link_between_two_is_undone_with_what_the_model_said(store: Store, add: Add, decide: Add) -> None:
    add("a")
    said = Link("a", "candidate", 0.4, 12.0, 3.0, ({"level": "near"},))
    add("b", links=(said,))
    decide("b", duplicate_of="a")
    undone = store.undo("b", "anne", LATER)
    assert undone.cluster_id is None
    assert clusters(store, "a", "b") == [(), ()]
    assert store.links("b", rejected=True) == (said,)


def test_a_link_that_a_person_made_alone_is_gone(store: Store, add: Add, decide: Add) -> None:
    add("a")
    add("b")
    store.reject("a", "b")
    decide("b", duplicate_of="a")
    store.undo("b", "anne", LATER)
    assert [(link.other_id, link.kind) for link in store.links("b", rejected=True)] == [("a", "rejected")]


@pytest.mark.parametrize(("one", "other"), [("a1", "b1"), ("b1", "a1"), ("b2", "a2")])
def test_two_clusters_that_became_one_are_two_again(store: Store, add: Add, decide: Add, one: str, other: str) -> None:
    add("a1", hours=1)
    add("a2", join="a1", hours=2)
    add("b1", hours=3)
    young = add("b2", join="b1", hours=4).cluster_id
    decide(one, duplicate_of=other)
    assert clusters(store, one) == [("a1", "a2", "b1", "b2")]
    store.undo(one, "anne", LATER)
    assert clusters(store, "a1", "b1") == [("a1", "a2"), ("b1", "b2")]
    assert young is not None
    again = store.cluster(young)
    assert again is not None and again.alert_ids == ("b1", "b2")
    assert store.links("a1") == store.links("b1") == ()


@pytest.mark.parametrize(("one", "other"), [("alone", "a1"), ("a2", "alone")])
def test_one_that_joined_a_cluster_leaves_it(store: Store, add: Add, decide: Add, one: str, other: str) -> None:
    add("a1")
    add("a2", join="a1")
    add("alone")
    decide(one, duplicate_of=other)
    store.undo(one, "anne", LATER)
    assert clusters(store, "a1", "a2", "alone") == [("a1", "a2"), ("a1", "a2"), ()]


def test_an_alert_that_came_since_stays_with_the_one_that_was_repeated(store: Store, add: Add, decide: Add) -> None:
    add("a", hours=1)
    add("b", hours=2)
    decide("b", duplicate_of="a")
    add("c", join="a", hours=3)
    store.undo("b", "anne", LATER)
    assert clusters(store, "a", "b", "c") == [("a", "c"), (), ("a", "c")]


def test_alerts_that_were_parted_since_stay_as_they_are(store: Store, add: Add, decide: Add) -> None:
    add("a")
    add("b")
    decide("b", duplicate_of="a")
    store.unlink("b")
    assert store.undo("b", "anne", LATER).cluster_id is None
    assert [link.kind for link in store.links("a", rejected=True)] == ["rejected"]


def test_a_duplicate_of_its_own_cluster_changes_no_link(store: Store, add: Add, decide: Add) -> None:
    add("a")
    add("b", join="a", links=(Link("a", "duplicate", 0.9, 1.0, 1.0),))
    decide("b", duplicate_of="a")
    decide("b", duplicate_of="b")
    store.undo("b", "anne", LATER)
    store.undo("b", "anne", LATER)
    assert clusters(store, "b") == [("a", "b")]
    assert store.links("b") == (Link("a", "duplicate", 0.9, 1.0, 1.0),)
