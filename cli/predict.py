"""`triage predict`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

if TYPE_CHECKING:
    from models.predictor import Predictor
    from triage.alert import Alert
    from triage.errors import InvalidAlert

CHUNK = 256
EXPLAINED_CHUNK = 16  # an explanation costs as much as dozens of alerts, and the bar moves once a chunk
MAX_LINE_BYTES = 64_000_000


def predict(
    input_file: Annotated[
        Path, typer.Option("--input", help="Alerts, one JSON object a line.", exists=True, dir_okay=False)
    ],
    output_file: Annotated[
        Path, typer.Option("--output", help="Predictions, one JSON object a line.", dir_okay=False, writable=True)
    ],
    bundle: Annotated[Path | None, typer.Option(help="Bundle to use; models/pretrained by default.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Also write which words spoke for each answer; much slower.")
    ] = False,
) -> None:
    """Predict a file of alerts; a bad line gets an error line, and the exit status is then 1.

    Example: triage predict --input alerts.jsonl --output out.jsonl
    """
    from rich.console import Console
    from rich.progress import Progress

    from models.predictor import Predictor
    from triage.settings import load_settings

    _require_output(output_file, input_file)
    settings = load_settings(bundle)
    predictor = Predictor.load(settings.bundle, taxonomy=settings.taxonomy, threads=settings.threads)
    bad = total = 0
    bar = Progress(console=Console(stderr=True), transient=True)
    with input_file.open("rb") as source, output_file.open("wb") as target, bar as progress:
        task = progress.add_task("predicting", total=max(1, input_file.stat().st_size))
        for chunk in _chunks(source, EXPLAINED_CHUNK if explain else CHUNK):
            answers = _answer(predictor, chunk, input_file.parent, explain)
            for line, is_error in answers:
                target.write(line + b"\n")
                bad += is_error
            total += len(answers)
            progress.update(task, completed=source.tell())
    typer.echo(f"{total - bad} predictions and {bad} error lines are in {output_file}.", err=True)
    if bad:
        raise typer.Exit(1)


def _require_output(output_file: Path, input_file: Path) -> None:
    from triage.errors import InvalidConfiguration

    if not output_file.parent.is_dir():
        raise InvalidConfiguration(f"The folder {output_file.parent} of --output does not exist; make it first.")
    if output_file.exists() and output_file.samefile(input_file):
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


def _answer(predictor: "Predictor", lines: list[bytes], folder: Path, explain: bool) -> list[tuple[bytes, bool]]:
    from triage.alert import parse_alert
    from triage.errors import InvalidAlert
    from triage.intake import check_photos

    answers: list[tuple[bytes, bool]] = [(b"", True)] * len(lines)
    good: list[tuple[int, Alert, tuple[str, ...]]] = []
    for number, line in enumerate(lines):
        try:
            alert = parse_alert(line, allow_paths=True)
            good.append((number, alert, check_photos(alert, folder)))
        except InvalidAlert as error:
            answers[number] = (_error_line(line, error), True)
    if good:
        batch = predictor.predict([alert for _, alert, _ in good], [notes for _, _, notes in good])
        for (number, alert, _), prediction in zip(good, batch.predictions, strict=True):
            answer = predictor.explain(alert, prediction) if explain else prediction
            answers[number] = (answer.model_dump_json().encode(), False)
    return answers


def _error_line(line: bytes, error: "InvalidAlert") -> bytes:
    import json

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
