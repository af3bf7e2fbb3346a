"""What a training leaves behind: found by the same choices alone, removed when all is well, held by one process."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from training.checkpoint import Saved
from training.unfinished import unfinished
from triage.errors import InvalidConfiguration

CHOICES = {"part": "text", "config": {"seed": 1}}


def interrupt(parent: Path, run_id: str = "run") -> None:
    """A training that notes its run, writes a checkpoint and is then stopped."""
    with pytest.raises(RuntimeError), unfinished(parent, CHOICES) as kept:
        kept.remember(run_id)
        kept.checkpoint("seed-0").write(Saved({"a": torch.ones(1)}, {"epoch": 1}))
        raise RuntimeError


def test_a_first_training_finds_nothing(tmp_path: Path) -> None:
    with unfinished(tmp_path / "work", CHOICES) as kept:
        assert kept.run_id is None
        assert kept.checkpoint("seed-0").read() is None


def test_an_interrupted_training_is_found_again(tmp_path: Path) -> None:
    interrupt(tmp_path, "abc")
    with unfinished(tmp_path, dict(reversed(CHOICES.items()))) as kept:
        assert kept.run_id == "abc"
        found = kept.checkpoint("seed-0").read()
        assert found is not None
        assert found.notes == {"epoch": 1}
        assert kept.checkpoint("seed-1").read() is None


def test_other_choices_do_not_find_it(tmp_path: Path) -> None:
    interrupt(tmp_path)
    with unfinished(tmp_path, CHOICES | {"config": {"seed": 2}}) as kept:
        assert kept.run_id is None


def test_a_fresh_start_forgets_it(tmp_path: Path) -> None:
    interrupt(tmp_path)
    with unfinished(tmp_path, CHOICES, fresh=True) as kept:
        assert kept.run_id is None
        assert kept.checkpoint("seed-0").read() is None


def test_a_training_that_ended_well_leaves_nothing(tmp_path: Path) -> None:
    interrupt(tmp_path)
    with unfinished(tmp_path, CHOICES):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_note_of_the_run_that_is_damaged_counts_as_none(tmp_path: Path) -> None:
    interrupt(tmp_path)
    (path,) = tmp_path.rglob("run.json")
    path.write_text("{")
    with unfinished(tmp_path, CHOICES) as kept:
        assert kept.run_id is None


def test_two_processes_do_not_train_the_same(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from training.unfinished import unfinished\n"
        f"with unfinished(Path({str(tmp_path)!r}), {CHOICES!r}):\n    print('in', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "in\n"
        with pytest.raises(InvalidConfiguration, match="running already"), unfinished(tmp_path, CHOICES):
            pass
        other.kill()
    with unfinished(tmp_path, CHOICES) as kept:
        assert kept.run_id is None


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InvalidConfiguration, match="cannot be written"), unfinished(tmp_path / "file", CHOICES):
        pass
