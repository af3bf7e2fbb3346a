"""The whole path of `triage train`: corpus, fit, calibration, export, proof, bundle, MLflow."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from evaluation.evaluate import Evaluation
from evaluation.report.write import write_report
from models.bundle import MANIFEST, load_bundle
from training.config import TextConfig
from training.data import TrainingData, read_training_data
from training.run import TrainingRequest, log_network, origin_of, refuse_foreign_folder
from training.text.bundle import TextBundleWriter, Trained
from training.text.network import BuiltNetwork
from training.text.seeds import fit_seeds, starting_point
from training.text.teacher import DESCRIPTION, write_teacher
from training.tracking import RunTracker, track_run
from triage.taxonomy import Taxonomy, load_taxonomy

_CONSOLE = Console(stderr=True)


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
    refuse_foreign_folder(request.output, MANIFEST)
    if base:
        load_bundle(base)  # a broken one is refused before the long part, not after it
    with track_run(request.tracking_uri, config.name) as tracker, tempfile.TemporaryDirectory() as scratch:
        built = _fitted(config, request, data, taxonomy, seeds, tracker)
        log_network(built.network, Path(scratch) / "network", tracker)
        folder = Path(scratch) / "bundle"
        folder.mkdir()
        trained = Trained(
            config, built, data, request.taxonomy, request.rules, request.photo_texts, origin_of(request, tracker)
        )
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
    refuse_foreign_folder(request.output, DESCRIPTION)
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
