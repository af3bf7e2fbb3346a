"""`triage predict`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.alert_files import JsonLines, Line, error_line

if TYPE_CHECKING:
    from models.photo import Picture
    from models.predictor import Predictor
    from triage.intake import Intake, TakenIn
    from triage.places import Box

CHUNK = 256
EXPLAINED_CHUNK = 16  # an explanation costs as much as dozens of alerts, and the bar moves once a chunk


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
    bundle: Annotated[Path | None, typer.Option(help="Bundle to use; the one that is served by default.")] = None,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Also write which words spoke for each answer, and where photos show it; slow."),
    ] = False,
) -> None:
    """Predict a file of alerts, or a folder of photos; a bad one gets an error line, and the exit status is then 1.

    A line is {"id", "text", "photo", "lat", "lon", "created_at", "category_hint", "address", "commune", "channel"}; all
    but the id and one of text and photo may be left out.

    Example: triage predict --input alerts.jsonl --output out.jsonl
    Example: triage predict --photos pictures/ --output out.jsonl
    """
    from rich.console import Console
    from rich.progress import Progress

    from cli.bundle_choice import settings_in_use
    from models.predictor import Predictor
    from triage.intake import Intake

    _require_output(output_file, input_file, given=bool(input_file or photos))
    settings = settings_in_use(bundle)
    predictor = Predictor.load(settings.bundle, taxonomy=settings.taxonomy, threads=settings.threads)
    folder = photos or (input_file.parent if input_file else Path())
    intake = Intake(predictor.prepare, place_from_photo=settings.photo_place, folder=folder)
    source = JsonLines(input_file) if input_file else _PhotoLines(folder)
    bad = total = 0
    bar = Progress(console=Console(stderr=True), transient=True)
    with output_file.open("wb") as target, bar as progress:
        task = progress.add_task("predicting", total=max(1, source.total))
        for chunk in source.chunks(EXPLAINED_CHUNK if explain else CHUNK):
            answers = _answer(predictor, intake, chunk, settings.area, explain=explain)
            for line, is_error in answers:
                target.write(line + b"\n")
                bad += is_error
            total += len(answers)
            progress.update(task, completed=source.done)
    typer.echo(f"{total - bad} predictions and {bad} error lines are in {output_file}.", err=True)
    if bad:
        raise typer.Exit(1)


class _PhotoLines:
    """Every file below a folder as an alert that has nothing but a photo; `total` and `done` count files."""

    def __init__(self, folder: Path) -> None:
        self._names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        self.total = len(self._names)
        self.done = 0

    def chunks(self, size: int) -> Iterator[list[Line]]:
        for start in range(0, self.total, size):
            names = self._names[start : start + size]
            self.done = start + len(names)
            alerts = ({"id": name[-200:], "photo": {"path": name}} for name in names)
            yield [Line(start + place, json.dumps(alert).encode()) for place, alert in enumerate(alerts, 1)]


def _require_output(output_file: Path, input_file: Path | None, *, given: bool) -> None:
    from triage.errors import InvalidConfiguration

    if not given:
        raise InvalidConfiguration("Name alerts with --input, or a folder of photos with --photos.")
    if not output_file.parent.is_dir():
        raise InvalidConfiguration(f"The folder {output_file.parent} of --output does not exist; make it first.")
    if input_file and output_file.exists() and output_file.samefile(input_file):
        raise InvalidConfiguration(f"--output would overwrite the input {input_file}; name another file.")


def _answer(
    predictor: "Predictor", intake: "Intake[Picture]", lines: list[Line], area: "Box", *, explain: bool
) -> list[tuple[bytes, bool]]:
    from triage.alert import parse_alert
    from triage.area import judge_place
    from triage.errors import InvalidAlert

    answers: list[tuple[bytes, bool]] = [(b"", True)] * len(lines)
    good: list[tuple[int, TakenIn[Picture]]] = []
    for number, line in enumerate(lines):
        try:
            good.append((number, intake.take_in(parse_alert(line.content, allow_paths=True))))
        except InvalidAlert as error:
            answers[number] = (error_line(line.content, error), True)
    if good:
        batch = predictor.predict([item.alert for _, item in good], [item.pictures for _, item in good])
        for (number, item), predicted in zip(good, batch.predictions, strict=True):
            prediction = judge_place(predicted, item.alert.lat, item.alert.lon, area)
            answer = predictor.explain(item.alert, prediction, item.pictures) if explain else prediction
            answers[number] = (answer.model_dump_json().encode(), False)
    return answers
