"""`triage predict`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

if TYPE_CHECKING:
    from models.photo import Picture
    from models.predictor import Predictor
    from triage.errors import InvalidAlert
    from triage.intake import Intake, TakenIn

CHUNK = 256
EXPLAINED_CHUNK = 16  # an explanation costs as much as dozens of alerts, and the bar moves once a chunk
MAX_LINE_BYTES = 64_000_000


def predict(
    output_file: Annotated[
        Path, typer.Option("--output", help="Predictions, one JSON object a line.", dir_okay=False, writable=True)
    ],
    input_file: Annotated[
        Path | None, typer.Option("--input", help="Alerts, one JSON object a line.", exists=True, dir_okay=False)
    ] = None,
    photos: Annotated[
        Path | None,
        typer.Option(
            help="Folder of photos: with --input, where relative paths start; alone, every file is an alert.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    bundle: Annotated[Path | None, typer.Option(help="Bundle to use; models/pretrained by default.")] = None,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Also write which words spoke for each answer, and where photos show it; slow."),
    ] = False,
) -> None:
    """Predict a file of alerts, or a folder of photos; a bad one gets an error line, and the exit status is then 1.

    Example: triage predict --input alerts.jsonl --output out.jsonl
    Example: triage predict --photos pictures/ --output out.jsonl
    """
    from rich.console import Console
    from rich.progress import Progress

    from models.predictor import Predictor
    from triage.intake import Intake
    from triage.settings import load_settings

    _require_output(output_file, input_file, given=bool(input_file or photos))
    settings = load_settings(bundle)
    predictor = Predictor.load(settings.bundle, taxonomy=settings.taxonomy, threads=settings.threads)
    folder = photos or (input_file.parent if input_file else Path())
    intake = Intake(predictor.prepare, place_from_photo=settings.photo_place, folder=folder)
    source = _Lines(input_file) if input_file else _PhotoLines(folder)
    bad = total = 0
    bar = Progress(console=Console(stderr=True), transient=True)
    with output_file.open("wb") as target, bar as progress:
        task = progress.add_task("predicting", total=max(1, source.total))
        for chunk in source.chunks(EXPLAINED_CHUNK if explain else CHUNK):
            answers = _answer(predictor, intake, chunk, explain)
            for line, is_error in answers:
                target.write(line + b"\n")
                bad += is_error
            total += len(answers)
            progress.update(task, completed=source.done)
    typer.echo(f"{total - bad} predictions and {bad} error lines are in {output_file}.", err=True)
    if bad:
        raise typer.Exit(1)


class _Lines:
    """Lines of a file in chunks; `total` and `done` count bytes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.total = path.stat().st_size
        self.done = 0

    def chunks(self, size: int) -> Iterator[list[bytes]]:
        with self._path.open("rb") as source:
            for chunk in _chunks(source, size):
                self.done = source.tell()
                yield chunk


class _PhotoLines:
    """Every file below a folder as an alert that has nothing but a photo; `total` and `done` count files."""

    def __init__(self, folder: Path) -> None:
        self._names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        self.total = len(self._names)
        self.done = 0

    def chunks(self, size: int) -> Iterator[list[bytes]]:
        for start in range(0, self.total, size):
            names = self._names[start : start + size]
            self.done = start + len(names)
            yield [json.dumps({"id": name[-200:], "photo": {"path": name}}).encode() for name in names]


def _require_output(output_file: Path, input_file: Path | None, *, given: bool) -> None:
    from triage.errors import InvalidConfiguration

    if not given:
        raise InvalidConfiguration("Name alerts with --input, or a folder of photos with --photos.")
    if not output_file.parent.is_dir():
        raise InvalidConfiguration(f"The folder {output_file.parent} of --output does not exist; make it first.")
    if input_file and output_file.exists() and output_file.samefile(input_file):
        raise InvalidConfiguration(f"--output would overwrite the input {input_file}; name another file.")


def _chunks(source: BinaryIO, size: int) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    held = 0
    while line := source.readline(MAX_LINE_BYTES):
        _skip_rest(source, line)
        if line.strip():
            chunk.append(line)
            held += len(line)
        if len(chunk) == size or held > MAX_LINE_BYTES:  # lines with photos are large
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk


def _skip_rest(source: BinaryIO, line: bytes) -> None:
    # A line over the limit is one bad line, so what is left of it must not be read as another.
    while len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
        line = source.readline(MAX_LINE_BYTES)


def _answer(
    predictor: "Predictor", intake: "Intake[Picture]", lines: list[bytes], explain: bool
) -> list[tuple[bytes, bool]]:
    from triage.alert import parse_alert
    from triage.errors import InvalidAlert

    answers: list[tuple[bytes, bool]] = [(b"", True)] * len(lines)
    good: list[tuple[int, TakenIn[Picture]]] = []
    for number, line in enumerate(lines):
        try:
            good.append((number, intake.take_in(parse_alert(line, allow_paths=True))))
        except InvalidAlert as error:
            answers[number] = (_error_line(line, error), True)
    if good:
        batch = predictor.predict([item.alert for _, item in good], [item.pictures for _, item in good])
        for (number, item), prediction in zip(good, batch.predictions, strict=True):
            answer = predictor.explain(item.alert, prediction, item.pictures) if explain else prediction
            answers[number] = (answer.model_dump_json().encode(), False)
    return answers


def _error_line(line: bytes, error: "InvalidAlert") -> bytes:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        document = None
    name = document.get("id") if isinstance(document, dict) else None
    body = {
        "id": name if isinstance(name, str) else None,
        "error": {"code": error.code, "message": error.message},
    }
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
