"""What the figures of the supervisor are counted from, on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from triage.prediction import Decision
from triage.store.figures import Window
from triage.store.records import NewAlert, QueuePlace
from triage.store.review_records import NewReturn, ReviewDecision
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ALL = Window(NOON - timedelta(days=1), NOON + timedelta(days=1))
PLACE = QueuePlace("review", 1.0)


def prediction(category: str = "voirie", confidence: float = 0.9, bundle: str = "b", **fields: Any) -> dict[str, Any]:
    answers = {
        head: {"code": code, "confidence": confidence, "alternatives": []}
        for head, code in (("category", category), ("department", "voirie"), ("priority", "normale"))
    }
    rest = {"decision": "review", "reasons": ["category_uncertain"], "model": {"bundle_sha256": bundle}}
    return answers | rest | fields


def decide(store: Store, alert_id: str = "a-1", minutes: float = 10, **fields: Any) -> int:
    """Decide, and give the number of the review."""
    alert = store.alert(alert_id)
    assert alert is not None
    codes = {"category": "eau", "department": "eaux", "priority": "haute"}
    whole: dict[str, Any] = {"reviewer": "anne", "follows": alert.review_id, "seconds": 4.5, "rank": 2} | codes
    at = NOON + timedelta(minutes=minutes)
    decided = store.decide(ReviewDecision(alert_id, decided_at=at, **(whole | fields)))
    assert decided.review_id is not None
    return decided.review_id


@pytest.fixture
def waiting(store: Store, make: MakeAlert) -> Store:
    """A store with an alert that waits for review."""
    store.add(make(prediction=prediction(), queue_place=PLACE, language="fr"))
    return store


def test_an_answer_stands_beside_what_the_model_had_answered(waiting: Store) -> None:
    review = decide(waiting)
    [answer] = waiting.staff_answers(ALL)
    assert (answer.review_id, answer.reviewer, answer.queue) == (review, "anne", "review")
    assert (answer.seconds, answer.rank) == (4.5, 2)
    assert answer.given == {"category": "eau", "department": "eaux", "priority": "haute"}
    assert answer.answered == {"category": "voirie", "department": "voirie", "priority": "normale"}
    assert answer.model is not None
    assert (answer.model.bundle_sha256, answer.model.category, answer.model.department) == ("b", 0.9, 0.9)
    assert (answer.model.decision, answer.model.reasons) == (Decision.REVIEW, ("category_uncertain",))


def test_what_a_model_answers_later_was_not_what_the_person_saw(waiting: Store) -> None:
    decide(waiting)
    waiting.add_prediction("a-1", prediction("proprete", bundle="newer"))  # an hour after noon
    decide(waiting, minutes=120, reviewer="bob")
    first, second = waiting.staff_answers(ALL)
    assert (first.answered["category"], second.answered["category"]) == ("voirie", "proprete")
    assert second.queue is None


def test_answers_undone_or_that_only_name_a_duplicate_are_left_out(waiting: Store, make: MakeAlert) -> None:
    waiting.add(make("a-2", prediction=prediction(), queue_place=PLACE))
    decide(waiting)
    waiting.undo("a-1", "anne", NOON + timedelta(minutes=11))
    nothing = {"category": None, "department": None, "priority": None}
    decide(waiting, "a-2", action="duplicate", duplicate_of="a-1", **nothing)
    assert waiting.staff_answers(ALL) == ()
    assert list(waiting.labelled_reviews(None, None)) == []


def test_answers_come_oldest_first_from_the_window_and_of_too_many_the_newest(waiting: Store, make: MakeAlert) -> None:
    waiting.add(make("a-2", prediction=None))
    for alert_id, minutes in (("a-1", 1), ("a-2", 2), ("a-1", 3)):
        decide(waiting, alert_id, minutes)
    assert [answer.alert_seq for answer in waiting.staff_answers(ALL)] == [1, 2, 1]
    assert [answer.alert_seq for answer in waiting.staff_answers(ALL, limit=2)] == [2, 1]
    part = Window(NOON + timedelta(minutes=2), NOON + timedelta(minutes=3))
    [answer] = waiting.staff_answers(part)
    assert (answer.alert_seq, answer.model, answer.answered["category"]) == (2, None, None)


def test_the_latest_answers_of_one_bundle_are_read(store: Store, make: MakeAlert) -> None:
    store.add(make("a-1", prediction=prediction(bundle="old")))
    store.add_prediction("a-1", prediction(confidence=0.6))
    store.add(make("a-2", prediction=prediction(bundle="old"), created_at=NOON - timedelta(hours=1)))
    store.add(make("a-3", prediction=None))
    store.add(make("a-4", prediction={"category": None}, created_at=NOON - timedelta(hours=2)))
    store.add(make("a-5", prediction=prediction(), created_at=NOON - timedelta(days=2)))
    found = store.model_answers(ALL, "b")
    assert [answer.category for answer in found.answers] == [0.6]
    assert (found.others, found.first_at, found.cut) == (2, NOON - timedelta(hours=2), False)
    few = store.model_answers(ALL, "b", limit=1)
    assert (len(few.answers), few.others, few.first_at, few.cut) == (1, 0, NOON, True)


def test_without_alerts_there_are_no_answers(store: Store) -> None:
    found = store.model_answers(ALL, "b")
    assert (found.answers, found.others, found.first_at, found.cut) == ((), 0, None, False)
    assert store.staff_answers(ALL) == store.returned(ALL) == ()


def test_what_departments_gave_back_is_counted_with_what_they_proposed(store: Store, make: MakeAlert) -> None:
    for alert_id in ("a-1", "a-2", "a-3"):
        store.add(make(alert_id, prediction=prediction()))
    for alert_id, department, proposed, at in (
        ("a-1", "voirie", "eaux", NOON),
        ("a-2", "voirie", None, NOON),
        ("a-3", "voirie", "eaux", NOON),
        ("a-3", "proprete", "voirie", NOON),
        ("a-3", "proprete", "voirie", NOON - timedelta(days=2)),
    ):
        store.add_return(NewReturn(alert_id, department, proposed, "ailleurs", "anne", at), PLACE)
    first, second = store.returned(ALL)
    assert (first.department, first.returned, first.held, first.proposed) == ("voirie", 3, 3, {"eaux": 2})
    assert (second.department, second.returned, second.held, second.proposed) == ("proprete", 1, 0, {"voirie": 1})


def test_an_alert_is_labelled_once_by_the_last_answer(waiting: Store) -> None:
    decide(waiting)
    last = decide(waiting, minutes=20, reviewer="bob", category="proprete", department=None, model_version="v2")
    [labelled] = waiting.labelled_reviews(None, None)
    assert (labelled.review_id, labelled.alert_id, labelled.reviewer) == (last, "a-1", "bob")
    assert (labelled.category, labelled.department, labelled.priority) == ("proprete", "eaux", "haute")
    assert (labelled.text, labelled.language, labelled.model_version) == ("Nid-de-poule devant le 12", "fr", "v2")
    assert (labelled.queue, labelled.action) == (None, "decide")


def test_an_answer_before_one_undone_counts_again(waiting: Store) -> None:
    first = decide(waiting)
    decide(waiting, minutes=20, category="proprete")
    waiting.undo("a-1", "anne", NOON + timedelta(minutes=21))
    [labelled] = waiting.labelled_reviews(None, None)
    assert (labelled.review_id, labelled.category) == (first, "eau")


@pytest.mark.parametrize("page", [1, 2, 3, 5, 6])
def test_labels_are_those_of_a_time_and_come_in_pages(store: Store, make: MakeAlert, page: int) -> None:
    store.import_many([make(f"a-{number}", prediction=None) for number in range(5)])
    for number in range(5):
        decide(store, f"a-{number}", minutes=number)
    every = store.labelled_reviews(None, None, page)
    assert [labelled.alert_id for labelled in every] == [f"a-{number}" for number in range(5)]
    part = store.labelled_reviews(NOON + timedelta(minutes=2), NOON + timedelta(minutes=4), page)
    assert [labelled.alert_id for labelled in part] == ["a-2", "a-3"]
