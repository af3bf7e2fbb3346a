"""The whole path of `triage add-category`: examples, fit, folds, bundle, what it cost, MLflow."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from models.bundle import MANIFEST, Bundle, load_bundle
from models.duplicates.scorer import PART as DUPLICATES
from models.networks.text import TextNetwork
from models.predictor import Predictor
from models.text import TextDescription, TextModel
from training.config import TextConfig
from training.data import TrainingData, read_training_data
from training.duplicates.config import load_duplicate_config
from training.duplicates.pipeline import complete_with_duplicates
from training.new_category.comparison import JudgedExample, compare
from training.new_category.config import GrowthConfig
from training.new_category.cost import Cost
from training.new_category.fit import Material, answers, fit_grown
from training.new_category.rehearsal import Rows, choose_rows, folds, new_codes, require_examples
from training.new_category.restore import restore_network
from training.new_category.states import read_texts
from training.run import TrainingRequest, log_network, origin_of, publish, refuse_foreign_folder
from training.text.bundle import TextBundleWriter, Trained
from training.text.network import BuiltNetwork
from training.tracking import RunTracker, track_run
from triage.corpus import Split, read_corpus
from triage.errors import InvalidBundle
from triage.taxonomy import HEADS, Taxonomy, load_taxonomy

REPORT = "cost.md"
DROPOUT = 0.1

_CONSOLE = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Grown:
    """Where the bundle lies, its MLflow run, what the new category cost, and the report as Markdown."""

    bundle: Path
    run_id: str
    cost: Cost
    report: str


@dataclass(frozen=True, slots=True)
class _Growth:
    """One run: what is grown, into what, from which rows."""

    base: Bundle
    description: TextDescription
    built: BuiltNetwork
    taxonomy: Taxonomy
    rows: Rows
    material: Material
    config: GrowthConfig


@dataclass(frozen=True, slots=True)
class _Made:
    """A fitted network, and what it was made from."""

    built: BuiltNetwork
    data: TrainingData
    base: Bundle


def add_category(
    request: TrainingRequest, base: Path, examples: Path | None, text: TextConfig, config: GrowthConfig
) -> Grown:
    """Grow a bundle by the categories that a taxonomy has and the bundle lacks.

    Args:
        request: corpus, grown taxonomy, rules and places.
        base: the bundle that is grown.
        examples: rows of the new categories; those of the corpus count too.
        text: what the new bundle promises (error rate, recall of what is urgent), and how its duplicate part is fitted.
        config: how the upper layers are fitted.

    Raises:
        InvalidCorpus: a new category has too few examples, or rows are faulty.
        InvalidTaxonomy: a code that the bundle answers was removed, or none was added.
        InvalidBundle: the base is broken, or another program wrote its graph.
        InvalidConfiguration: the output folder exists and is no bundle.
    """
    bundle = load_bundle(base)
    refuse_foreign_folder(request.output, MANIFEST)
    taxonomy = load_taxonomy(request.taxonomy)
    before = Predictor.load(base)
    taxonomy.require_compatible(before.taxonomy)
    data = _data(text, request, examples, taxonomy)
    require_examples(data.split(Split.TRAIN), before.taxonomy, taxonomy)
    with track_run(request.tracking_uri, f"{text.name}-category") as tracker, tempfile.TemporaryDirectory() as scratch:
        growth = _read(bundle, taxonomy, data, config)
        tracker.log_parameters(config.model_dump(mode="json") | {"base.sha256": bundle.sha256})
        tracker.log_parameters({"new_categories": ", ".join(new_codes(before.taxonomy, taxonomy))})
        tracker.log_data(data, request.corpus)
        left_out, network = _fit(growth, tracker)
        log_network(network, Path(scratch) / "network", tracker)
        made = _Made(replace(growth.built, network=network), data, bundle)
        folder = _write(text, request, made, tracker, Path(scratch))
        with _CONSOLE.status("comparing the two bundles"):
            cost, report = compare(before, Predictor.load(folder), data, left_out)
        tracker.log_metrics(cost.metrics())
        page = Path(scratch) / REPORT
        page.write_text(report, encoding="utf-8")
        tracker.log_file(page)
        publish(folder, request, tracker)
    return Grown(request.output, tracker.run_id, cost, report)


def _data(text: TextConfig, request: TrainingRequest, examples: Path | None, taxonomy: Taxonomy) -> TrainingData:
    """The corpus with the examples; other sources are not needed, since the base has learned from them."""
    alone = text.model_copy(update={"corpora": (), "reports": None, "unlabelled_reports": 0, "scenes": None})
    data = read_training_data(alone, request.corpus, taxonomy)
    added = read_corpus(examples, taxonomy) if examples else ()
    known = {row.id for row in data.corpus}
    return TrainingData((*data.corpus, *(row for row in added if row.id not in known)), {}, ())


def _read(bundle: Bundle, taxonomy: Taxonomy, data: TrainingData, config: GrowthConfig) -> _Growth:
    description = TextModel.from_bundle(bundle, 1).description
    layers = description.encoder.layers
    if layers < 2:
        raise InvalidBundle(f"The text model of {bundle.folder} has one layer; two are needed to keep one as it is.")
    config = config.model_copy(update={"fitted_layers": min(config.fitted_layers, layers - 1)})
    rows = choose_rows(data.split(Split.TRAIN), description, config)
    built = restore_network(bundle, description, DROPOUT)
    with _CONSOLE.status(f"reading {len(rows.all)} rows"):
        read = read_texts(bundle, [row.masked_text for row in rows.all], layers - config.fitted_layers)
    material = Material.of(rows.all, read, description, taxonomy)
    return _Growth(bundle, description, built, taxonomy, rows, material, config)


def _fit(growth: _Growth, tracker: RunTracker) -> tuple[list[JudgedExample], TextNetwork]:
    """What is answered to each example by a fit that was left without it, and the network fitted to all."""
    config, rows = growth.config, growth.rows
    groups = folds(rows, config)
    found: list[JudgedExample] = []
    with Progress(console=_CONSOLE, transient=True) as progress:
        task = progress.add_task("fitting", total=(len(groups) + 1) * config.epochs)

        def fit(places: Sequence[int], sink: Callable[[float, int], None]) -> TextNetwork:
            def ended(loss: float, epoch: int) -> None:
                progress.advance(task)
                sink(loss, epoch)

            material = growth.material.of_rows(places)
            return fit_grown(growth.built.network, material, growth.description, growth.taxonomy, config, ended)

        for group in groups:
            fitted = fit([place for place in range(len(rows.all)) if place not in set(group)], lambda _l, _e: None)
            said = answers(fitted, growth.material.read.of(group), config)
            for line, place in enumerate(group):
                best = {head: growth.taxonomy.codes(head)[int(said[head][line].argmax())] for head in HEADS}
                found.append(JudgedExample(rows.all[place], best["category"], best["department"]))
        return found, fit(range(len(rows.all)), lambda loss, epoch: tracker.log_metrics({"train_loss": loss}, epoch))


def _write(text: TextConfig, request: TrainingRequest, made: _Made, tracker: RunTracker, scratch: Path) -> Path:
    """A whole, proven bundle; what reads the text model's embeddings is fitted anew."""
    folder = scratch / "bundle"
    folder.mkdir()
    origin = origin_of(request, tracker)
    trained = Trained(text, made.built, made.data, request.taxonomy, request.rules, request.photo_texts, origin)
    with _CONSOLE.status("exporting, calibrating and proving the bundle"):
        evaluation = TextBundleWriter(folder, trained, tracker).write(made.base.folder)
    tracker.log_metrics(evaluation.metrics())
    if DUPLICATES not in made.base.manifest.parts:
        return folder
    whole = scratch / "whole"
    whole.mkdir()
    complete_with_duplicates(load_duplicate_config(text.duplicates), request, load_bundle(folder), whole, tracker)
    return whole
