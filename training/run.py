"""What every training run is told, and what it leaves behind beside the bundle."""

import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from safetensors.torch import save_model
from torch import nn

from models.bundle import CARD, MANIFEST, Origin
from training.registry.logged_model import log_flat_model
from training.tracking import RunTracker
from triage.errors import InvalidConfiguration
from triage.settings import PROJECT_ROOT


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What to train from, and where the bundle goes.

    `unfinished` keeps what an interrupted training goes on from, unless `fresh` forgets it.
    """

    corpus: Path
    taxonomy: Path
    rules: Path
    output: Path
    tracking_uri: str
    command: str
    photo_texts: Path = PROJECT_ROOT / "datasets" / "photo_texts"
    duplicates: Path = PROJECT_ROOT / "datasets" / "duplicates"
    duplicate_rules: Path = PROJECT_ROOT / "datasets" / "duplicate_rules.yaml"
    unfinished: Path = Path("work/unfinished")
    fresh: bool = False


def origin_of(request: TrainingRequest, tracker: RunTracker) -> Origin:
    """How the bundle of a run is made: command, commit, run and time."""
    return Origin(
        command=request.command,
        commit=_commit(),
        run_id=tracker.run_id,
        created_at=datetime.now(UTC).replace(microsecond=0),
    )


def log_network(network: nn.Module, folder: Path, tracker: RunTracker) -> None:
    """Log the float32 weights, from which a bundle can be exported again without training."""
    folder.mkdir()
    save_model(network, str(folder / "network.safetensors"))
    tracker.log_folder(folder, folder.name)


def publish(folder: Path, request: TrainingRequest, tracker: RunTracker) -> None:
    """Put a finished bundle in its place, and log it with its card and as a model that MLflow can run."""
    arriving = request.output.with_name(f"{request.output.name}.new")
    shutil.rmtree(arriving, ignore_errors=True)
    shutil.copytree(folder, arriving)
    shutil.rmtree(request.output, ignore_errors=True)
    arriving.rename(request.output)
    tracker.log_folder(folder, "bundle")
    if (folder / CARD).exists():
        tracker.log_card((folder / CARD).read_text(encoding="utf-8"))
    log_flat_model(folder)


def refuse_foreign_folder(output: Path, mark: str = MANIFEST) -> None:
    """Refuse to replace a folder that lacks the file by which our own are known."""
    if output.is_file() or (output.exists() and any(output.iterdir()) and not (output / mark).exists()):
        raise InvalidConfiguration(f"{output} exists and holds no {mark}; name another --output folder or remove it.")


def _commit() -> str:
    result = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607 - git is where the user has it
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stdout.strip() or "unknown"


@dataclass(frozen=True, slots=True)
class PartResult:
    """Where the bundle lies, the figures of its new parts, and the MLflow run."""

    bundle: Path
    run_id: str
    metrics: dict[str, float]
