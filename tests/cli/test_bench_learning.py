"""`triage bench learning`, as a trial in seconds."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from triage.settings import PROJECT_ROOT

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
CORPUS = PROJECT_ROOT / "datasets" / "corpus"


@pytest.mark.slow
def test_a_quick_trial_prints_draws_and_keeps_its_figures(triage: RunTriage, tmp_path: Path) -> None:
    plot, output = tmp_path / "learning.png", tmp_path / "learning.json"
    done = triage("bench", "learning", "--quick", "--corpus", CORPUS, "--plot", plot, "--output", output)
    assert done.returncode == 0, done.stderr
    assert "desk" in done.stdout
    assert plot.read_bytes().startswith(b"\x89PNG")
    figures = json.loads(output.read_text(encoding="utf-8"))
    assert figures["encoder"] == "words alone"
    assert figures["labels"] == [60, 90, 120, 150]
    assert {"random", "desk"} <= figures["curves"].keys()
    assert {item["strategy"] for item in figures["needed"]} == figures["curves"].keys()
    assert str(tmp_path) not in output.read_text(encoding="utf-8")


@pytest.mark.slow
def test_more_labels_than_rows_are_one_sentence(
    triage: RunTriage, sentence: Callable[["subprocess.CompletedProcess[str]"], str]
) -> None:
    done = triage("bench", "learning", "--quick", "--skew", "3", "--corpus", CORPUS)
    assert "rows" in sentence(done)
