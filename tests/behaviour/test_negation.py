"""A fault that is denied or over is no fault that presses: every word counts, "ne … pas" and "déjà" too."""

import operator
from collections.abc import Callable, Sequence

import pytest

# A reader who skips "ne … plus" sends a crew for nothing; as for the other directions, four of five.
# Denials are what the model reads worst: nine of the twelve pairs of each kind. Raise these when it learns them.
LEAST_CALMED = 0.70
LEAST_NOT_RAISED = 0.70
LEAST_OF_A_KIND = 10

HARMLESS, OVER = "harmless", "over"

Pairs = dict[str, Sequence[tuple[str, str]]]
Failures = Callable[..., list[str]]
RequireShare = Callable[[int, Sequence[str], float, str], None]


@pytest.fixture(scope="module")
def pairs(read_pairs: Callable[[str, str], Pairs]) -> Pairs:
    return read_pairs("negation.jsonl", "kind")


def test_both_kinds_of_negation_have_pairs_enough(pairs: Pairs) -> None:
    assert set(pairs) == {HARMLESS, OVER}
    assert min(map(len, pairs.values())) >= LEAST_OF_A_KIND


def test_what_hinders_or_hurts_nobody_does_not_raise_the_priority(
    pairs: Pairs, raised: Failures, require_share: RequireShare
) -> None:
    claim = "What is harmless does not press more"
    require_share(len(pairs[HARMLESS]), raised(pairs[HARMLESS]), LEAST_NOT_RAISED, claim)


def test_a_danger_that_is_over_loses_its_urgency(pairs: Pairs, unmoved: Failures, require_share: RequireShare) -> None:
    failures = unmoved(pairs[OVER], operator.lt)
    require_share(len(pairs[OVER]), failures, LEAST_CALMED, "The urgency falls when the danger is over")
