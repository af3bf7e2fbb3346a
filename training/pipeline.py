"""The whole path of `triage train text` and `triage train teacher`: corpus, fit, export, proof, bundle, MLflow."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from evaluation.evaluate import Evaluation
from evaluation.report.write import write_report
from models.bundle import MANIFEST, Bundle, digest, load_bundle
from models.duplicates.scorer import PART as DUPLICATES
from training.config import TextConfig
from training.data import TrainingData, read_training_data
from training.duplicates.config import load_duplicate_config
from training.duplicates.pipeline import complete_with_duplicates
from training.run import TrainingRequest, log_network, origin_of, publish, refuse_foreign_folder
from training.text.bundle import TextBundleWriter, Trained
from training.text.network import BuiltNetwork
from training.text.seeds import fit_seeds, starting_point
from training.text.teacher import DESCRIPTION, NETWORK, write_teacher
from training.tracking import RunTracker, track_run
from training.unfinished import Unfinished, unfinished
from triage.taxonomy import Taxonomy, load_taxonomy, taxonomy_digest

_CONSOLE = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """Where the bundle lies, its MLflow run, its figures on the test split, and those of its duplicate part."""

    bundle: Path
    run_id: str
    evaluation: Evaluation
    duplicates: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Given:
    """What a run is made from, read and checked before the long part."""

    part: str
    config: TextConfig
    request: TrainingRequest
    taxonomy: Taxonomy
    data: TrainingData
    base: Bundle | None = None

    def choices(self) -> dict[str, Any]:
        """Everything that the fit depends on; a training goes on only from one of the same choices."""
        config = self.config
        files = (config.teacher / NETWORK if config.teacher else None, config.start)
        return {
            "part": self.part,
            "config": config.model_dump(mode="json"),
            "data": self.data.digest(),
            "taxonomy": taxonomy_digest(self.request.taxonomy),
            "base": self.base.sha256 if self.base else None,
            "weights": [digest(path) if path and path.exists() else None for path in files],
        }


def train_text(config: TextConfig, request: TrainingRequest, base: Path | None = None) -> TrainingResult:
    """Train the text part, and anew what reads its states, and write a whole bundle.

    A training of the same choices that was interrupted goes on after its last whole epoch, in the same MLflow run.

    Args:
        config: the choices of the run.
        request: corpus, taxonomy and places.
        base: a bundle whose other parts are carried over; none by default.

    Raises:
        InvalidCorpus: a split is empty.
        InvalidConfiguration: the output folder exists and is no bundle, or the same training is running.
        InvalidBundle: the base is broken, or the teacher is missing or was changed.
        InvalidCheckpoint: an interrupted training left something that cannot be gone on from.
        TrackingFailed: MLflow does not answer.
    """
    taxonomy = load_taxonomy(request.taxonomy)
    data = read_training_data(config, request.corpus, taxonomy)
    refuse_foreign_folder(request.output, MANIFEST)
    bundle = load_bundle(base) if base else None  # a broken one is refused before the long part, not after it
    reads_text = bundle is not None and DUPLICATES in bundle.manifest.parts
    duplicates = load_duplicate_config(config.duplicates) if reads_text else None
    given = _Given("text", config, request, taxonomy, data, bundle)
    with _resumable_run(given) as (tracker, kept), tempfile.TemporaryDirectory() as scratch:
        built = _fitted(given, tracker, kept)
        log_network(built.network, Path(scratch) / "network", tracker)
        folder = Path(scratch) / "bundle"
        folder.mkdir()
        evaluation = _write_bundle(given, built, folder, tracker)
        figures: dict[str, float] = {}
        if duplicates:
            tracker.log_parameters({"duplicates": duplicates.model_dump(mode="json")})
            whole = Path(scratch) / "whole"
            whole.mkdir()
            figures = complete_with_duplicates(duplicates, request, load_bundle(folder), whole, tracker)
            folder = whole
        publish(folder, request, tracker)
    return TrainingResult(request.output, tracker.run_id, evaluation, figures)


def train_teacher(config: TextConfig, request: TrainingRequest) -> Path:
    """Train a network that others learn from, and write it to `request.output`; goes on where it was interrupted.

    Raises:
        InvalidCorpus: a split is empty.
        InvalidConfiguration: the output folder exists and is no teacher, or the same training is running.
        InvalidCheckpoint: an interrupted training left something that cannot be gone on from.
        TrackingFailed: MLflow does not answer.
    """
    taxonomy = load_taxonomy(request.taxonomy)
    data = read_training_data(config, request.corpus, taxonomy)
    refuse_foreign_folder(request.output, DESCRIPTION)
    given = _Given("teacher", config, request, taxonomy, data)
    with _resumable_run(given) as (tracker, kept):
        built = _fitted(given, tracker, kept)
        fitted = [example.text for example in data.examples(taxonomy)]
        write_teacher(request.output, built, taxonomy, fitted, tracker.run_id)
    return request.output


@contextmanager
def _resumable_run(given: _Given) -> Iterator[tuple[RunTracker, Unfinished]]:
    """The MLflow run of a training and what it keeps: those of an interrupted one of the same choices, or new ones."""
    request = given.request
    with (
        unfinished(request.unfinished, given.choices(), fresh=request.fresh) as kept,
        track_run(request.tracking_uri, given.config.name, interrupted=kept.run_id) as tracker,
    ):
        kept.remember(tracker.run_id)
        tracker.log_tags({"command": request.command, "part": given.part})
        if tracker.resumed:
            _CONSOLE.print(
                f"Going on with the interrupted run {tracker.run_id}; --fresh would start anew.", highlight=False
            )
        yield tracker, kept


def _fitted(given: _Given, tracker: RunTracker, kept: Unfinished) -> BuiltNetwork:
    """Log what a run is made from, and fit the network that ships."""
    config, data, taxonomy = given.config, given.data, given.taxonomy
    tracker.log_parameters(config.model_dump(mode="json"))
    tracker.log_parameters(
        {
            "data.sha256": data.digest(),
            "taxonomy.sha256": taxonomy_digest(given.request.taxonomy),
            "base.sha256": given.base.sha256 if given.base else None,
        }
    )
    tracker.log_data(data, given.request.corpus)
    with _CONSOLE.status("loading the encoder and what the teacher answers"):
        start = starting_point(config, data, taxonomy, tracker)
    tracker.log_parameters({"source.kind": start.built.source.kind, "source.sha256": start.built.source.sha256})
    return fit_seeds(start, config, data, taxonomy, tracker, kept)


def _write_bundle(given: _Given, built: BuiltNetwork, folder: Path, tracker: RunTracker) -> Evaluation:
    """Write the bundle of a fitted network, measure it, and log the report."""
    request = given.request
    origin = origin_of(request, tracker)
    trained = Trained(given.config, built, given.data, request.taxonomy, request.rules, request.photo_texts, origin)
    with _CONSOLE.status("exporting, calibrating and proving the bundle"):
        evaluation = TextBundleWriter(folder, trained, tracker).write(given.base.folder if given.base else None)
    tracker.log_metrics(evaluation.metrics())
    with tempfile.TemporaryDirectory() as scratch:
        write_report(evaluation, Path(scratch) / "report", texts=False)  # texts stay out of MLflow
        tracker.log_folder(Path(scratch) / "report", "report")
    return evaluation
