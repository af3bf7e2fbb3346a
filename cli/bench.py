"""`triage bench`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from evaluation.benchmarks.privacy import PrivacyFigures
    from evaluation.benchmarks.serving import ServingFigures
    from evaluation.intervals import Share

app = typer.Typer(
    no_args_is_help=True,
    help="Measurements that are ratios within one run, not absolute times.",
    epilog="Example: triage bench inference",
)

Bundle = Annotated[Path | None, typer.Option(help="Bundle to measure; models/pretrained by default.")]
Corpus = Annotated[Path, typer.Option(help="Corpus whose texts are used.")]
BENCH_PHOTOS = 50
AsJson = Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")]


@app.command("inference")
def inference(bundle: Bundle = None, corpus: Corpus = Path("datasets/corpus"), as_json: AsJson = False) -> None:
    """ONNX int8 against PyTorch eager, one thread.

    Example: triage bench inference
    """
    import json
    from dataclasses import asdict

    from rich.console import Console
    from rich.progress import Progress

    from evaluation.benchmarks.inference import bench_inference, bench_steps
    from evaluation.benchmarks.texts import bench_texts
    from models.bundle import TAXONOMY
    from triage.settings import load_settings
    from triage.taxonomy import load_taxonomy

    folder = load_settings(bundle).bundle
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


@app.command("sizes")
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


@app.command("photo")
def photo(
    images: Annotated[Path | None, typer.Option(help="Folder of photos; drawn ones by default.")] = None,
    bundle: Bundle = None,
    as_json: AsJson = False,
) -> None:
    """One photo from bytes to probabilities against its decoding and the bare session, one thread.

    Example: triage bench photo
    """
    import json
    from dataclasses import asdict

    from rich.console import Console
    from rich.progress import Progress

    from evaluation.benchmarks.photos import bench_photos, drawn_photos
    from triage.settings import load_settings

    files = sorted(path for path in images.rglob("*.jpg"))[:BENCH_PHOTOS] if images else []
    photos = [path.read_bytes() for path in files] or drawn_photos()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("measuring", total=len(photos))
        figures = bench_photos(load_settings(bundle).bundle, photos, lambda: progress.advance(task))
    if as_json:
        typer.echo(json.dumps(asdict(figures) | {"ratio": figures.ratio}, indent=2))
        return
    typer.echo(
        f"{figures.whole_ms:.1f} ms from bytes to probabilities: {figures.ratio:.2f} times decoding"
        f" ({figures.decode_ms:.1f} ms) and bare session ({figures.session_ms:.1f} ms)"
    )


@app.command("privacy")
def privacy(
    images: Annotated[Path, typer.Option(help="Folder that holds the marked photos (shared/data/photos).")],
    detectors: Annotated[Path | None, typer.Option(help="Folder of detectors; those of the bundle by default.")] = None,
    bundle: Bundle = None,
    as_json: AsJson = False,
) -> None:
    """Faces, persons, plates and vehicles found of those marked by hand, one thread.

    Example: triage bench privacy --images ../shared/data/photos
    """
    import json
    from dataclasses import asdict

    from rich.console import Console
    from rich.progress import Progress

    from evaluation.benchmarks.privacy import bench_privacy, read_truth
    from models.bundle import load_bundle
    from models.privacy import PrivacyDetector
    from triage.settings import load_settings

    if detectors is None:
        detector = PrivacyDetector.from_bundle(load_bundle(load_settings(bundle).bundle), threads=1)
    else:
        detector = PrivacyDetector(detectors, threads=1)
    pictures = read_truth()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("measuring", total=len(pictures))
        figures = bench_privacy(detector, images, pictures, lambda: progress.advance(task))
    if as_json:
        typer.echo(json.dumps(asdict(figures), indent=2))
    else:
        _print_privacy(figures)


@app.command("serving")
def serving(
    bundle: Bundle = None,
    corpus: Corpus = Path("datasets/corpus"),
    seconds: Annotated[float, typer.Option(min=1, max=120, help="Length of each measurement.")] = 8,
    as_json: AsJson = False,
) -> None:
    """HTTP throughput of a real server against the limit of any Python server.

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

    single = figures.single
    typer.echo(
        f"bare session            {figures.bare_alerts_per_s:.0f} alerts a second (tokeniser, onnxruntime, batched)\n"
        f"empty endpoint          {figures.echo.requests_per_s:.0f} requests a second\n"
        f"{CLIENTS} clients, one alert   {single.requests_per_s:.0f} a second: {_share(figures.single_ratio)}"
        " of the limit\n"
        f"  latency               p50 {single.p50_ms:.0f} ms, p95 {single.p95_ms:.0f} ms, p99 {single.p99_ms:.0f} ms\n"
        "  its parts (mean)      "
        + ", ".join(f"{name} {value:.1f} ms" for name, value in figures.part_ms.items())
        + "\n"
        "  batch sizes           "
        + ", ".join(f"{name}: {count}" for name, count in figures.batch_sizes.items() if count)
        + "\n"
        f"batches of 64           {figures.batch_alerts_per_s:.0f} alerts a second:"
        f" {_share(figures.batch_ratio)} of the bare session"
    )


def _print_privacy(figures: "PrivacyFigures") -> None:
    for kind, item in figures.kinds.items():
        typer.echo(f"{kind:<8} {_bounds(item.found)}; {item.false_alarms:.2f} false alarms a picture")
    typer.echo(
        f"faces blurred, with their persons   {_bounds(figures.faces_blurred)}\n"
        f"pictures with a vehicle, held       {_bounds(figures.held)}\n"
        f"pictures without one, held          {_bounds(figures.held_needlessly)}\n"
        f"one picture, one thread             {figures.ms:.0f} ms"
    )


def _bounds(share: "Share") -> str:
    return f"{share.hits} of {share.total}: {share.value:.2f} (90 % bounds {share.lower:.2f}–{share.upper:.2f})"


def _share(ratio: float) -> str:
    return f"{ratio:.2f}"
