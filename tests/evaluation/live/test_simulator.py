"""The simulator says what the policy would do, and what that would cost."""

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evaluation.live.simulator import NEVER, Simulator, check
from triage.area import judge_place
from triage.places import Box
from triage.policy import Evidence, Policy, Thresholds
from triage.prediction import Answer, Decision, ModelInfo, Prediction
from triage.review.answers import ModelAnswer, StaffAnswer
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS, load_taxonomy

Answered = Callable[..., ModelAnswer]
Said = Callable[..., StaffAnswer]

TAXONOMY = load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")
CITY = Box(4.85, 47.20, 5.25, 47.45)
TODAY = Thresholds(category=0.8, department=0.8, urgent=0.1, error_rate=0.05)
PROBABILITY = st.integers(0, 10_000).map(lambda number: number / 10_000)
EVIDENCE = st.builds(
    lambda category, department, urgent, **rest: Evidence(
        {
            "category": {"voirie": category, "eau_assainissement": round(1 - category, 4)},
            "department": {"voirie": department, "eau": round(1 - department, 4)},
            "priority": {"critique": urgent, "normale": round(1 - urgent, 4)},
        },
        **rest,
    ),
    PROBABILITY,
    PROBABILITY,
    st.one_of(st.just(0.0), PROBABILITY),
    words=st.sampled_from([0, 3, 20]),
    unknown_language=st.sampled_from([0.0, 0.5, 1.0]),
    decided_by_photo=st.booleans(),
    inconclusive=st.booleans(),
)


def decided(evidence: Evidence, thresholds: Thresholds, *, inside: bool) -> ModelAnswer:
    """What the service stores of an alert."""
    outcome = Policy(TAXONOMY, thresholds).decide(evidence)
    confidence = {head: max(evidence.probabilities[head].values()) for head in HEADS}
    prediction = Prediction(
        id="a",
        **{head: Answer(code="x", confidence=confidence[head], alternatives=()) for head in HEADS},
        decision=outcome.decision,
        reasons=outcome.reasons,
        model=ModelInfo(name="m", version="1", taxonomy=1, bundle_sha256="b"),
    )
    placed = judge_place(prediction, 47.3 if inside else 0.0, 5.0, CITY)
    return ModelAnswer("b", confidence["category"], confidence["department"], placed.decision, placed.reasons)


@given(EVIDENCE, PROBABILITY, st.booleans())
def test_another_threshold_routes_what_the_policy_would_route_with_it(
    evidence: Evidence, threshold: float, inside: bool
) -> None:
    stored = decided(evidence, TODAY, inside=inside)
    # Such an alert cannot be told from one that is merely unsure.
    assume(not evidence.inconclusive or stored.category >= TODAY.category)
    moved = TODAY.model_copy(update={"category": threshold, "department": threshold})
    [routed] = Simulator([stored], TODAY, days=1).routed(threshold, threshold)
    assert routed == (decided(evidence, moved, inside=inside).decision is Decision.ROUTE)


@given(EVIDENCE, PROBABILITY, PROBABILITY, st.booleans())
def test_todays_thresholds_give_the_decisions_that_were_made(
    evidence: Evidence, category: float, department: float, inside: bool
) -> None:
    thresholds = TODAY.model_copy(update={"category": category, "department": department})
    stored = decided(evidence, thresholds, inside=inside)
    assert Simulator([stored], thresholds, days=1).today().coverage == float(stored.decision is Decision.ROUTE)


def test_load_and_errors_are_counted_per_day(answered: Answered) -> None:
    answers = [
        answered(0.99),
        answered(0.9, 0.85),
        answered(0.7, decision=Decision.REVIEW, reasons=("category_uncertain", "department_uncertain")),
        answered(0.99, decision=Decision.ROUTE_AND_REVIEW, reasons=("possible_critique",)),
    ]
    simulator = Simulator(answers, TODAY, days=2, sample_share=0.1)
    today = simulator.today()
    assert (today.threshold, today.alerts, today.coverage) == (0.8, 4, 0.5)
    assert (today.reviews_per_day, today.checks_per_day) == (1.0, pytest.approx(0.1))
    assert today.expected_error == pytest.approx((0.01 + 0.15) / 2)
    assert today.errors_per_day == pytest.approx((0.01 + 0.15) / 2)
    lower = simulator.outlook(0.6)
    assert (lower.coverage, lower.reviews_per_day) == (0.75, 0.5)
    assert lower.errors_per_day == pytest.approx((0.01 + 0.15 + 0.3) / 2)


@given(st.lists(PROBABILITY, min_size=1), st.floats(0.001, 0.3))
def test_the_threshold_for_an_error_rate_routes_most_of_those_that_keep_it(
    confidences: list[float], rate: float
) -> None:
    answers = [
        ModelAnswer("b", each, each, Decision.REVIEW, ("category_uncertain", "department_uncertain"))
        for each in confidences
    ]
    simulator = Simulator(answers, TODAY.model_copy(update={"category": 1.01, "department": 1.01}), days=1)
    threshold = simulator.threshold_for(rate)
    found = simulator.outlook(threshold)
    assert found.expected_error <= rate + 1e-9
    for other in {each for each in confidences if each < threshold}:
        assert simulator.outlook(other).expected_error > rate - 1e-9
    assert (threshold == NEVER) == (found.coverage == 0)


def test_no_answers_need_no_reviews() -> None:
    simulator = Simulator([], TODAY, days=1)
    assert simulator.today().coverage == simulator.today().reviews_per_day == 0
    assert simulator.threshold_for(0.05) == NEVER


def test_what_staff_found_is_told_of_the_sample_and_of_what_would_be_routed_newly(
    said: Said, answered: Answered
) -> None:
    unsure = {"decision": Decision.REVIEW, "reasons": ("category_uncertain",)}
    answers = [
        said(1, queue="sample", model=answered(0.9)),
        said(2, queue="sample", model=answered(0.95), category="eau"),
        said(3, model=answered(0.7, 0.9, **unsure), category="eau"),
        said(4, model=answered(0.7, 0.9, **unsure)),
        said(5, model=answered(0.3, 0.9, **unsure), category="eau"),
        said(6, model=answered(0.9), category="eau"),  # given back by a department, so no random one
        said(7, queue="sample", model=answered(0.9, bundle_sha256="older"), category="eau"),
        said(8, queue="sample", model=None),
    ]
    found = check(answers, "b", TODAY, 0.6)
    assert (found.sampled.hits, found.sampled.total) == (1, 2)
    assert (found.reviewed.hits, found.reviewed.total) == (1, 2)
    assert check(answers, "b", TODAY, 0.8).reviewed.total == 0
