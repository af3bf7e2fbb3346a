"""`triage bench duplicates`."""

from pathlib import Path
from typing import Annotated

import typer

from triage.errors import InvalidConfiguration


def duplicates(
    scenes: Annotated[
        Path,
        typer.Option(help="Folder of scenes (JSON Lines as in datasets/duplicates).", exists=True, file_okay=False),
    ],
    bundle: Annotated[Path | None, typer.Option(help="Bundle to use; models/pretrained by default.")] = None,
) -> None:
    """Precision, recall and F1 of pairs, beside the rules of two city systems on the same reports.

    Scenes that the bundle was trained on flatter it: its card has the figures of authors left out.

    Example: triage bench duplicates --scenes datasets/duplicates
    """
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table

    from cli.bundle_choice import settings_in_use
    from evaluation.benchmarks.duplicates import bench_duplicates
    from evaluation.duplicate_corpus import read_scenes
    from models.predictor import Predictor

    settings = settings_in_use(bundle)
    predictor = Predictor.load(settings.bundle, threads=settings.threads, duplicate_rules=settings.duplicate_rules)
    if predictor.finder is None:
        raise InvalidConfiguration(f"The bundle {settings.bundle} has no duplicate part; run: triage train duplicates")
    reports = read_scenes(scenes)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading and comparing", total=len(reports))
        found = bench_duplicates(predictor, predictor.finder, reports, lambda done: progress.advance(task, done))
    table = Table("", "precision", "recall", "F1 of pairs")
    name = f"this bundle at {predictor.finder.threshold:.2f}"
    for label, figures in {name: found.found, **found.rules}.items():
        table.add_row(label, f"{figures.precision:.3f}", f"{figures.recall:.3f}", f"{figures.f1:.3f}")
    Console().print(table)
    typer.echo(f"Expected calibration error over {found.compared} compared pairs: {found.calibration_error:.3f}")
