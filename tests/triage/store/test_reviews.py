"""Decisions: kept with all that was shown, in effect at once, corrected by who saw the last one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from triage.store.errors import AlreadyDecided, ClaimedByOther, UnknownAlert
from triage.store.records import NewAlert, NewEvent, QueuePlace, StoredAlert
from triage.store.review_records import Note, ReviewDecision, ReviewEntry
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
WAITING = QueuePlace("sample", 7.5)


def decision(alert: StoredAlert, reviewer: str = "anne", at: datetime = NOON, **fields: Any) -> ReviewDecision:
    return ReviewDecision(alert.id, reviewer, at, alert.review_id, **fields)


def answer(alert: StoredAlert) -> tuple[str | None, str | None, str | None]:
    return alert.category, alert.department, alert.priority


def test_a_decision_is_the_answer_and_is_kept_whole(store: Store, make: MakeAlert) -> None:
    alert = store.add(make(queue_place=WAITING)).alert
    store.claim("a-1", "anne", NOON, LATER)
    given = decision(
        alert,
        category="eau",
        priority="haute",
        seconds=3.5,
        rank=2,
        model_version="7",
        shown={"category": ["voirie", "eau"]},
        note="C'est une fuite.",
    )
    decided = store.decide(given, lambda after: [NewEvent("reviewed", {"category": after.category})])
    assert answer(decided) == ("eau", "voirie", "haute")
    assert (decided.queue, decided.queue_rank) == (None, None)
    entry = ReviewEntry(
        id=decided.review_id or 0,
        alert_id="a-1",
        reviewer="anne",
        decided_at=NOON,
        category="eau",
        department=None,
        priority="haute",
        queue="sample",
        action="decide",
        seconds=3.5,
        rank=2,
        model_version="7",
        shown={"category": ["voirie", "eau"]},
        note="C'est une fuite.",
        duplicate_of=None,
        undone_at=None,
        undone_by=None,
    )
    assert store.history("a-1") == (entry,)
    assert store.last_review("anne") == entry
    assert store.last_review("bob") is None
    assert [(event.kind, event.body) for event in store.events_since(0, 9)] == [("reviewed", {"category": "eau"})]
    assert store.claim("a-1", "bob", NOON, LATER) == decided


def test_a_decision_is_corrected_by_who_saw_it(store: Store, make: MakeAlert) -> None:
    first = store.decide(decision(store.add(make()).alert, category="eau"))
    second = store.decide(decision(first, "bob", LATER, priority="basse"), [NewEvent("reviewed", {})])
    assert answer(second) == ("eau", "voirie", "basse")
    assert [entry.reviewer for entry in store.history("a-1")] == ["anne", "bob"]
    newest = store.last_review("anne")
    assert newest is not None and newest.id == first.review_id


def test_who_saw_another_answer_than_the_last_changes_nothing(store: Store, make: MakeAlert) -> None:
    seen = store.add(make(queue_place=WAITING)).alert
    decided = store.decide(decision(seen, category="eau"))
    for stale in (decision(seen, "bob", LATER, category="voirie"), ReviewDecision("a-1", "bob", LATER, 9_999)):
        with pytest.raises(AlreadyDecided) as caught:
            store.decide(stale, [NewEvent("reviewed", {})])
        assert (caught.value.reviewer, caught.value.at) == ("anne", NOON)
        assert "anne" not in str(caught.value)
    assert store.alert("a-1") == decided
    store.undo("a-1", "anne", LATER)
    with pytest.raises(AlreadyDecided) as caught:
        store.decide(decision(decided, "bob", LATER))
    assert (caught.value.reviewer, caught.value.at) == (None, None)
    assert store.events_since(0, 9) == ()


def test_nobody_decides_what_another_person_looks_at(store: Store, make: MakeAlert) -> None:
    alert = store.add(make(queue_place=WAITING)).alert
    store.claim("a-1", "anne", NOON, LATER)
    with pytest.raises(ClaimedByOther):
        store.decide(decision(alert, "bob", category="eau"))
    assert store.alert("a-1") == alert
    assert store.decide(decision(alert, "bob", LATER, category="eau")).category == "eau"


def test_a_decision_may_make_two_alerts_one_fault(store: Store, make: MakeAlert) -> None:
    store.add(make("first"))
    again = store.add(make("again", queue_place=WAITING)).alert
    same = store.decide(decision(again, action="duplicate", duplicate_of="first"))
    first = store.alert("first")
    assert first is not None and same.cluster_id == first.cluster_id is not None
    assert [(link.other_id, link.kind) for link in store.links("first")] == [("again", "duplicate")]
    assert store.history("again")[0].duplicate_of == "first"
    assert store.decide(decision(same, duplicate_of="first")).cluster_id == same.cluster_id
    with pytest.raises(UnknownAlert):
        store.decide(decision(first, duplicate_of="nobody"))
    with pytest.raises(UnknownAlert):
        store.decide(ReviewDecision("nobody", "anne", NOON, None))


def test_a_decision_whose_events_cannot_be_written_does_not_happen(store: Store, make: MakeAlert) -> None:
    first = store.add(make("first")).alert
    alert = store.add(make("again", queue_place=WAITING)).alert
    store.claim("again", "anne", NOON, LATER)
    with pytest.raises(TypeError):
        store.decide(decision(alert, category="eau", duplicate_of="first"), [NewEvent("x", {"at": object()})])
    assert (store.alert("again"), store.alert("first")) == (alert, first)
    assert store.history("again") == store.links("again") == ()
    assert store.queue(("sample",), NOON).rows[0].claimed_by == "anne"


def test_a_newer_prediction_never_overwrites_a_decision(store: Store, make: MakeAlert) -> None:
    decided = store.decide(decision(store.add(make()).alert, category="eau"))
    newer = {"category": {"code": "voirie", "confidence": 0.99}}
    assert store.add_prediction("a-1", newer).category == decided.category == "eau"


def test_notes_stand_beside_decisions(store: Store, make: MakeAlert) -> None:
    store.add(make())
    store.add_note("a-1", "anne", NOON, "Rappeler le service.")
    store.add_note("a-1", "bob", LATER, "Fait.")
    assert store.notes("a-1") == (
        Note("a-1", "anne", NOON, "Rappeler le service."),
        Note("a-1", "bob", LATER, "Fait."),
    )
    assert store.history("a-1") == store.notes("x") == ()
    with pytest.raises(UnknownAlert):
        store.add_note("x", "anne", NOON, "?")
