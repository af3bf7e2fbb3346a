"""`triage bench soak`: what is said before anything is measured, and what is printed of what was."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cli.bench.soak import _print
from evaluation.benchmarks.soak import PhaseFigures, SoakFigures

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]
QUIET = PhaseFigures(80.0, 600.0, {"201": 48_000}, {}, 12.0, 40.0, 0)
BURST = PhaseFigures(500.0, 20.0, {"201": 2_000, "202": 3_000, "503": 5_000}, {}, 900.0, 4_000.0, 12)
HOLDS = SoakFigures(100.0, QUIET, BURST, QUIET, 4.0, (500.0, 505.0), 0.01)


def test_a_folder_that_is_not_there_is_one_sentence(triage: RunTriage, sentence: Sentence, tmp_path: Path) -> None:
    assert "--output" in sentence(triage("bench", "soak", "--output", tmp_path / "nowhere" / "soak.json"))


def test_what_holds_is_no_failure_and_what_does_not_is_named() -> None:
    assert HOLDS.failures == []
    faulty = replace(QUIET, faults={"500": 2})
    broken = replace(HOLDS, steady=faulty, recovered_s=None, growth=0.05)
    assert len(broken.failures) == 3
    assert broken.failures[0] == "steady: 2 times 500"
    assert "5.0 %" in broken.failures[2]


def test_the_figures_are_printed_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    _print(HOLDS)
    printed = capsys.readouterr().out
    assert "100 alerts stored a second" in printed
    assert "5,000 times 503; 12 not sent" in printed
    assert "after 4 s (target at most 10)" in printed
    assert "+1.0%" in printed
