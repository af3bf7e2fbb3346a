"""Newer answers to stored alerts: all of it or nothing, and never above what a person said."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from triage.store.change_records import Reviser, Revision
from triage.store.errors import AlertChanged, AlertWithdrawn, OriginalUnreadable, UnknownAlert
from triage.store.personal import PersonalKeys
from triage.store.records import Link, Linking, NewAlert, NewEvent, QueuePlace, Search
from triage.store.review_records import NewReturn, ReviewDecision
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
NEWER = {
    "category": {"code": "eau", "confidence": 0.6},
    "department": {"code": "eaux", "confidence": 0.6},
    "priority": {"code": "haute", "confidence": 0.6},
    "decision": "review",
    "reasons": ["hesitates"],
}
WAITING = QueuePlace("review", 3.0)
AROUND = Search(47.3220, 5.0415, 100, NOON - timedelta(days=1), NOON + timedelta(days=1))


def made(waits: QueuePlace | None = WAITING, **fields: Any) -> Reviser:
    """Makes a revision that looks at nothing."""
    return lambda _alert, _neighbours: Revision(NEWER, waits, **fields)


def duplicate(other: str) -> Linking:
    return Linking(join=other, links=(Link(other, "duplicate", 0.9, 3.0, 1.0, ({"phrase": "near"},)),))


def test_a_revision_changes_what_is_given_and_keeps_the_rest(store: Store, make: MakeAlert) -> None:
    first = store.add(make(lat=None, lon=None, photos=({"key": "a"},), plates=("p",))).alert
    revise = made(text="Une fuite", language="fr", place=(47.3, 5.0), vector=b"new", vector_version="v2")
    revised = store.revise("a-1", revise, digest="one", events=[NewEvent("updated", {})])
    after = revised.alert
    assert revised.changed
    assert (after.category, after.department, after.priority) == ("eau", "eaux", "haute")
    assert (after.decision, after.reasons, after.queue, after.queue_rank) == ("review", ("hesitates",), "review", 3.0)
    assert (after.text, after.language, after.lat, after.lon) == ("Une fuite", "fr", 47.3, 5.0)
    assert (after.photos, after.plates, after.content_sha256) == (first.photos, first.plates, first.content_sha256)
    assert (after.version, after.vector_version) == (2, "v2")
    [seen] = store.near(Search(47.3, 5.0, 10, NOON - timedelta(days=1), NOON + timedelta(days=1)))
    assert (seen.id, seen.vector) == ("a-1", b"new")
    assert [event.kind for event in store.events_since(0, 9)] == ["updated"]


def test_every_answer_stays_with_the_version_that_it_answers(store: Store, make: MakeAlert) -> None:
    first = store.add(make()).alert.prediction
    store.revise("a-1", made(), digest="one")
    store.add_prediction("a-1", NEWER | {"decision": "route"})
    store.revise("a-1", made())
    answers = store.prediction_versions("a-1")
    assert [answer.version for answer in answers] == [1, 2, 2, 2]
    assert answers[0].body == first
    assert store.prediction_versions("a-1", limit=2) == answers[2:]
    assert store.prediction_versions("nobody") == ()


def test_what_was_added_before_is_not_added_again(store: Store, make: MakeAlert) -> None:
    store.add(make())
    assert not store.was_added("a-1", "one")
    store.revise("a-1", made(text="Une fuite"), digest="one")
    assert store.was_added("a-1", "one")
    again = store.revise("a-1", made(text="Deux fuites"), follows=1, digest="one", events=[NewEvent("updated", {})])
    assert (again.changed, again.alert.text) == (False, "Une fuite")
    assert store.events_since(0, 9) == ()


def test_an_answer_to_another_version_is_refused(store: Store, make: MakeAlert) -> None:
    store.add(make())
    store.revise("a-1", made(text="Une fuite"), follows=1, digest="one")
    with pytest.raises(AlertChanged) as refused:
        store.revise("a-1", made(text="Deux fuites"), follows=1, digest="two")
    assert refused.value.version == 2
    assert store.revise("a-1", made(), follows=2).alert.version == 2


def test_nothing_is_added_to_what_was_withdrawn_or_is_not_stored(store: Store, make: MakeAlert) -> None:
    store.add(make())
    store.withdraw_alert("a-1", NOON)
    with pytest.raises(AlertWithdrawn):
        store.revise("a-1", made())
    with pytest.raises(UnknownAlert):
        store.revise("nobody", made())
    with pytest.raises(UnknownAlert):
        store.was_added("nobody", "one")


def test_a_revision_that_is_not_needed_any_more_changes_nothing(store: Store, make: MakeAlert) -> None:
    before = store.add(make()).alert
    revised = store.revise("a-1", lambda *_: None, digest="one", events=[NewEvent("updated", {})])
    assert (revised.alert, revised.changed) == (before, False)
    assert not store.was_added("a-1", "one")


def test_a_revision_whose_events_cannot_be_written_does_not_happen(store: Store, make: MakeAlert) -> None:
    before = store.add(make()).alert
    with pytest.raises(TypeError):
        store.revise("a-1", made(text="Une fuite"), digest="one", events=[NewEvent("updated", {"at": object()})])
    assert store.alert("a-1") == before
    assert not store.was_added("a-1", "one")


def test_a_person_s_answer_is_never_overwritten(store: Store, make: MakeAlert) -> None:
    store.add(make(queue_place=WAITING))
    store.decide(ReviewDecision("a-1", "anne", NOON, None, category="proprete"))
    after = store.revise("a-1", made(None), digest="one").alert
    assert (after.category, after.department, after.decision, after.queue) == ("proprete", "voirie", "route", None)
    assert after.prediction == NEWER
    undone = store.undo("a-1", "anne", NOON)
    assert (undone.category, undone.decision) == ("eau", "review"), "what counts again is the newest answer"


def test_a_sure_answer_takes_an_alert_out_of_the_queue_but_not_one_that_somebody_put_there(
    store: Store, make: MakeAlert
) -> None:
    for name in ("doubt", "back", "suspect"):
        store.add(make(name, queue_place=WAITING if name == "doubt" else None))
    store.add_return(NewReturn("back", "voirie", None, "Pas pour nous.", "key", NOON), QueuePlace("review", 9.0))
    store.suspect({"suspect": 0.5})
    places = {name: store.revise(name, made(None)).alert.queue for name in ("doubt", "back", "suspect")}
    assert places == {"doubt": None, "back": "review", "suspect": "suspect"}
    assert store.revise("back", made(QueuePlace("review", 1.0))).alert.queue_rank == 9.0
    assert store.revise("back", made(QueuePlace("review", 10.0))).alert.queue_rank == 10.0


def test_who_passed_an_alert_on_sees_what_is_new(store: Store, make: MakeAlert) -> None:
    store.add(make(queue_place=WAITING))
    later = NOON + timedelta(hours=1)
    store.skip("a-1", "anne", NOON, later)
    assert store.claim_next(("review",), "anne", NOON, later) is None
    store.revise("a-1", made())
    taken = store.claim_next(("review",), "anne", NOON, later)
    assert taken is not None and taken.id == "a-1"


def test_neighbours_are_shown_and_new_duplicates_are_linked(store: Store, make: MakeAlert) -> None:
    store.add(make("other"))
    store.add(make())
    seen: list[list[str]] = []

    def look(_alert: Any, neighbours: Any) -> Revision:
        seen.append(sorted(neighbour.id for neighbour in neighbours))
        return Revision(NEWER, None, linking=duplicate("other"))

    after = store.revise(
        "a-1", look, AROUND, events=lambda _before, _after, linking: [NewEvent("merged", {"with": linking.join})]
    ).alert
    assert seen == [["a-1", "other"]]
    other = store.alert("other")
    assert other is not None and after.cluster_id == other.cluster_id is not None
    assert [link.other_id for link in store.links("a-1")] == ["other"]
    assert store.events_since(0, 9)[0].body == {"with": "other"}


def test_what_a_person_told_apart_stays_apart_and_a_cluster_is_kept(store: Store, make: MakeAlert) -> None:
    for name in ("first", "second", "third"):
        store.add(make(name))
    store.add(make())
    store.reject("a-1", "first")
    assert store.revise("a-1", made(linking=duplicate("first"))).alert.cluster_id is None
    assert [link.kind for link in store.links("a-1", rejected=True)] == ["rejected"]
    joined = store.revise("a-1", made(linking=duplicate("second"))).alert
    assert store.revise("a-1", made(linking=duplicate("third"))).alert.cluster_id == joined.cluster_id
    third = store.alert("third")
    assert third is not None and third.cluster_id is None
    assert {link.other_id for link in store.links("a-1")} == {"second", "third"}


def test_a_possible_duplicate_becomes_one_and_is_not_named_twice(store: Store, make: MakeAlert) -> None:
    store.add(make("other"))
    store.add(make(), link=lambda _: Linking(links=(Link("other", "candidate", 0.4, 3.0, 1.0),)))
    for _ in range(2):
        store.revise("a-1", made(linking=duplicate("other")))
    assert [(link.kind, link.probability) for link in store.links("a-1")] == [("duplicate", 0.9)]


def test_the_report_of_an_area_is_linked_once(store: Store, make: MakeAlert) -> None:
    store.add(make("area"))
    store.add(make())
    covered = Linking(covered_by="area", links=(Link("area", "covered_by", 0.9, 3.0, 1.0),))
    for _ in range(2):
        assert store.revise("a-1", made(linking=covered)).alert.covered_by == "area"
    for _ in range(2):
        store.revise("area", made(linking=Linking(covers=("a-1",))))
    assert [link.kind for link in store.links("a-1")] == ["covered_by"]
    with pytest.raises(UnknownAlert):
        store.revise("a-1", made(linking=duplicate("nobody")))


def test_a_text_as_sent_grows_with_what_is_added(store: Store, make: MakeAlert) -> None:
    store.add(make(text="Tél. <TEL>", original="Tél. 06 12 34 56 78"))
    store.revise("a-1", made(text="Tél. <TEL>\nMerci", sent="Merci"))
    assert store.original("a-1", "anne", "test") == "Tél. 06 12 34 56 78\nMerci"
    store.add(make("plain", text="Une fuite"))
    store.revise("plain", made(text="Une fuite\nMerci", sent="Merci"))
    assert store.original("plain", "anne", "test") is None


def test_a_text_whose_key_is_gone_is_not_lost_to_an_addition(url: str, store: Store, make: MakeAlert) -> None:
    store.add(make(text="Tél. <TEL>", original="Tél. 06 12 34 56 78"))
    with (
        Store.open(url, key=PersonalKeys([PersonalKeys.new_key()])) as elsewhere,
        pytest.raises(OriginalUnreadable),
    ):
        elsewhere.revise("a-1", made(text="Tél. <TEL>\nMerci", sent="Merci"), digest="one")
    assert store.original("a-1", "anne", "test") == "Tél. 06 12 34 56 78"
    assert not store.was_added("a-1", "one")


def test_a_person_who_has_not_seen_what_was_added_answers_nothing(store: Store, make: MakeAlert) -> None:
    store.add(make(queue_place=WAITING))
    store.revise("a-1", made(text="Une fuite"), digest="one")
    with pytest.raises(AlertChanged):
        store.decide(ReviewDecision("a-1", "anne", NOON, None, category="voirie", version=1))
    assert store.decide(ReviewDecision("a-1", "anne", NOON, None, category="voirie", version=2)).queue is None
