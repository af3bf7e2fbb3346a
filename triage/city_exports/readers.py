"""Reads exports record by record: tables, Open311 GeoReport v2 (JSON or XML) and Signalen (JSON or CSV)."""

import json
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from triage.alert_files import CsvLines, JsonLines
from triage.city_exports.mapping import Columns
from triage.city_exports.open311_xml import xml_requests
from triage.city_exports.report import ForeignReport, Refusal, as_text, day_of
from triage.errors import InvalidConfiguration

MAX_DOCUMENT_BYTES = 256_000_000
_CHUNK = 1_000

Found = ForeignReport | Refusal
_Record = tuple[int, Any]
_Reading = Callable[[int, Mapping[str, Any]], ForeignReport]

# Signalen's own names, and those of the flat tables that its queries write.
_SIGNALEN_MAIN = ("main_slug", "main_category", "main")
_SIGNALEN_SUB = ("sub_slug", "sub_category", "sub")


class ExportFormat(StrEnum):
    """What wrote the file."""

    CSV = "csv"
    OPEN311 = "open311"
    SIGNALEN = "signalen"


def read_export(path: Path, export_format: ExportFormat, columns: Columns | None) -> Iterator[Found]:
    """Every record of an export as a report, or why it is none.

    Args:
        path: a table (`.csv`), a document (`.json`, `.xml`) or one object a line (`.jsonl`, `.ndjson`).
        export_format: what wrote it.
        columns: names of a table's columns, for `csv`.

    Raises:
        InvalidConfiguration: the file as a whole cannot be read.
    """
    if export_format is ExportFormat.CSV:
        if columns is None:
            raise InvalidConfiguration(
                f"Which columns of {path} hold text and category? It has {', '.join(CsvLines(path, None, ()).names)}."
                " Name them in a file for --mapping, as in {source: my-city, licence: unknown, language: told,"
                " priority: normale, columns: {id: id, text: [subject, details], category: [group, kind]}}."
            )
        return _reports(_table(path, columns.names()), _column_reading(columns))
    if export_format is ExportFormat.SIGNALEN:
        records = _table(path, frozenset({"text"})) if path.suffix.lower() == ".csv" else _documents(path)
        return _reports(records, _signal)
    records = xml_requests(path) if path.suffix.lower() == ".xml" else _documents(path)
    return _reports(records, _service_request)


def _reports(records: Iterator[_Record | Refusal], reading: _Reading) -> Iterator[Found]:
    for record in records:
        if isinstance(record, Refusal):
            yield record
        elif not isinstance(record[1], Mapping):
            yield Refusal(record[0], "no_object", "It is no object with named fields.")
        else:
            yield reading(*record)


def _column_reading(columns: Columns) -> _Reading:
    def report(place: int, cells: Mapping[str, Any]) -> ForeignReport:
        def cell(name: str | None) -> str:
            return as_text(cells.get(name)) if name else ""

        parts = [text for name in columns.category if (text := cell(name))]
        return ForeignReport(
            place=place,
            id=cell(columns.id),
            text=" ".join(filter(None, map(cell, columns.text))),
            categories=_most_exact_first(parts, " / "),
            department=cell(columns.department),
            priority=cell(columns.priority),
            language=cell(columns.language),
            reported_on=day_of(cell(columns.reported_on)),
        )

    return report


def _service_request(place: int, request: Mapping[str, Any]) -> ForeignReport:
    names = (as_text(request.get("service_code")), as_text(request.get("service_name")))
    return ForeignReport(
        place=place,
        id=as_text(request.get("service_request_id")),
        text=as_text(request.get("description")),
        categories=tuple(dict.fromkeys(filter(None, names))),
        department=as_text(request.get("agency_responsible")),
        priority=as_text(request.get("priority")),
        reported_on=day_of(request.get("requested_datetime")),
    )


def _signal(place: int, signal: Mapping[str, Any]) -> ForeignReport:
    # In the interface's answers category and priority are objects, in flat tables they are columns.
    category = signal["category"] if isinstance(signal.get("category"), Mapping) else signal
    priority = signal.get("priority")
    parts = [text for names in (_SIGNALEN_MAIN, _SIGNALEN_SUB) if (text := _first(category, names))]
    return ForeignReport(
        place=place,
        id=_first(signal, ("id_display", "id", "signal_id")),
        text=" ".join(filter(None, (as_text(signal.get("text")), as_text(signal.get("text_extra"))))),
        categories=_most_exact_first(parts, "/"),
        department=as_text(category.get("departments")),
        priority=as_text(priority.get("priority") if isinstance(priority, Mapping) else priority),
        reported_on=day_of(signal.get("created_at")),
    )


def _first(record: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := as_text(record.get(name)))), "")


def _most_exact_first(parts: list[str], joint: str) -> tuple[str, ...]:
    """A path of categories, then its last and its first step alone."""
    return tuple(dict.fromkeys((joint.join(parts), parts[-1], parts[0]))) if parts else ()


def _table(path: Path, required: frozenset[str]) -> Iterator[_Record | Refusal]:
    source = CsvLines(path, None, sorted(required))
    for chunk in source.chunks(_CHUNK):
        for line in chunk:
            yield _object(line.number, line.content) if not line.fault else _broken(line.number, line.fault.message)


def _documents(path: Path) -> Iterator[_Record | Refusal]:
    if path.suffix.lower() in {".jsonl", ".ndjson"}:
        for chunk in JsonLines(path).chunks(_CHUNK):
            yield from (_object(line.number, line.content) for line in chunk)
    else:
        yield from enumerate(_listed(path), 1)


def _object(place: int, content: bytes) -> _Record | Refusal:
    try:
        return place, json.loads(content)
    except (ValueError, RecursionError):  # bytes that are no UTF-8 are a ValueError too
        return _broken(place, "is no JSON, or not UTF-8; export it again as UTF-8")


def _broken(place: int, what: str) -> Refusal:
    return Refusal(place, "broken_record", f"The record {what}.")


def _listed(path: Path) -> list[Any]:
    """The records of a document: a list, or the list within an answer of an interface."""
    if path.stat().st_size > MAX_DOCUMENT_BYTES:
        raise InvalidConfiguration(
            f"{path} is larger than {MAX_DOCUMENT_BYTES // 1_000_000} MB, which is held in memory as a whole; write one"
            " object a line (.jsonl), or several files."
        )
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise InvalidConfiguration(f"{path} is no JSON document ({error}); one object a line needs .jsonl.") from error
    if isinstance(document, Mapping):
        lists = [document[name] for name in ("results", "service_requests", "requests", "features") if name in document]
        document = lists[0] if lists else None
    if not isinstance(document, list):
        raise InvalidConfiguration(f"{path} holds no list of reports, as such an export has it.")
    return document
