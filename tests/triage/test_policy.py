"""The policy: what is sure goes out, what is not is looked at, what may hurt someone does both."""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from models.photo_reader import DISAGREES, IRRELEVANT, UNREADABLE
from serving.alerts.arriving import MODEL_UNAVAILABLE
from serving.alerts.photos import NOT_KEPT
from serving.duplicates import NOT_SEARCHED
from triage.area import NO_PLACE, OUTSIDE_AREA
from triage.past_alerts import IMPORTED
from triage.policy import SECOND_PROBLEM, SEVERAL_WORDS, VAGUE_WORDS, Evidence, Outcome, Policy, Thresholds
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
THRESHOLDS = Thresholds(category=0.8, department=0.7, urgent=0.2, error_rate=0.05, unknown_language=0.6)
CATALOGUE = yaml.safe_load((Path(__file__).parents[2] / "datasets" / "reasons.yaml").read_text(encoding="utf-8"))
NEITHER_FEW_NOR_MANY = VAGUE_WORDS + 1  # words that make a text neither vague nor long enough for two problems


def evidence(  # noqa: PLR0913
    category: float = 0.9,
    department: float = 0.9,
    danger: float = 0.05,
    *,
    words: int = NEITHER_FEW_NOR_MANY,
    unknown_language: float = 0.0,
    decided_by_photo: bool = False,
    inconclusive: bool = False,
) -> Evidence:
    probabilities: Mapping[Head, Mapping[str, float]] = {
        "category": {"lampes": category, "trous": 1 - category, "divers": 0.0},
        "department": {"lumiere": department, "guichet": 1 - department},
        "priority": {"vite": (1 - danger) * 0.8, "tard": (1 - danger) * 0.2, "danger": danger},
    }
    return Evidence(probabilities, words, unknown_language, decided_by_photo, inconclusive)


def about(words: int = SEVERAL_WORDS, **categories: float) -> Evidence:
    """Evidence with these categories."""
    return Evidence({**evidence().probabilities, "category": categories}, words)


def reasons(seen: Evidence) -> tuple[str, ...]:
    return Policy(TAXONOMY, THRESHOLDS).decide(seen).reasons


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
        (evidence(words=0), ("text_missing",)),
        (evidence(unknown_language=0.6), ("language_unknown",)),
        (evidence(category=0.6, unknown_language=0.9), ("language_unknown", "category_uncertain")),
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
    outcome = policy.decide(evidence(category=0.5, department=0.5, danger=0.3, words=0))
    assert outcome.decision is Decision.ROUTE_AND_REVIEW
    assert outcome.reasons == ("possible_critique", "text_missing", "category_uncertain", "department_uncertain")


# Languages


def test_a_language_just_below_the_threshold_is_known(policy: Policy) -> None:
    assert policy.decide(evidence(unknown_language=math.nextafter(0.6, 0))) == Outcome(Decision.ROUTE, ())


def test_a_language_that_is_no_number_is_unknown(policy: Policy) -> None:
    assert policy.decide(evidence(unknown_language=math.nan)) == Outcome(Decision.REVIEW, ("language_unknown",))


def test_no_words_are_in_no_unknown_language(policy: Policy) -> None:
    assert policy.decide(evidence(words=0, unknown_language=1.0)).reasons == ("text_missing",)


def test_a_possible_danger_in_an_unknown_language_still_goes_out(policy: Policy) -> None:
    outcome = policy.decide(evidence(danger=0.5, unknown_language=0.9))
    assert outcome == Outcome(Decision.ROUTE_AND_REVIEW, ("possible_critique", "language_unknown"))


# What a person may read from a doubt


def test_few_words_of_an_uncertain_category_are_too_vague() -> None:
    for words in (1, VAGUE_WORDS):
        assert reasons(evidence(category=0.6, words=words)) == ("category_uncertain", "too_vague")


@pytest.mark.parametrize(
    "seen",
    [
        evidence(category=0.6, words=VAGUE_WORDS + 1),
        evidence(category=0.6, words=0),
        evidence(category=0.8, words=1),
        evidence(department=0.6, words=1),
    ],
    ids=["enough words", "no words", "sure", "the department alone is uncertain"],
)
def test_nothing_else_is_too_vague(seen: Evidence) -> None:
    assert "too_vague" not in reasons(seen)


def test_a_second_likely_category_in_a_long_text_may_be_a_second_problem() -> None:
    assert reasons(about(lampes=0.7, trous=SECOND_PROBLEM)) == ("category_uncertain", "several_problems")


@pytest.mark.parametrize(
    "seen",
    [
        about(lampes=0.7, trous=math.nextafter(SECOND_PROBLEM, 0), divers=0.05),
        about(SEVERAL_WORDS - 1, lampes=0.7, trous=0.3, divers=0.0),
        about(lampes=0.7, divers=0.3, trous=0.0),
        about(divers=0.7, lampes=0.3, trous=0.0),
        about(lampes=0.8, trous=0.25, divers=0.0),
        about(lampes=0.7),
    ],
    ids=["unlikely", "too short", "nothing as second", "nothing as first", "sure", "no second"],
)
def test_nothing_else_is_a_second_problem(seen: Evidence) -> None:
    assert "several_problems" not in reasons(seen)


def test_what_is_surely_of_no_category_is_out_of_scope_and_routed(policy: Policy) -> None:
    assert policy.decide(about(divers=0.8, lampes=0.2)) == Outcome(Decision.ROUTE, ("out_of_scope",))


@pytest.mark.parametrize(
    "seen",
    [about(divers=math.nextafter(0.8, 0), lampes=0.2), about(0, divers=0.9, lampes=0.1), about(lampes=0.9, divers=0.1)],
    ids=["not sure", "no words", "another category"],
)
def test_nothing_else_is_out_of_scope(seen: Evidence) -> None:
    assert "out_of_scope" not in reasons(seen)


@pytest.mark.parametrize("seen", [evidence(), evidence(category=0.1), evidence(danger=0.5)])
def test_notes_found_before_the_model_come_last_and_decide_nothing(policy: Policy, seen: Evidence) -> None:
    noted = replace(seen, notes=("photo_unreadable",))
    plain = policy.decide(seen)
    assert policy.decide(noted) == Outcome(plain.decision, (*plain.reasons, "photo_unreadable"))


# Photos


def test_an_answer_of_the_photo_misses_no_text(policy: Policy) -> None:
    assert policy.decide(evidence(words=0, decided_by_photo=True)) == Outcome(Decision.ROUTE, ())
    urgent = policy.decide(evidence(danger=0.3, words=0, decided_by_photo=True))
    assert urgent == Outcome(Decision.ROUTE_AND_REVIEW, ("possible_critique",))


def test_an_answer_of_the_photo_is_held_to_the_same_thresholds(policy: Policy) -> None:
    found = policy.decide(evidence(category=0.6, department=0.6, words=0, decided_by_photo=True))
    assert found == Outcome(Decision.REVIEW, ("category_uncertain", "department_uncertain"))


@pytest.mark.parametrize(("words", "explained"), [(0, ()), (VAGUE_WORDS, ("too_vague",)), (SEVERAL_WORDS, ())])
def test_where_neither_text_nor_photo_says_what_it_is_a_person_looks_however_sure_the_model(
    policy: Policy, words: int, explained: tuple[str, ...]
) -> None:
    found = policy.decide(evidence(words=words, inconclusive=True, decided_by_photo=True))
    assert found == Outcome(Decision.REVIEW, ("category_uncertain", *explained))


def test_what_is_surely_of_no_category_is_not_out_of_scope_while_the_text_names_nothing(policy: Policy) -> None:
    found = policy.decide(replace(about(divers=0.9, lampes=0.1), words=3, inconclusive=True))
    assert found == Outcome(Decision.REVIEW, ("category_uncertain", "too_vague"))


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
    seen = Evidence(probabilities, NEITHER_FEW_NOR_MANY)
    assert policy.decide(seen) == Outcome(Decision.REVIEW, (f"{head}_uncertain",))


def test_a_possible_danger_beside_a_value_that_is_no_number_still_goes_out(policy: Policy) -> None:
    probabilities = {**evidence().probabilities, "priority": {"vite": math.nan, "danger": 0.9}}
    outcome = policy.decide(Evidence(probabilities))
    assert outcome == Outcome(Decision.ROUTE_AND_REVIEW, ("possible_critique", "priority_uncertain"))


shares = st.floats(0, 1)


@settings(max_examples=150, deadline=None)
@given(shares, shares, shares, st.integers(0, 20), shares)
def test_the_decision_follows_from_the_reasons(
    category: float, department: float, danger: float, words: int, unknown_language: float
) -> None:
    seen = evidence(category, department, danger, words=words, unknown_language=unknown_language)
    outcome = Policy(TAXONOMY, THRESHOLDS).decide(seen)
    possible = danger >= 0.2 or danger >= max(seen.probabilities["priority"].values())
    known = words == 0 or unknown_language < 0.6
    sure = words > 0 and known and max(category, 1 - category) >= 0.8 and max(department, 1 - department) >= 0.7
    expected = Decision.ROUTE_AND_REVIEW if possible else Decision.ROUTE if sure else Decision.REVIEW
    assert outcome.decision is expected
    assert bool(outcome.reasons) == (outcome.decision is not Decision.ROUTE)
    assert ("possible_critique" in outcome.reasons) == possible


# The catalogue


def test_every_reason_has_a_sentence_in_both_languages() -> None:
    for code, sentences in CATALOGUE.items():
        assert sentences.keys() == {"fr", "en"}, code
        for sentence in sentences.values():
            assert sentence[0].isupper()
            assert sentence.endswith(".")


def test_the_catalogue_holds_the_reasons_that_can_be_given_and_no_others() -> None:
    seen = [
        evidence(category=0.6, department=0.6, danger=0.5, words=1, unknown_language=1.0),
        evidence(words=0),
        evidence(category=0.6, words=2),
        evidence(danger=math.nan),
        about(lampes=0.7, trous=0.3, divers=0.0),
        about(divers=0.9, lampes=0.1),
    ]
    given_here = {reason for one in seen for reason in reasons(one)}
    of_photos, of_places = {UNREADABLE, IRRELEVANT, DISAGREES}, {NO_PLACE, OUTSIDE_AREA}
    of_storing = {NOT_SEARCHED, NOT_KEPT, IMPORTED, MODEL_UNAVAILABLE}
    assert CATALOGUE.keys() == given_here | of_photos | of_places | of_storing


values = shares | st.just(math.nan)
rows = st.tuples(values, values, values)


@settings(max_examples=300, deadline=None)
@given(rows, rows, rows, st.integers(0, 20), values)
def test_no_evidence_gives_a_reason_without_a_sentence(
    category: tuple[float, ...], department: tuple[float, ...], priority: tuple[float, ...], words: int, language: float
) -> None:
    probabilities: Mapping[Head, Mapping[str, float]] = {
        "category": dict(zip(("lampes", "trous", "divers"), category, strict=True)),
        "department": dict(zip(("lumiere", "voirie", "guichet"), department, strict=True)),
        "priority": dict(zip(("danger", "vite", "tard"), priority, strict=True)),
    }
    assert set(reasons(Evidence(probabilities, words, language))) <= CATALOGUE.keys()
