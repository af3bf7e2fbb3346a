"""Small changes that must raise the priority, or must not (DIR; guide, section 3)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from models.predictor import Predictor
from triage.prediction import Prediction
from triage.taxonomy import Taxonomy

# Priority is the head on which people agree least, and the pairs differ by a few words only:
# four of five is what a reader of the guide must see before trusting the order of the queue.
LEAST_RAISED = 0.80
LEAST_NOT_RAISED = 0.80

FILE = "direction.jsonl"
RAISES, NOT_RAISED = "raises", "not_raised"

Predict = Callable[[Iterable[str]], dict[str, Prediction]]
ReadRows = Callable[[str], list[dict[str, Any]]]
RequireShare = Callable[[int, Sequence[str], float, str], None]


def _urgency(prediction: Prediction, taxonomy: Taxonomy) -> float:
    """The probability of the more pressing half of the priorities."""
    ranks = {code: priority.rank for code, priority in taxonomy.priorities.items()}
    answers = (prediction.priority, *prediction.priority.alternatives)
    return sum(answer.confidence for answer in answers if ranks[answer.code] < len(ranks) / 2)


def _pairs(rows: Sequence[dict[str, Any]], expect: str) -> list[tuple[str, str]]:
    return [(row["before"], row["after"]) for row in rows if row["expect"] == expect]


def test_every_pair_says_what_is_expected_of_it(read_rows: ReadRows) -> None:
    assert {row["expect"] for row in read_rows(FILE)} == {RAISES, NOT_RAISED}


def test_injury_hindrance_repeated_reports_and_schools_raise_the_urgency(
    predict: Predict, predictor: Predictor, read_rows: ReadRows, require_share: RequireShare
) -> None:
    pairs = _pairs(read_rows(FILE), RAISES)
    predictions = predict(text for pair in pairs for text in pair)
    urgency = {text: _urgency(prediction, predictor.taxonomy) for text, prediction in predictions.items()}
    failures = [
        f"{after} (urgency {urgency[after]:.3f}, was {urgency[before]:.3f})"
        for before, after in pairs
        if urgency[after] <= urgency[before]
    ]
    require_share(len(pairs), failures, LEAST_RAISED, "The urgency rises")


def test_anger_capitals_age_looks_and_negation_do_not_raise_the_priority(
    predict: Predict, predictor: Predictor, read_rows: ReadRows, require_share: RequireShare
) -> None:
    pairs = _pairs(read_rows(FILE), NOT_RAISED)
    predictions = predict(text for pair in pairs for text in pair)
    ranks = {code: priority.rank for code, priority in predictor.taxonomy.priorities.items()}
    code = {text: prediction.priority.code for text, prediction in predictions.items()}
    failures = [
        f"{after} (is {code[after]}, was {code[before]})"
        for before, after in pairs
        if ranks[code[after]] < ranks[code[before]]
    ]
    require_share(len(pairs), failures, LEAST_NOT_RAISED, "The priority does not become more pressing")
