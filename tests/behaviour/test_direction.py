"""Small changes that must raise the priority, or must not (DIR; guide, section 3)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from triage.prediction import Prediction

# Priority is the head on which people agree least, and the pairs differ by a few words only:
# four of five is what a reader of the guide must see before trusting the order of the queue.
LEAST_RAISED = 0.80
LEAST_NOT_RAISED = 0.80

FILE = "direction.jsonl"
RAISES, NOT_RAISED = "raises", "not_raised"

Predict = Callable[[Iterable[str]], dict[str, Prediction]]
ReadRows = Callable[[str], list[dict[str, Any]]]
RequireShare = Callable[[int, Sequence[str], float, str], None]
Failures = Callable[[Sequence[tuple[str, str]]], list[str]]


def _pairs(rows: Sequence[dict[str, Any]], expect: str) -> list[tuple[str, str]]:
    return [(row["before"], row["after"]) for row in rows if row["expect"] == expect]


def test_every_pair_says_what_is_expected_of_it(read_rows: ReadRows) -> None:
    assert {row["expect"] for row in read_rows(FILE)} == {RAISES, NOT_RAISED}


def test_injury_hindrance_repeated_reports_and_schools_raise_the_urgency(
    predict: Predict, urgency: Callable[[Prediction], float], read_rows: ReadRows, require_share: RequireShare
) -> None:
    pairs = _pairs(read_rows(FILE), RAISES)
    found = {text: urgency(prediction) for text, prediction in predict(t for pair in pairs for t in pair).items()}
    failures = [
        f"{after} (urgency {found[after]:.3f}, was {found[before]:.3f})"
        for before, after in pairs
        if found[after] <= found[before]
    ]
    require_share(len(pairs), failures, LEAST_RAISED, "The urgency rises")


def test_anger_capitals_age_and_looks_beside_a_school_do_not_raise_the_priority(
    not_raised: Failures, read_rows: ReadRows, require_share: RequireShare
) -> None:
    pairs = _pairs(read_rows(FILE), NOT_RAISED)
    claim = "The priority does not become more pressing"
    require_share(len(pairs), not_raised(pairs), LEAST_NOT_RAISED, claim)
