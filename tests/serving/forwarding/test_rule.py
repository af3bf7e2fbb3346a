"""Which alerts go to a department, and when one does not go again."""

from typing import Any

import pytest

from serving.alerts.events import FORWARDED, RECEIVED, RETURNED, REVIEWED, TRIAGED, UPDATED, WITHDRAWN
from serving.forwarding.rule import Skip, concerns, holds, why_not
from tests.serving.desk.made import NOON, stored_alert
from triage.store.records import OutboxEvent

OURS, THEIRS = "voirie", "eau"


def event(seq: int, kind: str, department: str | None = OURS, **body: Any) -> OutboxEvent:
    return OutboxEvent(seq, f"e{seq}", "a", kind, {"department": department} | body, NOON)


ROUTED = event(2, TRIAGED, decision="route")
ARRIVED = event(1, RECEIVED, None)


def why(by: OutboxEvent, *events: OutboxEvent, **alert: Any) -> Skip | None:
    known = stored_alert("a", **({"department": OURS, "decision": "route", "queue": None} | alert))
    return why_not(by, known, (ARRIVED, *events), OURS)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (event(2, TRIAGED, decision="route"), True),
        (event(2, TRIAGED, decision="route_and_review"), True),
        (event(2, TRIAGED, decision="review"), False),
        (event(2, TRIAGED, THEIRS, decision="route"), False),
        (event(2, REVIEWED, action="decide"), True),
        (event(2, REVIEWED, THEIRS, action="decide"), False),
        (event(2, RETURNED), False),
        (event(2, FORWARDED), False),
        (event(2, TRIAGED, None, decision="route"), False),
    ],
)
def test_what_is_routed_or_decided_concerns_its_department(seen: OutboxEvent, expected: bool) -> None:
    assert concerns(seen, OURS) is expected


def test_a_routed_alert_goes() -> None:
    assert why(ROUTED) is None


def test_an_alert_that_staff_decided_goes() -> None:
    assert why(event(5, REVIEWED), decision="review", review_id=1) is None


def test_an_alert_goes_once() -> None:
    had = event(3, FORWARDED)
    assert why(event(5, REVIEWED), had, decision="route_and_review", review_id=1) is Skip.HAS_IT


def test_an_alert_that_went_to_another_department_goes() -> None:
    assert why(event(5, REVIEWED), event(3, FORWARDED, THEIRS), review_id=1) is None


def test_an_alert_that_was_forwarded_elsewhere_in_between_does_not_go_again() -> None:
    events = (event(3, FORWARDED), event(5, FORWARDED, THEIRS))
    assert why(event(6, REVIEWED), *events, review_id=2) is Skip.HAS_IT


def test_an_alert_that_came_back_goes_again_once_staff_say_so() -> None:
    events = (event(3, FORWARDED), event(4, RETURNED))
    assert why(event(5, REVIEWED), *events, review_id=1) is None
    assert why(event(5, REVIEWED), *events, event(6, FORWARDED), review_id=1) is Skip.HAS_IT


def test_no_model_sends_what_came_back() -> None:
    assert why(event(5, TRIAGED, decision="route"), event(3, FORWARDED), event(4, RETURNED)) is Skip.RETURNED


def test_what_was_decided_before_it_came_back_sends_nothing() -> None:
    assert why(event(3, REVIEWED), event(4, RETURNED), review_id=1) is Skip.RETURNED


def test_what_others_give_back_stays_ours() -> None:
    events = (event(3, FORWARDED), event(4, RETURNED, THEIRS))
    assert why(event(5, REVIEWED), *events, review_id=1) is Skip.HAS_IT


@pytest.mark.parametrize("state", ["closed", "withdrawn"])
def test_what_is_over_does_not_go(state: str) -> None:
    assert why(ROUTED, state=state) is Skip.OVER


def test_what_is_in_progress_goes() -> None:
    assert why(ROUTED, state="in_progress") is None


def test_an_alert_that_is_anothers_by_now_does_not_go() -> None:
    assert why(ROUTED, department=THEIRS, review_id=1) is Skip.OTHERS


def test_a_decision_that_was_undone_sends_nothing() -> None:
    assert why(event(5, REVIEWED), decision="review", review_id=None) is Skip.WAITS


@pytest.mark.parametrize("kind", [UPDATED, WITHDRAWN])
def test_whoever_has_an_alert_hears_what_is_new_about_it(kind: str) -> None:
    news, had = event(5, kind, None), event(3, FORWARDED)
    assert concerns(news, OURS)
    assert why(news, had) is None
    assert why(news) is Skip.NOT_THEIRS
    assert why(news, event(3, FORWARDED, THEIRS)) is Skip.NOT_THEIRS
    assert why(news, had, event(4, RETURNED)) is Skip.NOT_THEIRS


def test_what_was_new_before_an_alert_went_out_is_in_it() -> None:
    assert why(event(3, UPDATED, None), event(4, FORWARDED)) is Skip.HAS_IT


def test_additions_to_what_is_over_are_no_news() -> None:
    had = event(3, FORWARDED)
    assert why(event(5, UPDATED, None), had, state="closed") is Skip.OVER
    assert why(event(5, WITHDRAWN, None), had, state="withdrawn") is None


def test_imported_alerts_go_to_nobody() -> None:
    known = stored_alert("a", department=OURS, review_id=1)
    assert why_not(event(5, REVIEWED), known, (), OURS) is Skip.IMPORTED


def test_an_erased_alert_goes_to_nobody() -> None:
    assert why_not(ROUTED, None, (ARRIVED,), OURS) is Skip.GONE


def test_the_last_handover_is_what_a_department_holds() -> None:
    events = (event(3, FORWARDED, reference="1"), event(4, RETURNED), event(6, FORWARDED, reference="2"))
    held = holds(events, OURS)
    assert held is not None
    assert held.body["reference"] == "2"
    assert holds(events, THEIRS) is None
