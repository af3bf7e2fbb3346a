"""`triage bench store`."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.bench.options import AsJson

if TYPE_CHECKING:
    from evaluation.benchmarks.store.inserts import InsertFigures
    from evaluation.benchmarks.store.kills import KillFigures
    from evaluation.benchmarks.store.lookups import LookupFigures, LookupTimes

Advance = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class StoreFigures:
    """All that was measured; `kills` by database."""

    lookups: "LookupFigures"
    flushes_per_s: float
    inserts: "list[InsertFigures]"
    kills: "dict[str, KillFigures]"


def store(
    alerts: Annotated[int, typer.Option(min=10_000, help="Alerts in the larger store; 10,000 in the other.")] = (
        1_000_000
    ),
    district: Annotated[int, typer.Option(min=1, max=10_000, help="How many of them lie in one km².")] = 5_000,
    kills: Annotated[int, typer.Option(min=0, help="How often a writer is killed, on each database.")] = 200,
    writers: Annotated[int, typer.Option(min=1, max=64, help="Most processes that write at the same time.")] = 2,
    seconds: Annotated[float, typer.Option(min=0.5, max=120, help="Length of each measurement of inserts.")] = 10,
    store_url: Annotated[
        str | None,
        typer.Option(
            help="A PostgreSQL on whose server databases may be made; by default one is started where it is installed."
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where stores are made, 3 GB a million alerts; a temporary one by default.", file_okay=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look-ups among few and many stored alerts, inserts a second, and writers killed at random; takes minutes.

    The exit status is 1 where a killed writer lost an alert or left one twice or half done.

    Example: triage bench store --alerts 1000000 --kills 200
    """
    import json
    from dataclasses import asdict
    from tempfile import TemporaryDirectory

    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="triage-bench-", dir=folder) as scratch:
        figures = _measure(Path(scratch), alerts, district, kills, writers, seconds, store_url)
    if as_json:
        typer.echo(json.dumps(asdict(figures) | {"ratio": figures.lookups.ratio}, indent=2))
    else:
        _print(figures)
    if any(item.faults for item in figures.kills.values()):
        raise typer.Exit(1)


def _measure(
    folder: Path, alerts: int, district: int, kills: int, writers: int, seconds: float, store_url: str | None
) -> StoreFigures:
    from evaluation.benchmarks.store.databases import databases
    from evaluation.benchmarks.store.inserts import bench_inserts, flushes_per_s
    from evaluation.benchmarks.store.kills import bench_kills
    from evaluation.benchmarks.store.lookups import bench_lookups, bench_steps
    from triage.store.personal import PersonalKeys

    numbers = sorted({1, writers})
    with databases(folder, store_url) as makers:
        steps = len(makers) * (len(numbers) + kills) + bench_steps(alerts)
        with _bar(steps) as advance:
            inserts, killed = [], {}
            flushes = flushes_per_s(folder, seconds / 2)
            for name, make in makers.items():
                for number in numbers:
                    with make() as url:
                        inserts.append(bench_inserts(name, url, number, seconds))
                    advance(f"{name}: inserts", 1)
                if kills:
                    with make() as url:
                        killed[name] = bench_kills(
                            url, PersonalKeys.new_key(), kills, writers, lambda: advance("killing writers", 1)
                        )
            return StoreFigures(bench_lookups(folder, alerts, district, advance), flushes, inserts, killed)


@contextlib.contextmanager
def _bar(steps: int) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("storing alerts", total=steps)
        yield lambda what, gained: progress.update(task, description=what, advance=gained)


def _print(figures: StoreFigures) -> None:
    lookups = figures.lookups
    for item in (lookups.few, lookups.many):
        typer.echo(_lookup_line(item))
    typer.echo(f"p99 among many against p99 among few: {lookups.ratio:.2f} times (target at most 3)")
    typer.echo(f"bare flushes to this disk: {figures.flushes_per_s:,.0f} a second")
    for insert in figures.inserts:
        ratio = insert.alerts_per_s / figures.flushes_per_s
        typer.echo(
            f"{insert.database}, {_count(insert.writers, 'writer')}: {insert.alerts_per_s:,.0f} alerts stored a second,"
            f" {ratio:.2f} of the flushes"
        )
    for name, found in figures.kills.items():
        typer.echo(
            f"{name}, {_count(found.kills, 'kill')}: {found.acknowledged:,} alerts acknowledged, {found.stored:,}"
            f" stored; {found.sent_again} sent again; {found.lost} lost, {found.doubled} doubled,"
            f" {found.incomplete} incomplete, {found.uncalled} uncalled for"
        )


def _lookup_line(item: "LookupTimes") -> str:
    return (
        f"{item.alerts:>9,} alerts stored: look-up p50 {item.p50_ms:.2f} ms, p99 {item.p99_ms:.2f} ms,"
        f" {item.neighbours:.0f} neighbours; filled with {item.filled_per_s:,.0f} alerts a second"
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
