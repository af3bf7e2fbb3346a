"""Rows of an archive as alerts: which column holds which field, and what foreign cells mean."""

import base64
import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from triage.errors import FieldError, InvalidConfiguration

FIELDS = ("id", "text", "photo", "lat", "lon", "created_at", "category_hint")
_NUMBERS = frozenset({"lat", "lon"})
_MAX_NAMED = 30


class Row(NamedTuple):
    """One row of the archive: its number in the whole archive, from 1, its id as far as it has one, and its alert.

    `content` is the alert's JSON; `fault` says why there is none.
    """

    number: int
    id: str | None
    content: bytes = b""
    fault: FieldError | None = None


def choose_columns(given: Sequence[str], present: Sequence[str], file: str) -> dict[str, str]:
    """Which column of a file holds which field of an alert.

    Args:
        given: what was asked for, such as `text=Beschreibung`; nothing behind the sign leaves the field out. A field
            that is not named is read from a column of its own name, if there is one.
        present: the file's columns.
        file: named in errors.

    Raises:
        InvalidConfiguration: a field or a column does not exist, or neither text nor photo is found.
    """
    chosen = {name: name for name in FIELDS if name in present}
    for pair in given:
        field, sign, column = pair.partition("=")
        if not sign or field not in FIELDS:
            raise InvalidConfiguration(
                f"--column {pair} names no field; write FIELD=COLUMN with one of {', '.join(FIELDS)}."
            )
        chosen.pop(field, None)
        if column:
            chosen[field] = column
    for field, column in chosen.items():
        if present.count(column) != 1:
            fault = "stands twice in" if column in present else "is missing in"
            raise InvalidConfiguration(
                f"The column '{column}' for {field} {fault} {file}, which has {_named(present)}; name another with"
                f" --column {field}=COLUMN."
            )
    if not chosen.keys() & {"text", "photo"}:
        raise InvalidConfiguration(
            f"{file} has no column text or photo; say which holds the text with --column text=COLUMN. It has"
            f" {_named(present)}."
        )
    return chosen


def _named(columns: Sequence[str]) -> str:
    return ", ".join(name[:80] for name in columns[:_MAX_NAMED]) + (", …" if len(columns) > _MAX_NAMED else "")


@dataclass(frozen=True, slots=True)
class RowReader:
    """Turns cells into alerts.

    Attributes:
        fields: those that are read; a row without an `id` among them is named by its number.
        zone: the time zone of moments that name none, which archives rarely do.
    """

    fields: Collection[str]
    zone: str

    def read(self, number: int, cells: Mapping[str, Any]) -> Row:
        """A row from its cells by field; what a cell leaves open is no field of the alert."""
        told = {name: value for name, cell in cells.items() if not _is_absent(value := self._value(name, cell))}
        if "id" not in self.fields:
            told["id"] = f"row {number}"
        # What was no text in the file's encoding goes through as it is: it makes one bad row.
        content = json.dumps(told, ensure_ascii=False, default=str).encode("utf-8", "surrogateescape")
        return Row(number, _readable(told.get("id")), content)

    def _value(self, name: str, cell: Any) -> Any:
        if name == "photo":
            return _photos(cell)
        if isinstance(cell, bytes):
            cell = cell.decode("utf-8", "surrogateescape")
        if name in _NUMBERS:
            return _number(cell)
        if name == "created_at":
            return _moment(cell, self.zone)
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)  # as tables keep whole numbers where some are missing
        return str(cell) if isinstance(cell, int | Decimal) and not isinstance(cell, bool) else cell


def _is_absent(value: Any) -> bool:
    return value is None or value in ("", []) or (isinstance(value, float) and math.isnan(value))


def _readable(name: Any) -> str | None:
    return name.encode("utf-8", "replace").decode() if isinstance(name, str) else None


def _photos(cell: Any) -> Any:
    if isinstance(cell, bytes):
        return {"base64": base64.b64encode(cell).decode()} if cell else None
    return [_photos(item) for item in cell] if isinstance(cell, list) else cell


def _number(cell: Any) -> Any:
    try:
        return float(cell.replace(",", ".") if isinstance(cell, str) else cell)
    except (TypeError, ValueError):
        return cell  # the check of the alert says what is wrong with it


def _moment(cell: Any, zone: str) -> Any:
    if isinstance(cell, date) and not isinstance(cell, datetime):
        cell = datetime.combine(cell, time())
    if not isinstance(cell, str | datetime):
        return cell
    try:
        moment = datetime.fromisoformat(cell) if isinstance(cell, str) else cell
    except ValueError:
        return cell
    # "20260101" is read as a date too, but is no way to write one in the contract.
    if moment.tzinfo is None and "-" in str(cell):
        return moment.replace(tzinfo=ZoneInfo(zone)).isoformat()
    return cell.isoformat() if isinstance(cell, datetime) else cell
