"""Small changes that must raise the priority, or must not (DIR; guide, section 3)."""

import operator
from collections.abc import Callable, Sequence

import pytest

# Priority is the head on which people agree least, and the pairs differ by a few words only:
# four of five is what a reader of the guide must see before trusting the order of the queue.
LEAST_RAISED = 0.80
LEAST_NOT_RAISED = 0.80

RAISES, NOT_RAISED = "raises", "not_raised"

Pairs = dict[str, Sequence[tuple[str, str]]]
Failures = Callable[..., list[str]]
RequireShare = Callable[[int, Sequence[str], float, str], None]


@pytest.fixture(scope="module")
def pairs(read_pairs: Callable[[str, str], Pairs]) -> Pairs:
    return read_pairs("direction.jsonl", "expect")


def test_every_pair_says_what_is_expected_of_it(pairs: Pairs) -> None:
    assert set(pairs) == {RAISES, NOT_RAISED}


def test_injury_hindrance_repeated_reports_and_schools_raise_the_urgency(
    pairs: Pairs, unmoved: Failures, require_share: RequireShare
) -> None:
    failures = unmoved(pairs[RAISES], operator.gt)
    require_share(len(pairs[RAISES]), failures, LEAST_RAISED, "The urgency rises")


def test_anger_capitals_age_and_looks_beside_a_school_do_not_raise_the_priority(
    pairs: Pairs, raised: Failures, require_share: RequireShare
) -> None:
    claim = "The priority does not become more pressing"
    require_share(len(pairs[NOT_RAISED]), raised(pairs[NOT_RAISED]), LEAST_NOT_RAISED, claim)
