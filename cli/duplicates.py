"""`triage duplicates`."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from triage.alert_files import JsonLines, Line, error_line

if TYPE_CHECKING:
    from models.duplicates.finder import DuplicateFinder
    from models.photo import Picture
    from models.predictor import Predictor
    from triage.duplicates.report import Report
    from triage.intake import Intake

CHUNK = 256
_DURATION = re.compile(r"(\d{1,4})([hd])")


def _duration(value: str) -> timedelta:
    match = _DURATION.fullmatch(value.strip())
    if not match:
        raise typer.BadParameter(f"'{value}' is no duration; write days or hours, such as 30d or 12h")
    return timedelta(**{{"h": "hours", "d": "days"}[match[2]]: int(match[1])})


def duplicates(
    input_file: Annotated[
        Path, typer.Option("--input", help="Alerts, one JSON object a line.", exists=True, dir_okay=False)
    ],
    output_file: Annotated[
        Path, typer.Option("--output", help="Pairs, or with --rank candidates, one JSON object a line.", dir_okay=False)
    ],
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Probability from which an alert joins a cluster; the bundle's by default. "
            "0 writes every pair that was scored.",
        ),
    ] = None,
    rank: Annotated[
        int, typer.Option(min=0, max=200, help="Write so many candidates of each alert, best first, instead of pairs.")
    ] = 0,
    before: Annotated[str, typer.Option(help="How much older a candidate may be, with --rank: days or hours.")] = "30d",
    after: Annotated[str, typer.Option(help="How much younger it may be, with --rank.")] = "0d",
    radius: Annotated[float, typer.Option(min=0, max=5000, help="How far away, in metres, with --rank.")] = 200.0,
    bundle: Annotated[Path | None, typer.Option(help="Bundle to use; the one that is served by default.")] = None,
) -> None:
    """Find duplicates in a file of alerts, read in the order of their time as if they arrived.

    Writes every pair of every cluster, the later alert first. A bad line gets an error line, and the exit status is
    then 1. Alerts without a place are never duplicates; one without a time counts as made now.

    Example: triage duplicates --input alerts.jsonl --output pairs.jsonl
    Example: triage duplicates --input alerts.jsonl --output ranks.jsonl --rank 5 --before 30d --after 2d --radius 200
    """
    from rich.console import Console
    from rich.progress import Progress

    from cli.bundle_choice import settings_in_use
    from models.duplicates.replay import RankWindow
    from models.predictor import Predictor
    from triage.errors import InvalidConfiguration
    from triage.intake import Intake

    if not output_file.parent.is_dir():
        raise InvalidConfiguration(f"The folder {output_file.parent} of --output does not exist; make it first.")
    if output_file.exists() and output_file.samefile(input_file):
        raise InvalidConfiguration(f"--output would overwrite the input {input_file}; name another file.")
    window = RankWindow(_duration(before), _duration(after), radius)
    settings = settings_in_use(bundle)
    predictor = Predictor.load(
        settings.bundle,
        taxonomy=settings.taxonomy,
        duplicate_rules=settings.duplicate_rules,
        threads=settings.threads,
    )
    if predictor.finder is None:
        raise InvalidConfiguration(f"The bundle {settings.bundle} has no duplicate part; run: triage train duplicates")
    intake = Intake(predictor.prepare, place_from_photo=settings.photo_place, folder=input_file.parent)
    bar = Progress(console=Console(stderr=True), transient=True)
    with output_file.open("wb") as target, bar as progress:
        reading = progress.add_task("reading", total=1)
        advance = lambda share: progress.update(reading, completed=share)  # noqa: E731 - one line, used once
        reports, bad = _read(input_file, predictor, intake, target, advance)
        comparing = progress.add_task("comparing", total=len(reports))
        rows = (
            _ranked(predictor.finder, reports, window, rank, lambda: progress.advance(comparing))
            if rank
            else _pairs(predictor.finder, reports, threshold, lambda: progress.advance(comparing))
        )
        written = 0
        for row in rows:
            target.write(_json(row))
            written += 1
    kind = "ranked alerts" if rank else "pairs"
    typer.echo(f"{written} {kind} and {bad} error lines are in {output_file}.", err=True)
    if bad:
        raise typer.Exit(1)


def _json(row: dict[str, Any]) -> bytes:
    import json

    return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _read(
    path: Path,
    predictor: "Predictor",
    intake: "Intake[Picture]",
    target: BinaryIO,
    advance: Callable[[float], None],
) -> tuple[list["Report"], int]:
    """Every alert as it is compared; a line that is none is answered at once."""
    reports: list[Report] = []
    seen: set[str] = set()
    bad = 0
    source = JsonLines(path)
    for chunk in source.chunks(CHUNK):
        good = []
        for line in chunk:
            taken = _take_in(line, intake, seen)
            if isinstance(taken, bytes):
                target.write(taken + b"\n")
                bad += 1
            else:
                good.append(taken)
        if good:
            reports += predictor.predict([item.alert for item in good], [item.pictures for item in good]).reports
        advance(source.done / max(1, source.total))
    return reports, bad


def _take_in(line: Line, intake: "Intake[Picture]", seen: set[str]) -> Any:
    from triage.alert import parse_alert
    from triage.errors import FieldError, InvalidAlert

    try:
        taken = intake.take_in(parse_alert(line.content, allow_paths=True))
        if taken.alert.id in seen:
            raise InvalidAlert((FieldError("id", "repeated_id", "stands on an earlier line of the file"),))
    except InvalidAlert as error:
        return error_line(line.content, error)
    seen.add(taken.alert.id)
    return taken


def _pairs(
    finder: "DuplicateFinder", reports: list["Report"], threshold: float | None, advance: Callable[[], None]
) -> Iterator[dict[str, Any]]:
    from models.duplicates.replay import Replay, in_time

    replay = Replay(finder)
    for report in in_time(reports):
        replay.take(report)
        advance()
    for pair in replay.scored() if threshold == 0 else replay.pairs(threshold):
        yield {"id": pair.id, "duplicate_of": pair.duplicate_of, "probability": pair.probability}


def _ranked(
    finder: "DuplicateFinder", reports: list["Report"], window: Any, count: int, advance: Callable[[], None]
) -> Iterator[dict[str, Any]]:
    from models.duplicates.replay import Ranker

    ranker = Ranker(finder, reports, window)
    for report in reports:
        best = [{"id": name, "probability": round(value, 4)} for name, value in ranker.best(report, count)]
        yield {"id": report.id, "candidates": best}
        advance()
