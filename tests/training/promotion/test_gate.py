"""How gates are judged: by MLflow's own comparison, all of them, and by whom they may be forced."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import pytest

from training.promotion.contest import Contest
from training.promotion.gate import Finding, Measure, at_most, forced, try_gates
from training.promotion.gates.registry import all_gates


@dataclass(frozen=True)
class Fixed:
    """A gate that finds what it was told."""

    finding: Finding
    code: ClassVar[str] = "GAT999"
    title: ClassVar[str] = "as it was told"
    may_be_forced: ClassVar[bool] = True

    def judge(self, _contest: Contest) -> Finding:
        return self.finding


@dataclass(frozen=True)
class Final(Fixed):
    """The same, and nobody may force it."""

    code: ClassVar[str] = "GAT998"
    may_be_forced: ClassVar[bool] = False


MakeContest = Callable[..., Contest]

SHUT = Finding("It fails.", (at_most("failures", 1, 0),))


@pytest.mark.parametrize(
    ("measure", "holds"),
    [
        (Measure("gain", 0.0, 0.0), True),
        (Measure("gain", -1e-9, 0.0), False),
        (Measure("gain", 0.5), True),
        (Measure("gain", float("nan")), True),
        (Measure("gain", float("nan"), 0.0), False),
        (at_most("loss", 0.1, 0.1), True),
        (at_most("loss", 0.11, 0.1), False),
        (at_most("loss", float("nan"), 0.1), False),
        (at_most("loss", float("inf"), 0.1), False),
        (at_most("count", 0, 0), True),
    ],
)
def test_a_figure_holds_within_its_limit(measure: Measure, holds: bool) -> None:
    assert measure.holds is holds


def test_all_gates_are_tried_whatever_the_first_says(contest: MakeContest) -> None:
    gates = [Fixed(SHUT), Fixed(Finding("Fine.")), Fixed(Finding("No rows.", skipped=True))]
    assert [result.status for result in try_gates(gates, contest("same"))] == ["fail", "pass", "skipped"]


def test_what_is_skipped_is_not_shut(contest: MakeContest) -> None:
    [result] = try_gates([Fixed(Finding("No rows.", SHUT.measures, skipped=True))], contest("same"))
    assert (result.status, result.shut) == ("skipped", False)


def test_only_a_shut_gate_that_was_named_is_forced(contest: MakeContest) -> None:
    results = list(try_gates([Fixed(SHUT), Fixed(Finding("Fine.")), Final(SHUT)], contest("same")))
    assert [result.status for result in forced(results, {"GAT999", "GAT998"})] == ["forced", "pass", "fail"]
    assert [result.status for result in forced(results, set())] == ["fail", "pass", "fail"]


def test_the_history_keeps_what_a_gate_found(contest: MakeContest) -> None:
    [result] = try_gates([Fixed(SHUT)], contest("same"))
    note = result.note()
    assert (note.code, note.status, note.message, note.values) == ("GAT999", "fail", "It fails.", {"failures": 1})


def test_every_gate_has_a_code_of_its_own_and_a_title() -> None:
    gates = all_gates()
    assert [gate.code for gate in gates] == [f"GAT{number:03}" for number in range(1, 16)]
    assert len({gate.title for gate in gates}) == len(gates)


def test_only_what_the_service_would_refuse_cannot_be_forced() -> None:
    assert [gate.code for gate in all_gates() if not gate.may_be_forced] == ["GAT001", "GAT002"]
