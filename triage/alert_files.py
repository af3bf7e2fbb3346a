"""Files of alerts, read in chunks that fit into memory whatever the file's size: JSON Lines and CSV."""

import codecs
import csv
import io
import json
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from triage.errors import FieldError, InvalidAlert, InvalidConfiguration

MAX_LINE_BYTES = 64_000_000
_MAX_HEADER_BYTES = 65_536
_DELIMITERS = ",;\t"
_BROKEN = FieldError("row", "broken_row", "has a cell that is too long, or whose quotation marks do not match")
_SURPLUS = FieldError("row", "surplus_cells", "has more cells than the first line has names")
_NUMBERS = frozenset({"lat", "lon"})


class Line(NamedTuple):
    """One alert of a file as JSON, and the number of the line on which it ends; `fault` says why it is none."""

    number: int
    content: bytes
    fault: FieldError | None = None


class JsonLines:
    """A file with one JSON object a line; `total` and `done` count bytes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.total = path.stat().st_size
        self.done = 0

    def chunks(self, size: int) -> Iterator[list[Line]]:
        """Lines that are not blank, at most `size` at a time."""
        with self._path.open("rb") as source:
            for chunk in _chunks(_lines(source), size):
                self.done = source.tell()
                yield chunk


class CsvLines:
    """A table as spreadsheets export it, with commas, semicolons or tabs; its first line names the alert's fields.

    A row becomes the JSON of one alert. An empty cell is an absent field; places may have a decimal comma.
    """

    def __init__(self, path: Path, fields: Collection[str] | None, required: Collection[str]) -> None:
        """Read the first line.

        Args:
            path: the table.
            fields: columns that there may be; any where none is given, as in another system's table.
            required: columns that there must be.

        Raises:
            InvalidConfiguration: it lacks a column, or names one that is no field of an alert.
        """
        self._path = path
        self.total = path.stat().st_size
        self.done = 0
        with path.open("rb") as source:
            first = source.readline(_MAX_HEADER_BYTES).removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
        self._delimiter = max(_DELIMITERS, key=first.count)
        self.names = [name.strip() for name in next(csv.reader([first], delimiter=self._delimiter), [])]
        _check_header(self.names, fields, required)

    def chunks(self, size: int) -> Iterator[list[Line]]:
        """Rows that are not blank, at most `size` at a time."""
        with self._path.open("rb") as source:
            # What is no UTF-8 goes through as it is: it makes one bad row, not a bad file.
            text = io.TextIOWrapper(source, encoding="utf-8", errors="surrogateescape", newline="")
            for chunk in _chunks(self._rows(text), size):
                self.done = source.tell()
                yield chunk

    def _rows(self, text: Iterable[str]) -> Iterator[Line]:
        reader = csv.reader(text, delimiter=self._delimiter, strict=True)
        next(reader)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield Line(reader.line_num, b"", _BROKEN)
                continue
            if any(cells):
                yield self._as_line(reader.line_num, cells)

    def _as_line(self, number: int, cells: list[str]) -> Line:
        values = {name: _value(name, cell) for name, cell in zip(self.names, cells, strict=False) if cell}
        content = json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogateescape")
        surplus = any(cells[len(self.names) :])
        return Line(number, content, _SURPLUS if surplus else None)


def error_line(line: bytes, error: InvalidAlert) -> bytes:
    """What is written in place of an answer to a bad line."""
    body = {"id": id_of(line), "error": {"code": error.code, "message": error.message}}
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def id_of(line: bytes) -> str | None:
    """The id that a line names, as far as it can be read."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return None
    name = document.get("id") if isinstance(document, dict) else None
    return name if isinstance(name, str) else None


def _lines(source: BinaryIO) -> Iterator[Line]:
    number = 0
    while line := source.readline(MAX_LINE_BYTES):
        number += 1
        _skip_rest(source, line)
        if line.strip():
            yield Line(number, line)


def _skip_rest(source: BinaryIO, line: bytes) -> None:
    # A line over the limit is one bad line, so what is left of it must not be read as another.
    while len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
        line = source.readline(MAX_LINE_BYTES)


def _chunks(lines: Iterable[Line], size: int) -> Iterator[list[Line]]:
    chunk: list[Line] = []
    held = 0
    for line in lines:
        chunk.append(line)
        held += len(line.content)
        if len(chunk) == size or held > MAX_LINE_BYTES:  # lines with photos are large
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk


def _check_header(names: list[str], fields: Collection[str] | None, required: Collection[str]) -> None:
    known = f"it has {', '.join(names)}" if fields is None else f"an alert has {', '.join(fields)}"
    for name in names:
        if fields is not None and name not in fields:
            raise InvalidConfiguration(f"The column '{name[:80]}' is no field of an alert; {known}.")
        if names.count(name) > 1:
            raise InvalidConfiguration(f"The column '{name}' stands twice in the first line; give it once.")
    for name in required:
        if name not in names:
            raise InvalidConfiguration(f"The first line lacks the column '{name}'; {known}.")


def _value(name: str, cell: str) -> str | float:
    if name in _NUMBERS:
        try:
            return float(cell.replace(",", "."))
        except ValueError:
            return cell  # the check of the alert says what is wrong with it
    return cell
