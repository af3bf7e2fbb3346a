"""`triage bench review`."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.bench.options import AsJson, Bundle

if TYPE_CHECKING:
    from evaluation.benchmarks.review.measure import ReviewFigures

TARGET = 2.0
_SHORT = 500


def review(
    bundle: Bundle = None,
    alerts: Annotated[int, typer.Option(min=_SHORT, help="Alerts in the long queue; 500 in the short one.")] = 50_000,
    decisions: Annotated[int, typer.Option(min=20, max=450, help="Alerts that are decided in each.")] = 300,
    output: Annotated[
        Path | None, typer.Option(help="File for the figures as JSON, such as evaluation/results/review.json.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Pages and decisions of the review desk on a long queue against a short one, over HTTP, on SQLite; a minute.

    Example: triage bench review --output evaluation/results/review.json
    """
    import json
    from dataclasses import asdict
    from tempfile import TemporaryDirectory

    from cli.bench.machine import where_measured
    from evaluation.benchmarks.review.measure import bench_review, bench_steps
    from triage.settings import load_settings

    counts = (_SHORT, alerts)
    folder = (bundle or load_settings().bundle).resolve()
    with TemporaryDirectory(prefix="triage-bench-") as scratch, _bar(bench_steps(counts, decisions)) as advance:
        figures = bench_review(folder, Path(scratch), counts, decisions, advance)
    ratios = {"page_ratio": round(figures.page_ratio, 3), "decision_ratio": round(figures.decision_ratio, 3)}
    document = json.dumps(asdict(figures) | ratios | where_measured(), indent=2)
    if output is not None:
        output.write_text(document + "\n", encoding="utf-8")
    if as_json:
        typer.echo(document)
    else:
        _print(figures)


@contextlib.contextmanager
def _bar(steps: int) -> Iterator[Callable[[str, int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("filling queues", total=steps)
        yield lambda what, gained: progress.update(task, description=what, advance=gained)


def _print(figures: "ReviewFigures") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Milliseconds until the whole answer is there, p50 / p95")
    for column in ("alerts waiting", "queue and next alert", "decision", "a request that does nothing"):
        table.add_column(column, justify="right")
    for item in (figures.few, figures.many):
        times = (item.page, item.decision, item.empty)
        table.add_row(f"{item.waiting:,}", *(f"{each.p50_ms:.1f} / {each.p95_ms:.1f}" for each in times))
    Console(width=100).print(table)
    typer.echo(
        f"p95, long queue against short: page {figures.page_ratio:.2f} times, decision {figures.decision_ratio:.2f}"
        f" times (target at most {TARGET:.0f})"
    )
