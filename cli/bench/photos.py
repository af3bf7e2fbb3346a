"""`triage bench photo` and `triage bench privacy`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.bench.options import AsJson, Bundle

if TYPE_CHECKING:
    from evaluation.benchmarks.privacy import PrivacyFigures
    from evaluation.live.intervals import Share

BENCH_PHOTOS = 50


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
