"""What the answers of staff say of the models and of staff."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from evaluation.live.answers import (
    agreement_between,
    by_week,
    last_answers,
    live_accuracy,
    overrides,
    overrides_by_category,
    time_per_decision,
)
from triage.review.answers import StaffAnswer

Said = Callable[..., StaffAnswer]
NOTHING = {"category": None, "department": None, "priority": None}


def test_accuracy_is_counted_on_the_random_sample_alone(said: Said) -> None:
    answers = [
        said(1, queue="sample"),
        said(2, queue="sample", category="eau"),
        said(3, queue="sample", priority="haute"),
        said(4, queue="review", category="eau"),
    ]
    found = live_accuracy(answers, "critique")
    assert (found.heads["category"].hits, found.heads["category"].total) == (2, 3)
    assert (found.heads["priority"].hits, found.heads["department"].hits) == (2, 3)
    assert (found.routing.hits, found.routing.total) == (2, 3)
    assert found.routing.lower < 2 / 3 < found.routing.upper


def test_an_alert_is_astray_where_category_or_department_is_wrong(said: Said) -> None:
    answers = [said(1, queue="sample", department="eau"), said(2, queue="sample", priority="haute")]
    assert live_accuracy(answers, "critique").routing.hits == 1


def test_urgent_alerts_that_had_been_routed_are_counted(said: Said) -> None:
    answers = [said(1, queue="sample", priority="critique"), said(2, queue="sample")]
    assert live_accuracy(answers, "critique").urgent.hits == 1


def test_what_was_said_last_of_a_sampled_alert_counts_wherever_it_was_said(said: Said) -> None:
    answers = [said(1, queue="sample", category="eau"), said(1, queue="suspect", reviewer="bob")]
    found = live_accuracy(answers, "critique")
    assert (found.routing.hits, found.routing.total) == (1, 1)
    assert last_answers(answers) == [answers[1]]


def test_a_code_that_a_person_kept_is_no_change(said: Said) -> None:
    kept = said(1, given=NOTHING)
    assert kept.label("category") == "voirie"
    assert overrides([kept]).any.hits == 0


def test_an_alert_that_no_model_answered_says_nothing_of_models(said: Said) -> None:
    assert overrides([said(1, answered=NOTHING)]).any.total == 0
    assert live_accuracy([said(1, queue="sample", answered=NOTHING)], "critique").routing.total == 0


def test_second_looks_at_labels_are_no_overrides(said: Said) -> None:
    assert overrides([said(1), said(1, queue="suspect", category="eau"), said(2, queue="suspect")]).any.total == 1


def test_overrides_are_counted_by_what_the_model_had_answered(said: Said) -> None:
    water = {"category": "eau", "department": "eau", "priority": "haute"}
    answers = [said(1, category="eau"), said(2), said(3, answered=water, given=water), said(4, priority="basse")]
    lines = overrides_by_category(answers)
    assert [(line.name, line.any.hits, line.any.total) for line in lines] == [("voirie", 2, 3), ("eau", 0, 1)]
    assert {head: share.hits for head, share in lines[0].heads.items()} == {
        "category": 1,
        "department": 0,
        "priority": 1,
    }


def test_weeks_begin_on_monday_in_the_city_and_none_is_left_out(said: Said) -> None:
    # In Paris it is Monday already.
    sunday = datetime(2026, 6, 7, 22, 30, tzinfo=UTC)
    answers = [
        said(1, decided_at=sunday - timedelta(days=1)),
        said(2, decided_at=sunday, category="eau"),
        said(3, decided_at=sunday + timedelta(days=14), queue="sample", category="eau"),
    ]
    weeks = by_week(answers, ZoneInfo("Europe/Paris"))
    assert [week.monday for week in weeks] == [date(2026, 6, day) for day in (1, 8, 15, 22)]
    assert [week.unsure.total for week in weeks] == [1, 1, 0, 0]
    assert [week.sample_wrong.total for week in weeks] == [0, 0, 0, 1]
    assert weeks[1].unsure.hits == weeks[3].sample_wrong.hits == 1


def test_a_year_ends_within_its_last_week(said: Said) -> None:
    answers = [
        said(1, decided_at=datetime(2026, 12, 31, tzinfo=UTC)),
        said(2, decided_at=datetime(2027, 1, 1, tzinfo=UTC)),
    ]
    [week] = by_week(answers, UTC)
    assert (week.monday, week.unsure.total) == (date(2026, 12, 28), 2)


def test_without_answers_there_are_no_weeks_times_or_accuracy(said: Said) -> None:
    assert by_week([], UTC) == []
    assert time_per_decision([]) is None
    assert time_per_decision([said(1, seconds=None)]) is None
    assert live_accuracy([], "critique").routing.total == 0
    assert overrides_by_category([]) == []


def test_times_are_quartiles_of_what_is_known(said: Said) -> None:
    found = time_per_decision(said(number, seconds=seconds) for number, seconds in enumerate([1, 2, 3, 4, 5, None]))
    assert found is not None
    assert (found.number, found.low, found.median, found.high) == (5, 2.0, 3.0, 4.0)


def test_people_agree_on_alerts_that_both_answered_by_their_last_words(said: Said) -> None:
    answers = [
        said(1, category="eau"),
        said(1, reviewer="bob"),
        said(1),
        said(2, priority="basse"),
        said(2, reviewer="bob"),
        said(3),
    ]
    found = agreement_between(answers)
    assert found["category"].units == 2
    assert found["category"].raw == 1.0
    assert found["priority"].raw == 0.5
    assert found["priority"].pairs["anne", "bob"].rows == 2
    assert found["priority"].alpha == pytest.approx(0.0)
