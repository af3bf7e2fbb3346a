"""The whole path of `triage train`: corpus, fit, calibration, export, proof, bundle, MLflow."""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from safetensors.torch import save_model

from evaluation.evaluate import Evaluation
from evaluation.report.write import write_report
from models.bundle import MANIFEST, Origin, load_bundle
from models.networks.text import TextNetwork
from training.config import TextConfig
from training.data import TrainingData, read_training_data
from training.text.bundle import TextBundleWriter, Trained
from training.text.network import BuiltNetwork
from training.text.seeds import fit_seeds, starting_point
from training.text.teacher import DESCRIPTION, write_teacher
from training.tracking import RunTracker, track_run
from triage.errors import InvalidConfiguration
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy, load_taxonomy

_CONSOLE = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What to train from, and where the bundle goes."""

    corpus: Path
    taxonomy: Path
    rules: Path
    output: Path
    tracking_uri: str
    command: str


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """Where the bundle lies, its figures on the test split, and its MLflow run."""

    bundle: Path
    run_id: str
    evaluation: Evaluation


def train_text(
    config: TextConfig, request: TrainingRequest, base: Path | None = None, seeds: int = 1
) -> TrainingResult:
    """Train the text part and write a whole bundle.

    Args:
        config: the choices of the run.
        request: corpus, taxonomy and places.
        base: a bundle whose other parts are carried over; none by default.
        seeds: how many orders of the data to train with; the best on validation ships, or their average.

    Raises:
        InvalidCorpus: a split is empty.
        InvalidConfiguration: the output folder exists and is no bundle.
        InvalidBundle: the teacher is missing or was changed.
    """
    taxonomy = load_taxonomy(request.taxonomy)
    data = read_training_data(config, request.corpus, taxonomy)
    _refuse_foreign_folder(request.output, MANIFEST)
    if base:
        load_bundle(base)  # a broken one is refused before the long part, not after it
    with track_run(request.tracking_uri, config.name) as tracker, tempfile.TemporaryDirectory() as scratch:
        built = _fitted(config, request, data, taxonomy, seeds, tracker)
        _log_network(built.network, Path(scratch) / "network", tracker)
        folder = Path(scratch) / "bundle"
        folder.mkdir()
        trained = Trained(config, built, data, request.taxonomy, request.rules, _origin(request, tracker))
        with _CONSOLE.status("exporting, calibrating and proving the bundle"):
            evaluation = TextBundleWriter(folder, trained, tracker).write(base)
        tracker.log_metrics(evaluation.metrics())
        write_report(evaluation, Path(scratch) / "report", texts=False)  # texts stay out of MLflow
        tracker.log_folder(Path(scratch) / "report", "report")
        tracker.log_folder(folder, "bundle")
        shutil.rmtree(request.output, ignore_errors=True)
        shutil.copytree(folder, request.output)
    return TrainingResult(request.output, tracker.run_id, evaluation)


def train_teacher(config: TextConfig, request: TrainingRequest, seeds: int = 1) -> Path:
    """Train a network that others learn from, and write it to `request.output`.

    Raises:
        InvalidCorpus: a split is empty.
        InvalidConfiguration: the output folder exists and is no teacher.
    """
    taxonomy = load_taxonomy(request.taxonomy)
    data = read_training_data(config, request.corpus, taxonomy)
    _refuse_foreign_folder(request.output, DESCRIPTION)
    with track_run(request.tracking_uri, config.name) as tracker:
        built = _fitted(config, request, data, taxonomy, seeds, tracker)
        fitted = [example.text for example in data.examples(taxonomy)]
        write_teacher(request.output, built, taxonomy, fitted, tracker.run_id)
    return request.output


def _fitted(
    config: TextConfig,
    request: TrainingRequest,
    data: TrainingData,
    taxonomy: Taxonomy,
    seeds: int,
    tracker: RunTracker,
) -> BuiltNetwork:
    """Log what a run is made from, and fit the network that ships."""
    tracker.log_parameters(config.model_dump(mode="json") | {"seeds": seeds})
    tracker.log_data(data, request.corpus)
    with _CONSOLE.status("loading the encoder and what the teacher answers"):
        start = starting_point(config, data, taxonomy, tracker)
    tracker.log_parameters({"source.kind": start.built.source.kind, "source.sha256": start.built.source.sha256})
    return fit_seeds(start, config, data, taxonomy, seeds, tracker)


def _origin(request: TrainingRequest, tracker: RunTracker) -> Origin:
    return Origin(
        command=request.command,
        commit=_commit(),
        run_id=tracker.run_id,
        created_at=datetime.now(UTC).replace(microsecond=0),
    )


def _log_network(network: TextNetwork, folder: Path, tracker: RunTracker) -> None:
    """Log the float32 weights, from which a bundle can be exported again without training."""
    folder.mkdir()
    save_model(network, str(folder / "network.safetensors"))
    tracker.log_folder(folder, folder.name)


def _refuse_foreign_folder(output: Path, mark: str) -> None:
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
