"""Answers of a challenger: kept beside the champion's, counted by category, listed where the two differ."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from triage.store.figures import Window
from triage.store.records import NewAlert
from triage.store.review_records import ReviewDecision
from triage.store.shadow import ShadowAnswer, ShadowCount, ShadowFigures
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
WEEK = Window(NOON - timedelta(days=7), NOON + timedelta(days=1))
CHAMPION, CHALLENGER, OTHER = "a" * 64, "b" * 64, "c" * 64


def said(category: str, decision: str = "route") -> dict[str, Any]:
    answer = {head: {"code": "voirie", "confidence": 0.9} for head in ("category", "department")}
    priority = {"code": "normale", "confidence": 0.8}
    return answer | {"category": {"code": category, "confidence": 0.7}, "priority": priority, "decision": decision}


def beside(alert_id: str, theirs: str, ours: str = "voirie", **other: Any) -> ShadowAnswer:
    values: dict[str, Any] = {
        "at": NOON,
        "champion_sha256": CHAMPION,
        "challenger_sha256": CHALLENGER,
        "champion": said(ours),
        "challenger": said(theirs),
    }
    return ShadowAnswer(alert_id, **(values | other))


def stored(store: Store, make: MakeAlert, *ids: str) -> None:
    for alert_id in ids:
        store.add(make(alert_id))


def test_answers_are_counted_by_the_champions_category(store: Store, make: MakeAlert) -> None:
    stored(store, make, *"abcd")
    store.add_shadow_answers(
        [
            beside("a", "voirie"),
            beside("b", "proprete", challenger=said("proprete", "review")),
            beside("c", "voirie"),
            beside("d", "eau", "proprete"),
        ]
    )
    figures = store.shadow_figures(CHAMPION, CHALLENGER, WEEK)
    assert figures == ShadowFigures((ShadowCount("voirie", 3, 1), ShadowCount("proprete", 1, 1)), 4, 3)
    assert (figures.alerts, figures.differing) == (4, 2)


def test_other_bundles_and_other_times_do_not_count(store: Store, make: MakeAlert) -> None:
    stored(store, make, *"abc")
    store.add_shadow_answers(
        [
            beside("a", "eau", champion_sha256=OTHER),
            beside("b", "eau", challenger_sha256=OTHER),
            beside("c", "eau", at=WEEK.until),
        ]
    )
    assert store.shadow_figures(CHAMPION, CHALLENGER, WEEK) == ShadowFigures((), 0, 0)
    assert store.disagreements(CHAMPION, CHALLENGER, WEEK) == ()


def test_disagreements_come_newest_first_with_what_staff_said(store: Store, make: MakeAlert) -> None:
    stored(store, make, *"abc")
    store.add_shadow_answers(
        [beside("a", "eau", at=NOON - timedelta(hours=1)), beside("b", "voirie"), beside("c", "eau")]
    )
    store.decide(ReviewDecision("a", "anne", NOON, None, category="eau"))
    newest, older = store.disagreements(CHAMPION, CHALLENGER, WEEK)
    assert (newest.alert_id, newest.at, newest.staff) == ("c", NOON, None)
    assert newest.text == "Nid-de-poule devant le 12"
    assert (newest.champion["category"]["code"], newest.challenger["category"]["code"]) == ("voirie", "eau")
    assert older.alert_id == "a"
    assert older.staff == {"category": "eau", "department": "voirie", "priority": "normale"}
    assert len(store.disagreements(CHAMPION, CHALLENGER, WEEK, limit=1)) == 1


def test_any_head_may_differ_but_how_sure_they_are_does_not_count() -> None:
    assert not beside("a", "voirie", challenger=said("voirie", "review")).differs
    urgent = said("voirie") | {"priority": {"code": "critique", "confidence": 0.5}}
    assert beside("a", "voirie", challenger=urgent).differs


def test_an_answer_to_an_alert_that_is_not_stored_is_left_out(store: Store, make: MakeAlert) -> None:
    stored(store, make, "a")
    store.add_shadow_answers([beside("a", "eau"), beside("gone", "eau")])
    store.add_shadow_answers([])
    assert store.shadow_figures(CHAMPION, CHALLENGER, WEEK).alerts == 1
