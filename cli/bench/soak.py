"""`triage bench soak`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.bench.options import AsJson, Bundle, Corpus

if TYPE_CHECKING:
    from evaluation.benchmarks.soak import Lengths, PhaseFigures, SoakFigures


def soak(
    bundle: Bundle = None,
    corpus: Corpus = Path("datasets/corpus"),
    seconds: Annotated[
        float, typer.Option(min=5, max=86_400, help="How long it runs at four fifths of its capacity.")
    ] = 600,
    burst: Annotated[float, typer.Option(min=2, max=600, help="How long the burst lasts.")] = 20,
    output: Annotated[
        Path | None, typer.Option(help="Write the figures here too, as JSON with date and machine.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """A real server under load for long, then under five times what it can do; it must refuse well and recover.

    The exit status is 1 where a request failed otherwise than with a 503 or 429 that says when to come back, answers
    are still slow 10 seconds after the burst, or memory grows by 2 % after the warm-up.

    Example: triage bench soak --output evaluation/results/soak.json
    """
    import json
    from dataclasses import asdict

    from cli.bench.machine import where_measured
    from cli.bundle_choice import settings_in_use
    from evaluation.benchmarks.soak import Lengths
    from triage.errors import InvalidConfiguration

    if output is not None and not output.parent.is_dir():
        raise InvalidConfiguration(f"The folder {output.parent} of --output does not exist; make it first.")
    figures = _measure(bundle or settings_in_use().bundle, corpus, Lengths(steady=seconds, burst=burst))
    document = where_measured() | asdict(figures) | {"failures": figures.failures}
    if output is not None:
        output.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(document, indent=2))
    else:
        _print(figures)
    if figures.failures:
        raise typer.Exit(1)


def _measure(bundle: Path, corpus: Path, lengths: "Lengths") -> "SoakFigures":
    from rich.console import Console
    from rich.progress import Progress

    from evaluation.benchmarks.soak import bench_soak
    from evaluation.benchmarks.texts import bench_texts
    from models.bundle import TAXONOMY
    from triage.taxonomy import load_taxonomy

    texts = bench_texts(corpus, load_taxonomy(bundle / TAXONOMY))
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting the server", total=lengths.whole)

        def tick(what: str, passed: float) -> None:
            progress.update(task, description=what, advance=passed)

        return bench_soak(bundle, texts, lengths, tick)


def _print(figures: "SoakFigures") -> None:
    typer.echo(f"capacity        {figures.capacity_per_s:.0f} alerts stored a second")
    for name, phase in (("steady", figures.steady), ("burst", figures.burst), ("after it", figures.after)):
        typer.echo(f"{name:<16}{_phase(phase)}")
    recovered = "never" if figures.recovered_s is None else f"after {figures.recovered_s:.0f} s"
    typer.echo(f"recovered       {recovered} (target at most 10)")
    if figures.memory_mb is not None and figures.growth is not None:
        first, last = figures.memory_mb
        typer.echo(f"memory          {first:.0f} MB, then {last:.0f} MB: {figures.growth:+.1%} (target under 2 %)")
    for failure in figures.failures:
        typer.echo(f"does not hold   {failure}", err=True)


def _phase(phase: "PhaseFigures") -> str:
    answers = ", ".join(f"{count:,} times {status}" for status, count in phase.statuses.items())
    unsent = f"; {phase.unsent:,} not sent, since too many were open" if phase.unsent else ""
    times = "none answered"
    if phase.p50_ms is not None and phase.p99_ms is not None:
        times = f"p50 {phase.p50_ms:.0f} ms, p99 {phase.p99_ms:.0f} ms"
    return f"{phase.offered_per_s:.0f} a second for {phase.seconds:.0f} s: {answers}{unsent}; {times}"
