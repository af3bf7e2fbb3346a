"""A fault that is denied or over is no fault that presses: every word counts, "ne … pas" and "déjà" too."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from triage.prediction import Prediction

# A reader who skips "ne … plus" sends a crew for nothing; as for the other directions, four of five.
# Denials are what the model reads worst: nine of the twelve pairs of each kind. Raise these when it learns them.
LEAST_CALMED = 0.70
LEAST_NOT_RAISED = 0.70
LEAST_OF_A_KIND = 10

FILE = "negation.jsonl"
HARMLESS, OVER = "harmless", "over"

Predict = Callable[[Iterable[str]], dict[str, Prediction]]
ReadRows = Callable[[str], list[dict[str, Any]]]
RequireShare = Callable[[int, Sequence[str], float, str], None]
Failures = Callable[[Sequence[tuple[str, str]]], list[str]]


def _pairs(rows: Sequence[dict[str, Any]], kind: str) -> list[tuple[str, str]]:
    return [(row["before"], row["after"]) for row in rows if row["kind"] == kind]


def test_both_kinds_of_negation_have_pairs_enough(read_rows: ReadRows) -> None:
    rows = read_rows(FILE)
    assert {row["kind"] for row in rows} == {HARMLESS, OVER}
    assert min(len(_pairs(rows, kind)) for kind in (HARMLESS, OVER)) >= LEAST_OF_A_KIND


def test_what_hinders_or_hurts_nobody_does_not_raise_the_priority(
    not_raised: Failures, read_rows: ReadRows, require_share: RequireShare
) -> None:
    pairs = _pairs(read_rows(FILE), HARMLESS)
    require_share(len(pairs), not_raised(pairs), LEAST_NOT_RAISED, "What is harmless does not press more")


def test_a_danger_that_is_over_loses_its_urgency(
    predict: Predict, urgency: Callable[[Prediction], float], read_rows: ReadRows, require_share: RequireShare
) -> None:
    pairs = _pairs(read_rows(FILE), OVER)
    found = {text: urgency(prediction) for text, prediction in predict(t for pair in pairs for t in pair).items()}
    failures = [
        f"{after} (urgency {found[after]:.3f}, was {found[before]:.3f})"
        for before, after in pairs
        if found[after] >= found[before]
    ]
    require_share(len(pairs), failures, LEAST_CALMED, "The urgency falls when the danger is over")
