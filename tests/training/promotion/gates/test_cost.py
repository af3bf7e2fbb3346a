"""Gates on time and size."""

import itertools
from collections.abc import Callable

import pytest

from training.promotion.contest import Contest
from training.promotion.gate import Finding, Gate
from training.promotion.gates.cost import NotLarger, NotSlower
from triage.corpus import LabelledAlert

MakeContest = Callable[..., Contest]
Held = Callable[[Gate, Contest], bool]
Rows = tuple[LabelledAlert, ...]
MakeClock = Callable[[float], Callable[[], float]]
Values = Callable[[Finding], dict[str, float]]


@pytest.fixture
def clock() -> MakeClock:
    """A clock on which the champion takes a second for each answer, and the challenger so many times as long."""

    def make(times_as_long: float) -> Callable[[], float]:
        # Champion and challenger are asked in turn, each between two looks at the clock.
        steps = itertools.accumulate(itertools.cycle([0.0, 1.0, 0.0, times_as_long]))
        return lambda: next(steps)

    return make


def test_a_challenger_as_fast_as_the_champion_passes(
    contest: MakeContest, held: Held, clock: MakeClock, test_rows: Rows
) -> None:
    assert held(NotSlower(clock(1.0)), contest("same", rows=test_rows[:6]))


def test_a_fifth_more_time_may_be_the_machine(
    contest: MakeContest, held: Held, clock: MakeClock, test_rows: Rows
) -> None:
    assert held(NotSlower(clock(1.2)), contest("same", rows=test_rows[:6]))


def test_a_challenger_that_takes_half_again_as_long_is_stopped(
    contest: MakeContest, clock: MakeClock, test_rows: Rows
) -> None:
    finding = NotSlower(clock(1.5)).judge(contest("same", rows=test_rows[:6]))
    assert [measure.name for measure in finding.measures if not measure.holds] == [
        "time_ratio_single",
        "time_ratio_batch",
    ]
    assert finding.message.startswith("One alert takes 1.50 times as long (1000.0 → 1500.0 ms")


def test_equal_models_take_about_equal_time_on_the_real_clock(
    contest: MakeContest, values: Values, test_rows: Rows
) -> None:
    measured = values(NotSlower().judge(contest("same", rows=test_rows[:6])))
    assert 0.5 < measured["time_ratio_single"] < 2
    assert 0.1 < measured["champion_ms"] < 1000


def test_a_bundle_of_the_same_size_passes(contest: MakeContest, held: Held) -> None:
    assert held(NotLarger(), contest("same"))


def test_a_bundle_that_is_a_third_larger_is_stopped(contest: MakeContest) -> None:
    finding = NotLarger().judge(contest("larger"))
    assert [measure.name for measure in finding.measures if not measure.holds] == ["size_ratio"]


def test_a_smaller_bundle_passes(contest: MakeContest, held: Held) -> None:
    assert held(NotLarger(), contest("same", "larger"))
