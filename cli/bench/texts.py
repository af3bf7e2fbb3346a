"""`triage bench inference` and `triage bench sizes`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.bench.options import AsJson, Bundle, Corpus


def inference(bundle: Bundle = None, corpus: Corpus = Path("datasets/corpus"), as_json: AsJson = False) -> None:
    """ONNX int8 against PyTorch eager, one thread.

    Example: triage bench inference
    """
    import json
    from dataclasses import asdict

    from rich.console import Console
    from rich.progress import Progress

    from cli.bundle_choice import settings_in_use
    from evaluation.benchmarks.inference import bench_inference, bench_steps
    from evaluation.benchmarks.texts import bench_texts
    from models.bundle import TAXONOMY
    from triage.taxonomy import load_taxonomy

    folder = settings_in_use(bundle).bundle
    texts = bench_texts(corpus, load_taxonomy(folder / TAXONOMY))
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("measuring", total=bench_steps(len(texts)))
        figures = bench_inference(folder, texts, lambda: progress.advance(task))
    if as_json:
        typer.echo(json.dumps([asdict(item) | {"speedup": item.speedup} for item in figures], indent=2))
        return
    for item in figures:
        typer.echo(
            f"batch {item.batch_size:>2}: onnxruntime int8 {item.onnx_ms:.2f} ms an alert, PyTorch eager"
            f" {item.torch_ms:.2f} ms: {item.speedup:.1f} times faster; {item.onnx_tokens_per_s:,.0f} tokens a second"
        )


def sizes(
    bundle: Annotated[list[Path], typer.Option(help="A bundle to put on the curve; give the option for each.")],
    corpus: Corpus = Path("datasets/corpus"),
    output: Annotated[Path, typer.Option(help="The plot (SVG).")] = Path("evaluation/results/sizes.svg"),
    as_json: AsJson = False,
) -> None:
    """Accuracy against time and size of several bundles, as a plot: which one to ship.

    Example: triage bench sizes --bundle work/four --bundle work/eight --output sizes.svg
    """
    import json
    from dataclasses import asdict

    from rich.console import Console
    from rich.progress import Progress

    from evaluation.benchmarks.sizes import bench_sizes, plot_sizes
    from models.bundle import TAXONOMY
    from triage.corpus import Split, in_split, read_corpus
    from triage.taxonomy import load_taxonomy

    rows = in_split(read_corpus(corpus, load_taxonomy(bundle[0] / TAXONOMY)), Split.TEST)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("measuring", total=len(bundle))
        figures = bench_sizes(bundle, rows, lambda: progress.advance(task))
    output.write_text(plot_sizes(figures), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps([asdict(item) for item in figures], indent=2))
        return
    for item in figures:
        scores = ", ".join(f"{head} {value:.3f}" for head, value in item.macro_f1.items())
        typer.echo(
            f"{item.name}: {item.layers} layers, {item.megabytes:.1f} MB, {item.ms:.2f} ms an alert"
            f" ({item.times_faster:.1f} times faster), macro-F1 {scores}"
        )
    typer.echo(f"The plot is in {output}.", err=True)
