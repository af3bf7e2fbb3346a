"""`triage import`."""

import contextlib
import json
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from triage.alert_files import CsvLines, JsonLines
    from triage.importing import Complete, Counts, Refusal
    from triage.past_alerts import PastAlertReader
    from triage.settings import Settings
    from triage.store.personal import PersonalKeys

# One transaction each: short enough for a running service to wait for, long enough to be fast.
CHUNK = 2_000
PREDICTED_CHUNK = 256


class Format(StrEnum):
    """How a file is written."""

    JSONL = "jsonl"
    CSV = "csv"


def import_alerts(
    input_file: Annotated[
        Path, typer.Option("--input", help="Past alerts, as JSON Lines or CSV.", exists=True, dir_okay=False)
    ],
    store_url: Annotated[
        str | None, typer.Option("--store", help="URL of the alert store; that of the settings by default.")
    ] = None,
    file_format: Annotated[
        Format | None, typer.Option("--format", help="How the file is written; its name says so by default.")
    ] = None,
    errors: Annotated[
        Path | None, typer.Option(help="File for the lines that are refused; stderr by default.", dir_okay=False)
    ] = None,
    keep_originals: Annotated[
        bool, typer.Option("--keep-originals", help="Also store texts with personal data as they were sent, encrypted.")
    ] = False,
    predict: Annotated[
        bool,
        typer.Option(
            "--predict",
            help="Let the models answer what the file leaves open, and read what later alerts are compared with; slow.",
        ),
    ] = False,
    bundle: Annotated[Path | None, typer.Option(help="Bundle to use; the one that is served by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Load a city's past alerts into the store; nobody is told of them, and none is linked to another.

    A line is an alert as `triage predict` reads it, with its created_at, and where known its state (open, in_progress,
    closed or withdrawn), closed_at, category, department and priority; a CSV names these fields in its first line.
    Texts and addresses are stored without personal data. What is stored already is left as it is, so an import that was
    cut off is started again. A line that is bad, or whose id is stored with other content, is told, and the exit status
    is then 1.

    Example: triage import --input alerts.jsonl
    Example: triage import --input archive.csv --errors refused.jsonl --predict
    """
    from cli.bundle_choice import settings_in_use
    from triage.importing import Importer
    from triage.store.base import utc_now
    from triage.store.configured import personal_keys
    from triage.store.store import Store

    settings = settings_in_use(bundle)
    source = _source(input_file, file_format)
    keys = personal_keys(settings)
    reader = _reader(settings, keys, utc_now(), keep_originals=keep_originals)
    complete = _models(settings, input_file.parent) if predict else None
    with (
        Store.open(store_url or settings.store_url, key=keys) as store,
        _told(errors, input_file) as tell,
        _bar(source.total) as advance,
    ):
        importer = Importer(store, reader, complete)
        for chunk in source.chunks(PREDICTED_CHUNK if predict else CHUNK):
            for refusal in importer.take(chunk):
                tell(refusal)
            advance(source.done)
    _print(importer.counts, as_json=as_json)
    if importer.counts.bad or importer.counts.conflicting:
        raise typer.Exit(1)


def _source(path: Path, file_format: Format | None) -> "CsvLines | JsonLines":
    from triage.alert_files import CsvLines, JsonLines
    from triage.past_alerts import PastAlert

    if file_format is None:
        file_format = Format.CSV if path.suffix.lower() == ".csv" else Format.JSONL
    if file_format is Format.JSONL:
        return JsonLines(path)
    return CsvLines(path, tuple(PastAlert.model_fields), ("id", "created_at"))


def _reader(settings: "Settings", keys: "PersonalKeys", now: "datetime", *, keep_originals: bool) -> "PastAlertReader":
    from models.bundle import TAXONOMY
    from triage.past_alerts import PastAlertReader
    from triage.taxonomy import load_taxonomy

    taxonomy = load_taxonomy(settings.taxonomy or settings.bundle / TAXONOMY)
    return PastAlertReader(taxonomy, keys, keep_originals, now)


def _models(settings: "Settings", folder: Path) -> "Complete":
    from cli.past_answers import PastAnswers
    from models.predictor import Predictor
    from triage.intake import Intake

    predictor = Predictor.load(settings.bundle, taxonomy=settings.taxonomy, threads=settings.threads, languages=True)
    intake = Intake(predictor.prepare, place_from_photo=settings.photo_place, folder=folder)
    return PastAnswers(predictor, intake, settings.area).complete


@contextlib.contextmanager
def _told(path: Path | None, input_file: Path) -> "Iterator[Callable[[Refusal], None]]":
    """Where refusals go: one JSON object a line."""
    from dataclasses import asdict

    from triage.errors import InvalidConfiguration

    with contextlib.ExitStack() as stack:
        stream = None
        if path is not None:
            if path.exists() and path.samefile(input_file):
                raise InvalidConfiguration(f"--errors would overwrite the input {input_file}; name another file.")
            if not path.parent.is_dir():
                raise InvalidConfiguration(f"The folder {path.parent} of --errors does not exist; make it first.")
            stream = stack.enter_context(path.open("wb"))

        def tell(refusal: "Refusal") -> None:
            body = asdict(refusal)
            error = {"code": body.pop("code"), "message": body.pop("message")}
            line = json.dumps(body | {"error": error}, ensure_ascii=False)
            typer.echo(line.encode("utf-8", "replace"), file=stream, err=True)

        yield tell


@contextlib.contextmanager
def _bar(total: int) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("importing", total=max(1, total))
        yield lambda done: progress.update(task, completed=done)


def _print(counts: "Counts", *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        typer.echo(json.dumps(asdict(counts)))
        return
    typer.echo(
        f"{counts.added:,} alerts were stored and {counts.repeated:,} had been before; refused: {counts.bad:,} bad"
        f" lines and {counts.conflicting:,} with the id of an alert that has other content.",
        err=True,
    )
