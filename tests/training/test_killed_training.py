"""A real training that is killed in its second epoch goes on from the first when the command runs again."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from mlflow import MlflowClient

from tests.training.tiny import PIECES, write_tiny_encoder
from training.text.teacher import DESCRIPTION
from triage.settings import PROJECT_ROOT

pytestmark = [pytest.mark.slow]

EPOCHS = 4


@pytest.fixture
def command(tmp_path: Path, write_corpus: Callable[[Path], Path]) -> list[str]:
    """`triage train teacher` on a few rows: the seam that `train text` goes through too, without export and proofs."""
    config = yaml.safe_load((PROJECT_ROOT / "training" / "configs" / "smoke.yaml").read_text(encoding="utf-8"))
    config |= {"encoder": str(write_tiny_encoder(tmp_path / "tiny")), "vocabulary_size": PIECES, "budget_steps": None}
    config |= {"epochs": EPOCHS, "patience": EPOCHS, "batch_size": 2, "salad_share": 0.0}
    (tmp_path / "few.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    datasets = PROJECT_ROOT / "datasets"
    return [
        str(Path(sys.executable).with_name("triage")), "train", "teacher",
        "--config", "few.yaml",
        "--corpus", str(write_corpus(tmp_path / "corpus")),
        "--taxonomy", str(datasets / "taxonomy.yaml"),
        "--rules", str(datasets / "department_rules.yaml"),
    ]  # fmt: skip


def kill_in_the_second_epoch(command: list[str], folder: Path) -> None:
    """Start a training, and kill it once the checkpoint of its first epoch is there."""
    with (folder / "first.log").open("w") as log, subprocess.Popen(command, cwd=folder, stderr=log, stdout=log) as run:
        deadline = time.monotonic() + 300
        while not list((folder / "work" / "unfinished").glob("*/seed-0.safetensors")):
            assert run.poll() is None, (folder / "first.log").read_text()
            assert time.monotonic() < deadline, (folder / "first.log").read_text()
            time.sleep(0.02)
        run.send_signal(signal.SIGKILL)
    assert run.returncode == -signal.SIGKILL, "the training ended before it was killed"


def test_a_training_that_was_killed_loses_one_epoch_at_most(
    command: list[str],
    tmp_path: Path,
    tracking_uri: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRIAGE_TRACKING_URI", tracking_uri)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    kill_in_the_second_epoch(command, tmp_path)
    client = MlflowClient(tracking_uri)
    (experiment,) = [found for found in client.search_experiments() if found.name == "triage"]
    (killed,) = client.search_runs([experiment.experiment_id])
    assert [point.step for point in client.get_metric_history(killed.info.run_id, "train_loss")] == [1]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stderr
    assert f"Going on with the interrupted run {killed.info.run_id}" in done.stderr
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.run_id == killed.info.run_id
    assert run.info.status == "FINISHED"
    history = client.get_metric_history(run.info.run_id, "train_loss")
    assert [point.step for point in history] == list(range(1, EPOCHS + 1)), "no epoch is lost or told twice"
    assert (tmp_path / "work" / "teacher" / DESCRIPTION).exists()
    assert list((tmp_path / "work" / "unfinished").iterdir()) == [], "what was kept is removed in the end"
