"""`triage tune`."""

import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from training.tuning.pipeline import Progress, TuningResult


def tune(
    config: Annotated[
        Path | None, typer.Option(help="YAML of what is searched; training/configs/tune.yaml by default.")
    ] = None,
    trials: Annotated[
        int | None, typer.Option(min=1, help="Trials that the study shall have in the end, those of before included.")
    ] = None,
    rows: Annotated[int | None, typer.Option(min=10, help="Train rows of a trial.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Trials side by side; needs the extra `cluster`.")] = 1,
    smoke: Annotated[bool, typer.Option("--smoke", help="A few tiny trials; proves the path, finds nothing.")] = False,
    corpus: Annotated[Path, typer.Option(help="Corpus file or folder.")] = Path("datasets/corpus"),
    taxonomy: Annotated[Path, typer.Option(help="Taxonomy file.")] = Path("datasets/taxonomy.yaml"),
    output: Annotated[
        Path | None, typer.Option(help="Folder of study, plots and best choices; work/tuning by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Search for the choices of a text run that score best on validation, and say which of them mattered.

    Each trial is a short training in an MLflow run below that of the study; hopeless ones end early. The study is
    stored: the same command goes on where it was stopped, and a higher --trials adds to it. The best choices are
    written as a file for: triage train text --config FILE

    Example: triage tune --trials 24 --rows 2000
    Example: triage tune --smoke --jobs 2
    """
    import json

    from training.run import TrainingRequest
    from training.tuning.pipeline import tune as search
    from training.tuning.space import SMOKE_CONFIG, TUNING_CONFIG, load_tuning_config
    from training.tuning.workers import ray_is_there
    from triage.errors import InvalidConfiguration
    from triage.settings import PROJECT_ROOT, load_settings

    if smoke and config:
        raise InvalidConfiguration("--smoke brings its own choices; leave out either --smoke or --config.")
    chosen = {"trials": trials, "rows": rows}
    tuning = load_tuning_config(config or (SMOKE_CONFIG if smoke else TUNING_CONFIG)).model_copy(
        update={name: value for name, value in chosen.items() if value is not None}
    )
    if jobs > 1 and not ray_is_there():
        typer.echo(
            "Ray is not installed, so trials run one after another; it comes with the extra `cluster`:"
            " .venv/bin/pip install -c constraints.txt -e '.[train,cluster]'",
            err=True,
        )
    folder = output or Path("work/smoke/tuning" if smoke else "work/tuning")
    rules = PROJECT_ROOT / "datasets" / "department_rules.yaml"
    settings = load_settings()
    command = shlex.join(["triage", *sys.argv[1:]])
    request = TrainingRequest(corpus, taxonomy, rules, folder, settings.tracking_uri, command)
    result = search(tuning, request, jobs, _spoken())
    if as_json:
        typer.echo(json.dumps(asdict(result) | {"config": str(result.config)}, indent=2))
    else:
        _print(result)


def _spoken() -> "Progress":
    """Tells of each trial in a line: fits show bars of their own."""
    from training.tuning.pipeline import Progress

    def begin(missing: int) -> None:
        typer.echo(f"{missing} more trials to run." if missing else "All trials were run before.", err=True)

    def advance(number: int, state: str, score: float | None) -> None:
        typer.echo(f"Trial {number}: {state}" + (f", {score:.3f} on validation" if score is not None else ""), err=True)

    return Progress(begin, advance)


def _print(result: "TuningResult") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"Best of {result.finished} finished trials: {result.score:.3f} on validation")
    table.add_column("choice")
    table.add_column("best", justify="right")
    table.add_column("mattered", justify="right")
    for name, value in sorted(result.best.items(), key=lambda item: -result.importance.get(item[0], 0.0)):
        share = result.importance.get(name)
        shown = f"{value:.3g}" if isinstance(value, float) else str(value)
        table.add_row(name, shown, f"{share:.0%}" if share is not None else "–")
    Console().print(table)
    if not result.importance:
        typer.echo("Too few trials finished to say what mattered; ask for more with --trials.")
    typer.echo(
        f"{result.pruned} trials were pruned. Train with the best: triage train text --config {result.config}\n"
        f"Plots are in {result.config.parent}; MLflow run {result.run_id}"
    )
