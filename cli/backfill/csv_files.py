"""CSV files cut at places between rows, so that any part can be read without those before it."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cli.backfill.parts import Piece
from triage.errors import FieldError, InvalidConfiguration

SUFFIX = ".csv"
_BOM = b"\xef\xbb\xbf"
_DELIMITERS = ",;\t|"
_MAX_HEADER_BYTES = 1_000_000
_MAX_LINE_BYTES = 1_000_000  # a cell may have 131,072 characters, and more is a bad row
_MAX_PIECE_BYTES = 32_000_000
_BROKEN = FieldError("row", "broken_row", "has a cell that is too long, or whose quotation marks do not match")
_SURPLUS = FieldError("row", "surplus_cells", "has more cells than the first line has names")


class _Lines:
    """Lines of a stream as text; `offset` is where the next one begins, in bytes."""

    def __init__(self, stream: Any, encoding: str, offset: int = 0) -> None:
        self._stream = stream
        self._encoding = encoding
        self.offset = offset

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line: bytes = self._stream.readline(_MAX_LINE_BYTES)
        if not line:
            raise StopIteration
        start, self.offset = self.offset, self.offset + len(line)
        return (line.removeprefix(_BOM) if start == 0 else line).decode(self._encoding, "surrogateescape")


@dataclass(frozen=True, slots=True)
class CsvFiles:
    """How rows are read from CSV.

    Attributes:
        encoding: such as utf-8 or cp1252.
        separator: one character; where it is None, the one that the first line has most of.
    """

    encoding: str = "utf-8"
    separator: str | None = None

    def __post_init__(self) -> None:
        """Check both.

        Raises:
            InvalidConfiguration: the encoding is unknown or one in which rows cannot be told apart.
        """
        try:
            plain = '\r\n";,\t|'.encode(self.encoding) == b'\r\n";,\t|'
        except (LookupError, UnicodeEncodeError):
            plain = False
        if not plain:
            raise InvalidConfiguration(
                f"The encoding {self.encoding} cannot be read in parts; name one such as utf-8 or cp1252, or write the"
                " file anew as UTF-8."
            )
        if self.separator is not None and len(self.separator) != 1:
            raise InvalidConfiguration("--separator takes one character, such as ';'.")

    def columns(self, fs: Any, path: str) -> list[str]:
        """The names in the first line."""
        return self._header(fs, path)[0]

    def pieces(self, fs: Any, path: str, rows: int) -> Iterator[Piece]:
        """Cut a file into pieces of so many rows; `begin` and `end` are bytes."""
        _, separator, begin = self._header(fs, path)
        with fs.open(path, "rb") as stream:
            stream.seek(begin)
            count, end = 0, begin
            for end, _ in _records(_Lines(stream, self.encoding, begin), separator):
                count += 1
                if count == rows or end - begin > _MAX_PIECE_BYTES:
                    yield Piece(begin, end, count)
                    begin, count = end, 0
            if count:
                yield Piece(begin, end, count)

    def read(
        self, fs: Any, path: str, piece: Piece, columns: Mapping[str, str]
    ) -> Iterator[Mapping[str, Any] | FieldError]:
        """The cells of each row by field; in place of a row that is none, why."""
        names, separator, _ = self._header(fs, path)
        places = {field: names.index(column) for field, column in columns.items()}
        stream = io.BytesIO(fs.cat_file(path, start=piece.begin, end=piece.end))
        for _, cells in _records(_Lines(stream, self.encoding, piece.begin), separator):
            if cells is None:
                yield _BROKEN
            elif any(cells[len(names) :]):
                yield _SURPLUS
            else:
                yield {field: cells[place] for field, place in places.items() if place < len(cells)}

    def _header(self, fs: Any, path: str) -> tuple[list[str], str, int]:
        """The names in the first line, the separator, and where rows begin."""
        lines = _Lines(io.BytesIO(fs.cat_file(path, start=0, end=_MAX_HEADER_BYTES)), self.encoding)
        first = next(lines, "")
        separator = self.separator or max(_DELIMITERS, key=first.count)
        names = next(csv.reader([first], delimiter=separator), [])
        return [name.strip() for name in names], separator, lines.offset


def _records(lines: _Lines, separator: str) -> Iterator[tuple[int, list[str] | None]]:
    """Where each row that is not blank ends, and its cells; None for one that cannot be told."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield lines.offset, None
            continue
        if any(cells):
            yield lines.offset, cells
