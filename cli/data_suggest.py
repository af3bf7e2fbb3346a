"""`triage data import --suggest`: a mapping to fill in."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from triage.city_exports.mapping import LabelMapping
    from triage.city_exports.readers import ExportFormat
    from triage.city_exports.stub import AskCategories


def write_suggestion(
    input_file: Path,
    export_format: "ExportFormat",
    mapping: "LabelMapping | None",
    output: Path,
    bundle: Path | None,
    *,
    predict: bool,
) -> None:
    """Write a mapping with every foreign name and its count; what a given mapping says of the export is taken over.

    Raises:
        InvalidConfiguration: the file is there already, or the export cannot be read.
    """
    from rich.console import Console

    from triage.city_exports.readers import read_export
    from triage.city_exports.report import ForeignReport
    from triage.city_exports.stub import mapping_stub, seen_categories
    from triage.errors import InvalidConfiguration

    if output.exists():
        raise InvalidConfiguration(f"{output} exists; name another file for --suggest, or remove it.")
    if not output.parent.is_dir():
        raise InvalidConfiguration(f"The folder {output.parent} of --suggest does not exist; make it first.")
    with Console(stderr=True).status("reading") as status:
        found = list(read_export(input_file, export_format, mapping.columns if mapping else None))
        reports = [record for record in found if isinstance(record, ForeignReport)]
        if predict:
            status.update("asking the model")
        seen = seen_categories(reports, _model(bundle) if predict else None)
    departments = Counter(report.department for report in reports if report.department)
    priorities = Counter(report.priority for report in reports if report.priority)
    output.write_text(mapping_stub(seen, departments, priorities, _head(input_file, mapping)), encoding="utf-8")
    typer.echo(
        f"{len(reports):,} reports in {len(seen)} categories; the mapping to fill in is {output}."
        f" {len(found) - len(reports):,} records cannot be read.\nThen: triage data import --input {input_file}"
        f" --format {export_format} --mapping {output} --output rows.jsonl",
        err=True,
    )


def _model(bundle: Path | None) -> "AskCategories":
    from cli.bundle_choice import settings_in_use
    from models.predictor import Predictor
    from triage.alert import MAX_TEXT_CHARACTERS, Alert
    from triage.errors import InvalidAlert

    settings = settings_in_use(bundle)
    predictor = Predictor.load(settings.bundle, threads=settings.threads)

    def ask(texts: "Sequence[str]") -> list[str]:
        alerts = []
        for number, text in enumerate(texts, 1):
            try:
                alerts.append(Alert(id=str(number), text=text[:MAX_TEXT_CHARACTERS]))
            except (InvalidAlert, ValueError):
                continue  # the import itself will tell what is wrong with it
        return [prediction.category.code for prediction in predictor.predict(alerts).predictions]

    return ask


def _head(input_file: Path, mapping: "LabelMapping | None") -> list[str]:
    """The lines above the categories."""
    from yaml import safe_dump

    if mapping is None:
        name = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in input_file.stem.lower())
        return [
            f"source: {name.strip('-')[:40] or 'export'}  # ids begin with it",
            "licence: unknown  # under which the texts may be used",
            "language: told  # or one tag for all texts, such as fr",
            "priority: normale  # where nothing else tells it",
        ]
    kept = mapping.model_dump(exclude={"categories", "departments", "priorities"}, exclude_none=True, mode="json")
    return safe_dump(kept, allow_unicode=True, sort_keys=False).splitlines()
