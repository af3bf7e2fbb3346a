"""The sheet as Markdown, as one HTML file that needs no other, or as JSON for a register."""

import json
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from evaluation.register.facts import Facts
from evaluation.register.sheet import Sheet

Format = Literal["markdown", "html", "json"]
_FOLDER = Path(__file__).parent
# Of the form of the JSON document.
_SCHEMA = 1


def written(sheet: Sheet, facts: Facts, form: Format) -> str:
    """The sheet in a form."""
    if form == "json":
        return _json(sheet, facts)
    environment = Environment(
        loader=FileSystemLoader([_FOLDER, _FOLDER.parent / "report"]),
        autoescape=form == "html",  # noqa: S701 - Markdown escapes by the filter below
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = _cell
    return environment.get_template(f"sheet.{'html' if form == 'html' else 'md'}.jinja").render(sheet=sheet)


def _json(sheet: Sheet, facts: Facts) -> str:
    fields = {
        field.key: {
            "title": field.title,
            "text": "\n".join((*field.text, *(f"- {item}" for item in field.items))),
            "missing": field.is_missing,
        }
        | ({"columns": list(field.table[0]), "rows": [list(row) for row in field.table[1]]} if field.table else {})
        for _, fields in sheet.sections
        for field in fields
    }
    document = {
        "schema": _SCHEMA,
        "lang": sheet.language,
        "title": sheet.title,
        "model": {"name": facts.model, "version": facts.version, "bundle_sha256": facts.sha256},
        "thresholds": facts.thresholds.model_dump(),
        "metrics": dict(facts.metrics),
        "fields": fields,
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _cell(text: str) -> str:
    """A text that stays in its cell of a Markdown table."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
