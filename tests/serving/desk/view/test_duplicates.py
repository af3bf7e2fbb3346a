from datetime import timedelta
from typing import get_args

from serving.desk.view.duplicates import KINDS, MOST_SHOWN, candidates_of, told_apart, worth_showing
from tests.serving.desk.made import NOON, evidence, stored_alert
from triage.store.records import Link, LinkKind


def link(other: str, probability: float = 0.5, kind: LinkKind = "candidate") -> Link:
    return Link(other, kind, probability, 12.0, 3.0, evidence((["distance"], 1.0), said=["within 25 m"]))


def test_linked_alerts_stand_first_then_the_likeliest() -> None:
    links = (link("a", 0.9), link("b", 0.4, "duplicate"), link("c", 0.7))
    assert [item.other_id for item in worth_showing(links)] == ["b", "a", "c"]


def test_an_alert_is_shown_once_however_often_it_is_linked() -> None:
    links = (link("a", 0.9), link("a", 0.9, "recurrence_of"))
    assert [(item.other_id, item.kind) for item in worth_showing(links)] == [("a", "recurrence_of")]


def test_no_more_are_shown_than_a_person_looks_at() -> None:
    assert len(worth_showing([link(str(number)) for number in range(20)])) == MOST_SHOWN


def test_alerts_told_apart_are_apart() -> None:
    links = (link("a", 0.9, "rejected"), link("b"))
    assert [item.other_id for item in worth_showing(links)] == ["b"]
    assert [item.other_id for item in told_apart(links)] == ["a"]


def test_every_kind_of_link_has_a_name() -> None:
    assert set(KINDS) == set(get_args(LinkKind))


def test_a_candidate_says_how_far_and_how_long_before() -> None:
    alert = stored_alert("a", created_at=NOON)
    other = stored_alert("b", text="Sacs <TEL>", created_at=NOON - timedelta(hours=5), category="collecte")
    [candidate] = candidates_of(alert, [link("b")], {"b": other})
    assert candidate.is_older
    assert candidate.apart == timedelta(hours=5)
    assert candidate.distance_m == 12.0
    assert candidate.phrases == ("within 25 m",)
    assert [piece.kind for piece in candidate.text] == ["plain", "mask"]
    assert candidate.path == "/review/alerts/b?look=1"


def test_a_link_to_an_alert_that_was_erased_is_left_out() -> None:
    assert candidates_of(stored_alert("a"), [link("gone")], {}) == ()
