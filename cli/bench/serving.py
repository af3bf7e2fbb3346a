"""`triage bench serving`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.bench.options import AsJson, Bundle, Corpus

if TYPE_CHECKING:
    from evaluation.benchmarks.serving import ServingFigures


def serving(
    bundle: Bundle = None,
    corpus: Corpus = Path("datasets/corpus"),
    seconds: Annotated[float, typer.Option(min=1, max=120, help="Length of each measurement.")] = 8,
    as_json: AsJson = False,
) -> None:
    """Throughput, latency, start and memory of a real server, against the limit of any Python server.

    Example: triage bench serving --seconds 10
    """
    import json
    from dataclasses import asdict

    from rich.console import Console
    from rich.progress import Progress

    from evaluation.benchmarks.serving import bench_serving, bench_steps
    from evaluation.benchmarks.texts import bench_texts
    from models.bundle import TAXONOMY
    from triage.settings import load_settings
    from triage.taxonomy import load_taxonomy

    settings = load_settings()
    folder = bundle or settings.bundle
    texts = bench_texts(corpus, load_taxonomy(folder / TAXONOMY))
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting the server", total=bench_steps())

        def advance(what: str) -> None:
            progress.update(task, description=what, advance=1)

        figures = bench_serving(folder, texts, seconds, advance, settings.max_batch_size)
    if as_json:
        typer.echo(json.dumps(asdict(figures), indent=2))
    else:
        _print_serving(figures)


def _print_serving(figures: "ServingFigures") -> None:
    from evaluation.benchmarks.serving import CLIENTS

    single, stored = figures.single, figures.stored
    clients = f"{CLIENTS} clients, "
    lines = (
        ("bare session", f"{figures.bare_alerts_per_s:.0f} alerts a second (tokeniser, onnxruntime, batched)"),
        ("empty endpoint", f"{figures.echo.requests_per_s:.0f} requests a second"),
        (clients + "one alert", f"{single.requests_per_s:.0f} a second: {_aim(figures.single_ratio, '≥', 0.85)} limit"),
        ("  latency", f"p50 {single.p50_ms:.0f} ms, p95 {single.p95_ms:.0f} ms, p99 {single.p99_ms:.0f} ms"),
        ("  its parts (mean)", ", ".join(f"{name} {value:.1f} ms" for name, value in figures.part_ms.items())),
        ("  batch sizes", ", ".join(f"{name}: {count}" for name, count in figures.batch_sizes.items() if count)),
        (clients + "stored", f"{stored.requests_per_s:.0f} a second: {_aim(figures.stored_ratio, '≥', 0.6)} limit"),
        (
            "batches of 64",
            f"{figures.batch_alerts_per_s:.0f} alerts a second: {_aim(figures.batch_ratio, '≥', 0.85)} bare session",
        ),
        (
            "one client",
            f"p50 {figures.alone_ms:.1f} ms: {_aim(figures.alone_ratio, '≤', 1.3)} bare session and empty endpoint",
        ),
        ("start to ready", f"{figures.start_s:.1f} s: {_aim(figures.start_ratio, '≤', 2.0)} imports and loading"),
        ("resident memory", f"{figures.memory_mb:.0f} MB (target under 600)"),
    )
    for name, said in lines:
        typer.echo(f"{name:<24}{said}")


def _aim(ratio: float, sign: str, target: float) -> str:
    return f"{ratio:.2f} (target {sign} {target:g}) of the"
