"""`triage evaluate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from triage.corpus import LabelledAlert
    from triage.settings import Settings
    from triage.taxonomy import Taxonomy


def evaluate(
    data: Annotated[
        Path | None, typer.Option(help="Labelled alerts (JSONL) to measure on; the corpus' test split by default.")
    ] = None,
    bundle: Annotated[Path | None, typer.Option(help="Bundle to measure; the one that is served by default.")] = None,
    corpus: Annotated[Path, typer.Option(help="Corpus that the baselines are trained on.")] = Path("datasets/corpus"),
    reports: Annotated[
        Path | None, typer.Option(help="Folder of real reports; measures on their labelled test rows instead.")
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(help="Folder of labelled pictures (index.csv: file, class, source); measures the photo model."),
    ] = None,
    second_labels: Annotated[
        Path | None, typer.Option(help="A second labelling (JSONL); datasets/second_labels.jsonl by default.")
    ] = None,
    report: Annotated[Path, typer.Option(help="Folder for report.html and report.json.")] = Path("work/report"),
    alerts_per_day: Annotated[float, typer.Option(min=0, help="Alerts a day, for the expected review load.")] = 850,
    texts: Annotated[bool, typer.Option(help="Show the masked texts of the worst errors in the report.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure a bundle beside three baselines trained on the corpus, and write a report.

    A line of --data needs id, text, category, department and priority; lang and split may be left out.
    A second, blind labelling gives the human agreement. With --images, the photo model is measured
    instead: F1 of each label, accuracy by coverage, and how well irrelevant pictures are told apart.

    Example: triage evaluate --data heldout.jsonl --report work/heldout
    Example: triage evaluate --images pictures/
    """
    import json

    from rich.console import Console

    from cli.bundle_choice import settings_in_use
    from cli.tables import print_evaluation, print_targets
    from evaluation.agreement import SECOND_LABELS, read_agreement
    from evaluation.evaluate import evaluate as measure
    from evaluation.report.write import write_report
    from evaluation.targets import targets
    from models.predictor import Predictor
    from triage.corpus import Split, in_split, read_corpus
    from triage.errors import InvalidConfiguration

    if data and reports:
        raise InvalidConfiguration("--data and --reports name two things to measure; give one of them.")
    if second_labels and not second_labels.exists():
        raise InvalidConfiguration(f"The second labels {second_labels} do not exist; check --second-labels.")
    settings = settings_in_use(bundle)
    if images:
        _evaluate_photos(images, settings, as_json=as_json)
        return
    predictor = Predictor.load(settings.bundle, taxonomy=settings.taxonomy, threads=settings.threads)
    rows = read_corpus(corpus, predictor.taxonomy)
    measured = _measured(rows, data, reports, predictor.taxonomy)
    described = "real reports" if reports else data.name if data else f"the test split of {corpus}"
    human = read_agreement(second_labels or SECOND_LABELS, rows)
    with Console(stderr=True).status(f"measuring {len(measured)} alerts and training the baselines"):
        evaluation = measure(predictor, measured, in_split(rows, Split.TRAIN), human)
        page = write_report(
            evaluation, report, data=described, alerts_per_day=alerts_per_day, texts=texts and not reports
        )
    if as_json:
        typer.echo(json.dumps(evaluation.metrics(), indent=2))
    else:
        print_evaluation(evaluation)
        print_targets(targets(evaluation))
    typer.echo(f"The report is in {page}.", err=True)


def _measured(
    rows: "tuple[LabelledAlert, ...]", data: Path | None, reports: Path | None, taxonomy: "Taxonomy"
) -> "tuple[LabelledAlert, ...]":
    """The test rows of the corpus, or what was named in their place."""
    from evaluation.real_reports import labelled_reports
    from triage.corpus import Split, in_split, read_corpus

    if reports:
        return in_split(labelled_reports(reports, taxonomy), Split.TEST)
    return read_corpus(data, taxonomy) if data else in_split(rows, Split.TEST)


def _evaluate_photos(images: Path, settings: "Settings", *, as_json: bool) -> None:
    import json

    from rich.progress import Progress

    from cli.tables import print_figures
    from evaluation.photo_figures import measure_photos
    from models.bundle import TAXONOMY, load_bundle
    from models.photo import PhotoModel
    from training.photo.pictures import read_pictures
    from triage.taxonomy import load_taxonomy

    bundle = load_bundle(settings.bundle)
    model = PhotoModel.from_bundle(bundle, settings.threads)
    labels = model.description.labels
    pictures = read_pictures(images, {label: label for label in labels}, labels)
    with Progress(transient=True) as progress:
        task = progress.add_task("reading pictures", total=len(pictures.paths))
        figures = measure_photos(
            model, pictures.paths, pictures.labels, load_taxonomy(bundle.path(TAXONOMY)), lambda: progress.advance(task)
        )
    named = figures.metrics("photo") | {f"f1 {label}": value for label, value in zip(labels, figures.f1, strict=True)}
    if as_json:
        typer.echo(json.dumps(named, indent=2))
    else:
        print_figures(named)
