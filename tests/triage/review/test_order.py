"""The queue's order: what costs most if wrong is first, and waiting makes up for it at the same pace for all."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.serving.desk.made import stored_alert
from triage.prediction import Prediction
from triage.review.order import expected_cost, place, place_again, returned_place
from triage.review.rules import ReviewRules
from triage.store.personal import PersonalKeys
from triage.store.records import QueuePlace

Predict = Callable[..., Prediction]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
UNSURE = {"voirie": 0.5, "proprete": 0.5}


def rank(prediction: Prediction, rules: ReviewRules, at: datetime = NOON) -> float:
    found = place(prediction, at, "a", rules, lambda _: 0.999)
    assert found is not None and found.queue == "review"
    return found.rank


def test_the_less_sure_an_answer_the_sooner_it_is_looked_at(predict: Predict, rules: ReviewRules) -> None:
    sure, unsure, both = predict(), predict(category=UNSURE), predict(category=UNSURE, department=UNSURE)
    assert rank(sure, rules) < rank(unsure, rules) < rank(both, rules)
    assert expected_cost(sure, rules) == 0
    assert expected_cost(unsure, rules) == rules.costs["normale"] * rules.weights.category * 0.5


def test_the_probable_priorities_weigh_the_doubt(predict: Predict, rules: ReviewRules) -> None:
    low, high = predict(category=UNSURE, priority={"basse": 1.0}), predict(category=UNSURE, priority={"haute": 1.0})
    mixed = predict(category=UNSURE, priority={"basse": 0.5, "haute": 0.5})
    assert rank(low, rules) < rank(high, rules)
    assert expected_cost(low, rules) == rules.costs["basse"] / 2
    middle = (rules.costs["basse"] + rules.costs["haute"]) / 2
    assert expected_cost(mixed, rules) == middle * (0.5 + 0.5 * rules.weights.priority)


def test_an_hour_of_waiting_counts_the_same_for_all_and_at_any_time(predict: Predict, rules: ReviewRules) -> None:
    unsure = predict(category=UNSURE)
    assert rank(unsure, rules) - rank(unsure, rules, NOON + HOUR) == pytest.approx(1.0)
    lead = expected_cost(unsure, rules)
    overtaken, still_first = NOON - (lead + 1) * HOUR, NOON - (lead - 1) * HOUR
    assert rank(predict(), rules, overtaken) > rank(unsure, rules) > rank(predict(), rules, still_first)


def test_where_someone_may_be_in_danger_goes_before_a_year_of_others(predict: Predict, rules: ReviewRules) -> None:
    urgent = predict("route_and_review", priority={"critique": 1.0})
    worst = predict(category={"voirie": 0.0}, department={"voirie": 0.0}, priority={"critique": 1.0})
    assert rank(urgent, rules) > rank(worst, rules, NOON - timedelta(days=350))


def test_of_what_is_routed_the_share_of_the_rules_is_drawn(predict: Predict, rules: ReviewRules) -> None:
    keys, routed = PersonalKeys([PersonalKeys.new_key()]), predict("route")
    drawn = [place(routed, NOON, f"alert-{number}", rules, keys.draw) for number in range(5_000)]
    assert rules.sample_share == 0.08
    assert sum(one is not None for one in drawn) == pytest.approx(400, abs=100)
    assert {one.queue for one in drawn if one} == {"sample"}
    assert drawn == [place(routed, NOON, f"alert-{number}", rules, keys.draw) for number in range(5_000)]


def test_what_is_drawn_comes_in_the_order_of_arrival_however_sure_it_is(predict: Predict, rules: ReviewRules) -> None:
    def drawn(at: datetime, **heads: Any) -> QueuePlace | None:
        return place(predict("route", **heads), at, "a", rules, lambda _: 0.0)

    unsure, sure = drawn(NOON, category=UNSURE, priority={"haute": 1.0}), drawn(NOON)
    assert unsure == sure
    assert sure is not None
    later = drawn(NOON + HOUR)
    assert later is not None and later.rank == pytest.approx(sure.rank - 1)


def test_what_comes_back_from_a_department_waits_before_ordinary_doubts(predict: Predict, rules: ReviewRules) -> None:
    back = returned_place(NOON, rules)
    assert back.queue == "review"
    assert back.rank > rank(predict(category=UNSURE, department=UNSURE), rules)


def test_the_order_is_that_of_the_cost_of_waiting_now(predict: Predict, rules: ReviewRules) -> None:
    generator = random.Random(4)
    alerts = [
        (predict(category={"voirie": generator.random()}), NOON + generator.uniform(0, 90) * HOUR) for _ in range(50)
    ]

    def cost_at(now: datetime) -> Callable[[tuple[Prediction, datetime]], float]:
        return lambda alert: expected_cost(alert[0], rules) + (now - alert[1]) / HOUR

    by_rank = sorted(alerts, key=lambda alert: rank(alert[0], rules, alert[1]))
    for days in (10, 400):
        assert sorted(alerts, key=cost_at(NOON + timedelta(days=days))) == by_rank


def test_what_is_added_waits_as_before_until_a_person_has_answered(predict: Predict, rules: ReviewRules) -> None:
    alert, doubt = stored_alert(received_at=NOON, review_id=None, state="open"), predict("review", category=UNSURE)
    assert place_again(doubt, alert, NOON + HOUR, rules, lambda _: 0.999) == place(doubt, NOON, "a", rules, lambda _: 1)
    assert place_again(predict("route"), alert, NOON, rules, lambda _: 0.999) is None


def test_what_is_added_to_an_answered_or_closed_alert_waits_from_now_on(predict: Predict, rules: ReviewRules) -> None:
    said = {"category": "voirie", "department": "voirie", "priority": "normale", "received_at": NOON}
    sure = predict("route", category={"voirie": 1.0}, department={"voirie": 1.0}, priority={"normale": 1.0})
    later = NOON + HOUR
    answered = stored_alert(**said, review_id=1)
    assert place_again(sure, answered, later, rules, lambda _: 0.0) is None
    waits = QueuePlace("review", -later.timestamp() / 3600)
    contradicted = stored_alert(**said | {"category": "eau"}, review_id=1)
    closed = stored_alert(**said, state="closed")
    for alert in (contradicted, closed):
        assert place_again(sure, alert, later, rules, lambda _: 0.999) == waits
