"""The whole path of `triage train duplicates`."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from models.bundle import TAXONOMY, Bundle, load_bundle
from models.duplicates.scorer import PART
from models.predictor import Predictor
from models.text import MODEL as TEXT_MODEL
from training.assemble import carry_over, carry_rest, seal
from training.duplicates.card import write_duplicate_card
from training.duplicates.config import DuplicateConfig
from training.duplicates.examples import read_examples, word_weights
from training.duplicates.measure import DuplicateFigures, measure_part
from training.duplicates.part import PartFitter
from training.run import PartResult, TrainingRequest, origin_of, publish, refuse_foreign_folder
from training.tracking import RunTracker, track_run
from triage.duplicates.rules import load_duplicate_rules
from triage.errors import InvalidConfiguration
from triage.taxonomy import load_taxonomy


def train_duplicates(config: DuplicateConfig, request: TrainingRequest, base: Path) -> PartResult:
    """Fit the duplicate part to the text part of a bundle, and write a whole bundle.

    Raises:
        InvalidConfiguration: the output folder exists and is no bundle, or real reports are missing.
        InvalidBundle: the base is broken.
        InvalidCorpus: the scenes are missing or malformed.
    """
    bundle = load_bundle(base)
    refuse_foreign_folder(request.output)
    with track_run(request.tracking_uri, config.name) as tracker, tempfile.TemporaryDirectory() as scratch:
        tracker.log_parameters(config.model_dump(mode="json"))
        folder = Path(scratch) / "bundle"
        folder.mkdir()
        metrics = complete_with_duplicates(config, request, bundle, folder, tracker)
        publish(folder, request, tracker)
        return PartResult(request.output, tracker.run_id, metrics)


def complete_with_duplicates(
    config: DuplicateConfig, request: TrainingRequest, bundle: Bundle, folder: Path, tracker: RunTracker
) -> dict[str, float]:
    """Fill an empty folder with a bundle whose duplicate part is fitted anew, and prove it; returns its figures."""
    parts = (*carry_over(bundle.folder, folder, (PART,)), PART)
    carry_rest(bundle.folder, folder)
    shutil.copy(request.taxonomy, folder / TAXONOMY)
    with tempfile.TemporaryDirectory() as scratch:
        metrics = fit_part(config, request, bundle, folder, Path(scratch)).metrics()
    tracker.log_metrics(metrics)
    seal(folder, bundle.manifest, origin_of(request, tracker), parts, metrics)
    Predictor.load(folder).check_golden()
    return metrics


def fit_part(
    config: DuplicateConfig, request: TrainingRequest, bundle: Bundle, folder: Path, scratch: Path
) -> DuplicateFigures:
    """Fit the part to a bundle's text model, write it into `folder`, and measure it on what it never saw."""
    rules = load_duplicate_rules(request.duplicate_rules, load_taxonomy(request.taxonomy))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:

        def bar(name: str, total: int) -> Callable[[], None]:
            task = progress.add_task(name, total=total)
            return lambda: progress.advance(task)

        task = progress.add_task("reading texts", total=None)
        examples = read_examples(config, request, bundle, rules, lambda done: progress.advance(task, done))
        authors = len({scene.hand for scene in examples.scenes})
        if authors < config.folds:
            raise InvalidConfiguration(
                f"The scenes are by {authors} authors; with `folds: {config.folds}` as many are needed, or fewer folds."
            )
        fitter = PartFitter(config, examples, rules, bundle.path(TEXT_MODEL), bar)
        fitted = fitter.fit(folder, scratch, word_weights(config, examples.scenes))
        figures = measure_part(config, examples, rules, fitted, bar("replaying groups", config.folds))
    description = fitted.description.model_copy(update={"threshold": figures.chosen.threshold})
    fitter.write(folder, description, request.duplicate_rules)
    write_duplicate_card(folder, config, examples, figures)
    return figures
