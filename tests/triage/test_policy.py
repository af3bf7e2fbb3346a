"""The policy: what is sure goes out, what is not is looked at, what may hurt someone does both."""

import math
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from triage.policy import Evidence, Outcome, Policy, Thresholds
from triage.prediction import Decision
from triage.taxonomy import Head, Taxonomy

ENTRY = {"fr": "x", "en": "x"}
TAXONOMY = Taxonomy.model_validate(
    {
        "version": 1,
        "languages": ["fr", "en"],
        "categories": {"divers": {**ENTRY, "default_department": "guichet", "fallback": True}},
        "departments": {"guichet": {**ENTRY, "fallback": True}},
        "priorities": {
            "danger": {**ENTRY, "rank": 0, "target_hours": 1, "urgent": True},
            "vite": {**ENTRY, "rank": 1, "target_hours": 24},
            "tard": {**ENTRY, "rank": 2, "target_hours": 168},
        },
    }
)
THRESHOLDS = Thresholds(category=0.8, department=0.7, urgent=0.2, error_rate=0.05)


def evidence(
    category: float = 0.9,
    department: float = 0.9,
    danger: float = 0.05,
    *,
    has_text: bool = True,
    notes: tuple[str, ...] = (),
) -> Evidence:
    probabilities: Mapping[Head, Mapping[str, float]] = {
        "category": {"lampes": category, "divers": 1 - category},
        "department": {"lumiere": department, "guichet": 1 - department},
        "priority": {"vite": (1 - danger) * 0.8, "tard": (1 - danger) * 0.2, "danger": danger},
    }
    return Evidence(probabilities, has_text, notes)


@pytest.fixture
def policy() -> Policy:
    return Policy(TAXONOMY, THRESHOLDS)


def test_what_is_sure_is_routed_without_a_reason(policy: Policy) -> None:
    assert policy.decide(evidence()) == Outcome(Decision.ROUTE, ())


@pytest.mark.parametrize(
    ("seen", "reasons"),
    [
        (evidence(category=0.6), ("category_uncertain",)),
        (evidence(department=0.6), ("department_uncertain",)),
        (evidence(category=0.6, department=0.6), ("category_uncertain", "department_uncertain")),
        (evidence(has_text=False), ("text_missing",)),
    ],
)
def test_what_is_not_sure_is_reviewed_and_says_why(policy: Policy, seen: Evidence, reasons: tuple[str, ...]) -> None:
    assert policy.decide(seen) == Outcome(Decision.REVIEW, reasons)


def test_a_confidence_on_the_threshold_is_enough(policy: Policy) -> None:
    assert policy.decide(evidence(category=0.8, department=0.7)).decision is Decision.ROUTE


def test_a_possible_danger_is_routed_and_reviewed(policy: Policy) -> None:
    assert policy.decide(evidence(danger=0.2)) == Outcome(Decision.ROUTE_AND_REVIEW, ("possible_critique",))


def test_a_danger_just_below_the_threshold_is_not_possible(policy: Policy) -> None:
    assert policy.decide(evidence(danger=math.nextafter(0.2, 0))).decision is Decision.ROUTE


def test_an_alert_answered_urgent_is_routed_and_reviewed_whatever_the_threshold() -> None:
    strict = Policy(TAXONOMY, THRESHOLDS.model_copy(update={"urgent": 1.0}))
    assert strict.decide(evidence(danger=0.9)).decision is Decision.ROUTE_AND_REVIEW


def test_a_possible_danger_goes_out_even_where_nothing_else_is_sure(policy: Policy) -> None:
    outcome = policy.decide(evidence(category=0.5, department=0.5, danger=0.3, has_text=False))
    assert outcome.decision is Decision.ROUTE_AND_REVIEW
    assert outcome.reasons == ("possible_critique", "text_missing", "category_uncertain", "department_uncertain")


@pytest.mark.parametrize("seen", [evidence(), evidence(category=0.1), evidence(danger=0.5)])
def test_notes_found_before_the_model_come_last_and_decide_nothing(policy: Policy, seen: Evidence) -> None:
    noted = Evidence(seen.probabilities, seen.has_text, ("photo_unreadable",))
    plain = policy.decide(seen)
    assert policy.decide(noted) == Outcome(plain.decision, (*plain.reasons, "photo_unreadable"))


@pytest.mark.parametrize("head", ["category", "department", "danger"])
def test_a_probability_that_is_no_number_is_a_doubt(policy: Policy, head: str) -> None:
    outcome = policy.decide(evidence(**{head: math.nan}))  # type: ignore[arg-type]
    name = "priority" if head == "danger" else head
    assert outcome == Outcome(Decision.REVIEW, (f"{name}_uncertain",))


@pytest.mark.parametrize("values", [(0.95, math.nan), (math.nan, 0.95)])
@pytest.mark.parametrize("head", ["category", "department"])
def test_one_value_that_is_no_number_spoils_its_head_wherever_it_stands(
    policy: Policy, head: Head, values: tuple[float, float]
) -> None:
    probabilities = {**evidence().probabilities, head: dict(zip("ab", values, strict=True))}
    assert policy.decide(Evidence(probabilities)) == Outcome(Decision.REVIEW, (f"{head}_uncertain",))


def test_a_possible_danger_beside_a_value_that_is_no_number_still_goes_out(policy: Policy) -> None:
    probabilities = {**evidence().probabilities, "priority": {"vite": math.nan, "danger": 0.9}}
    outcome = policy.decide(Evidence(probabilities))
    assert outcome == Outcome(Decision.ROUTE_AND_REVIEW, ("possible_critique", "priority_uncertain"))


@pytest.mark.parametrize(
    "change",
    [
        {"category": -0.1},
        {"department": 1.1},
        {"urgent": math.nan},
        {"category": math.inf},
        {"error_rate": 0},
        {"error_rate": 1},
        {"error_rate": math.nan},
        {"category": "high"},
        {"priority": 0.5},
    ],
)
def test_thresholds_that_are_no_probabilities_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Thresholds.model_validate({**THRESHOLDS.model_dump(), **change})


def test_thresholds_cannot_be_changed_once_read() -> None:
    with pytest.raises(ValidationError):
        THRESHOLDS.category = 0.1  # type: ignore[misc]


shares = st.floats(0, 1)


@settings(max_examples=150, deadline=None)
@given(shares, shares, shares, st.booleans())
def test_the_decision_follows_from_the_reasons(
    category: float, department: float, danger: float, has_text: bool
) -> None:
    seen = evidence(category, department, danger, has_text=has_text)
    outcome = Policy(TAXONOMY, THRESHOLDS).decide(seen)
    possible = danger >= 0.2 or danger >= max(seen.probabilities["priority"].values())
    sure = has_text and max(category, 1 - category) >= 0.8 and max(department, 1 - department) >= 0.7
    expected = Decision.ROUTE_AND_REVIEW if possible else Decision.ROUTE if sure else Decision.REVIEW
    assert outcome.decision is expected
    assert bool(outcome.reasons) == (outcome.decision is not Decision.ROUTE)
    assert ("possible_critique" in outcome.reasons) == possible
