"""`triage bench backfill`, with few rows."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from triage.settings import PROJECT_ROOT

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.mark.slow
@pytest.mark.xdist_group("ray")
def test_the_figures_are_printed_and_agree(triage: RunTriage, tmp_path: Path) -> None:
    corpus = PROJECT_ROOT / "datasets" / "corpus"
    done = triage("bench", "backfill", "--rows", "300", "--workers", "2", "--corpus", corpus, "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert (figures["rows"], figures["workers"]) == (300, 2)
    assert figures["ratio"] == pytest.approx(figures["backfill_rows_per_s"] / figures["loop_rows_per_s"], abs=0.05)
    assert figures["ratio_per_worker"] == pytest.approx(figures["ratio"] / 2, abs=0.01)
    assert not list(tmp_path.iterdir())
