"""`triage register`."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Form(StrEnum):
    """How the sheet is written."""

    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"


class SheetLanguage(StrEnum):
    """Its language."""

    FRENCH = "fr"
    ENGLISH = "en"


def register(
    language: Annotated[SheetLanguage, typer.Option(help="Language of the sheet.")] = SheetLanguage.FRENCH,
    form: Annotated[Form, typer.Option("--format", help="How it is written.")] = Form.MARKDOWN,
    details: Annotated[
        Path | None,
        typer.Option(
            help="TOML file with what only the city knows, such as organization, contact_email, lawful_basis.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    output_file: Annotated[
        Path | None, typer.Option("--output", help="File to write; stdout by default.", dir_okay=False)
    ] = None,
    bundle: Annotated[Path | None, typer.Option(help="Bundle to describe; the one that is served by default.")] = None,
) -> None:
    """Write the city's sheet for the register of algorithms, from the bundle in use and the settings.

    Purpose, people's part in decisions, thresholds, data and how long it is kept, figures, risks. Its fields are those
    of the French inventory of algorithms and of the Dutch publication standard, whose names the JSON has. What only the
    city knows stands in square brackets until --details fills it in; stderr names what is left.

    Example: triage register --language fr --format html --details details.toml --output sheet.html
    """
    from datetime import UTC, datetime

    from cli.bundle_choice import settings_in_use
    from evaluation.register.facts import read_facts
    from evaluation.register.sheet import write_sheet
    from evaluation.register.writing import written
    from models.bundle import load_bundle

    settings = settings_in_use(bundle)
    facts = read_facts(load_bundle(settings.bundle), settings)
    sheet = write_sheet(facts, language.value, _details(details), datetime.now(UTC).date())
    text = written(sheet, facts, form.value)
    if output_file is None:
        typer.echo(text)
    else:
        output_file.write_text(text.rstrip() + "\n", encoding="utf-8")
        typer.echo(f"The sheet of {facts.model} {facts.version} is in {output_file}.", err=True)
    if sheet.missing:
        typer.echo(f"Left to fill in with --details: {', '.join(sheet.missing)}.", err=True)


def _details(path: Path | None) -> Mapping[str, str]:
    import tomllib

    from triage.errors import InvalidConfiguration

    if path is None:
        return {}
    try:
        details = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidConfiguration(f"The file {path} cannot be read: {error}.") from error
    wrong = next((name for name, value in details.items() if not isinstance(value, str)), None)
    if wrong is not None:
        raise InvalidConfiguration(f"In {path}, '{wrong}' is no text; write {wrong} = \"…\".")
    return details
