"""Gates on the answers to the frozen rows, each with a challenger that passes and one that does not."""

from collections.abc import Callable

import pytest

from training.promotion.contest import Contest
from training.promotion.gate import Gate
from training.promotion.gates.quality import (
    Calibrated,
    NotWorseOverall,
    NoWorseCategory,
    NoWorseSlice,
    PromiseKept,
    UrgentCaught,
)
from triage.corpus import LabelledAlert

MakeContest = Callable[..., Contest]
Held = Callable[[Gate, Contest], bool]
Rows = tuple[LabelledAlert, ...]


@pytest.mark.parametrize(
    "gate", [NotWorseOverall(), NoWorseCategory(), NoWorseSlice(), UrgentCaught(), Calibrated(), PromiseKept()]
)
def test_an_equal_challenger_passes(gate: Gate, contest: MakeContest, held: Held) -> None:
    assert held(gate, contest("same"))


@pytest.mark.parametrize(
    ("gate", "weak"), [(UrgentCaught(), "fearless"), (Calibrated(), "hot"), (PromiseKept(), "bold")]
)
def test_a_challenger_that_is_as_weak_as_the_champion_passes(
    gate: Gate, weak: str, contest: MakeContest, held: Held
) -> None:
    assert held(gate, contest(weak, weak))


def test_a_model_that_confuses_two_categories_is_worse_overall(contest: MakeContest, held: Held) -> None:
    assert not held(NotWorseOverall(), contest("swapped"))


def test_a_model_that_gains_is_not_called_worse(contest: MakeContest, held: Held) -> None:
    assert held(NotWorseOverall(), contest("same", "swapped"))


def test_a_model_that_confuses_two_categories_is_told_which_ones(contest: MakeContest) -> None:
    finding = NoWorseCategory().judge(contest("swapped"))
    shut = [measure.name for measure in finding.measures if not measure.holds]
    assert sorted(shut) == ["f1_change_high_proprete", "f1_change_high_voirie"]
    assert "Worse beyond noise: proprete and voirie" in finding.message or "voirie and proprete" in finding.message


def test_a_slice_that_gets_worse_is_named(contest: MakeContest) -> None:
    finding = NoWorseSlice().judge(contest("swapped"))
    assert "Worse beyond noise" in finding.message
    assert any(not measure.holds for measure in finding.measures)


def test_without_a_slice_of_thirty_rows_none_is_judged(contest: MakeContest, test_rows: Rows) -> None:
    finding = NoWorseSlice().judge(contest("swapped", rows=test_rows[:12]))
    assert finding.skipped
    assert finding.message == "No slice of the test rows has 30 of them."


def test_a_model_blind_to_danger_is_stopped(contest: MakeContest, held: Held) -> None:
    assert not held(UrgentCaught(), contest("blind"))


def test_a_threshold_that_flags_fewer_dangers_is_stopped(contest: MakeContest, held: Held) -> None:
    assert not held(UrgentCaught(), contest("fearless"))


def test_without_a_danger_among_the_rows_none_can_be_missed(contest: MakeContest, test_rows: Rows) -> None:
    calm = [row for row in test_rows if row.priority != "critique"][:40]
    assert UrgentCaught().judge(contest("blind", rows=calm)).skipped


def test_temperatures_that_are_off_are_seen(contest: MakeContest, held: Held) -> None:
    assert not held(Calibrated(), contest("hot"))


def test_temperatures_alone_make_no_answer_worse(contest: MakeContest, held: Held) -> None:
    assert held(NotWorseOverall(), contest("hot"))


def test_thresholds_that_route_less_at_the_same_promise_are_stopped(contest: MakeContest, held: Held) -> None:
    assert not held(PromiseKept(), contest("shy"))


def test_thresholds_that_route_more_than_they_should_break_their_promise(contest: MakeContest) -> None:
    finding = PromiseKept().judge(contest("bold"))
    assert [measure.name for measure in finding.measures if not measure.holds] == ["routed_error_lower"]


def test_a_looser_promise_is_no_way_to_route_more(contest: MakeContest) -> None:
    finding = PromiseKept().judge(contest("promising more"))
    assert [measure.name for measure in finding.measures if not measure.holds] == ["stated_error"]


def test_who_promises_fewer_errors_may_route_less(contest: MakeContest, held: Held) -> None:
    assert held(PromiseKept(), contest("same", "promising more"))
