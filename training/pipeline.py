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
from models.bundle import MANIFEST, Origin, load_bundle
from models.networks.text import TextNetwork
from training.config import TextConfig
from training.text.bundle import TextBundleWriter, Trained
from training.text.fit import TextTrainer
from training.text.network import build_network
from training.tracking import RunTracker, track_run
from triage.corpus import LabelledAlert, Split, in_split, read_corpus
from triage.errors import InvalidConfiguration, InvalidCorpus
from triage.settings import PROJECT_ROOT
from triage.taxonomy import load_taxonomy

_CONSOLE = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What to train from, and where the bundle goes."""

    corpus: Path
    taxonomy: Path
    output: Path
    tracking_uri: str
    command: str


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """Where the bundle lies, its figures on the test split, and its MLflow run."""

    bundle: Path
    run_id: str
    evaluation: Evaluation


def train_text(config: TextConfig, request: TrainingRequest, base: Path | None = None) -> TrainingResult:
    """Train the text part and write a whole bundle.

    Args:
        config: the choices of the run.
        request: corpus, taxonomy and places.
        base: a bundle whose other parts are carried over; none by default.

    Raises:
        InvalidCorpus: a split is empty.
        InvalidConfiguration: the output folder exists and is no bundle.
    """
    rows = read_corpus(request.corpus, load_taxonomy(request.taxonomy))
    for split in Split:
        if not in_split(rows, split):
            raise InvalidCorpus(f"The corpus {request.corpus} has no row in the split '{split.value}'.")
    _refuse_foreign_folder(request.output)
    if base:
        load_bundle(base)  # a broken one is refused before the long part, not after it
    with track_run(request.tracking_uri, config.name) as tracker, tempfile.TemporaryDirectory() as scratch:
        tracker.log_parameters(config.model_dump())
        tracker.log_corpus(rows, request.corpus)
        trained = _fit(config, request, rows, tracker)
        _log_network(trained.built.network, Path(scratch) / "network", tracker)
        folder = Path(scratch) / "bundle"
        folder.mkdir()
        with _CONSOLE.status("exporting, calibrating and proving the bundle"):
            evaluation = TextBundleWriter(folder, trained, tracker).write(base)
        tracker.log_metrics(evaluation.metrics())
        tracker.log_folder(folder, "bundle")
        shutil.rmtree(request.output, ignore_errors=True)
        shutil.copytree(folder, request.output)
    return TrainingResult(request.output, tracker.run_id, evaluation)


def _fit(config: TextConfig, request: TrainingRequest, rows: tuple[LabelledAlert, ...], tracker: RunTracker) -> Trained:
    taxonomy = load_taxonomy(request.taxonomy)
    train = in_split(rows, Split.TRAIN)
    with _CONSOLE.status("loading the encoder and cutting its vocabulary"):
        built = build_network(config, taxonomy, [row.masked_text for row in train])
    trainer = TextTrainer(built.network, built.text_tokenizer(), taxonomy, config)
    fitted = trainer.fit(train, in_split(rows, Split.VALIDATION), tracker.log_metrics)
    tracker.log_metrics({"best_epoch": fitted.epoch, "best_validation_score": fitted.score})
    tracker.log_parameters({"source.kind": built.source.kind, "source.sha256": built.source.sha256})
    origin = Origin(
        command=request.command,
        commit=_commit(),
        run_id=tracker.run_id,
        created_at=datetime.now(UTC).replace(microsecond=0),
    )
    return Trained(config, built, trainer, rows, request.taxonomy, origin)


def _log_network(network: TextNetwork, folder: Path, tracker: RunTracker) -> None:
    """Log the float32 weights, from which a bundle can be exported again without training."""
    folder.mkdir()
    save_model(network, str(folder / "network.safetensors"))
    tracker.log_folder(folder, folder.name)


def _refuse_foreign_folder(output: Path) -> None:
    if output.is_file() or (output.exists() and any(output.iterdir()) and not (output / MANIFEST).exists()):
        raise InvalidConfiguration(f"{output} exists and is no bundle; name another --output folder or remove it.")


def _commit() -> str:
    result = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607 - git is where the user has it
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stdout.strip() or "unknown"
