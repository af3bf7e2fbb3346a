"""The archive: files of one kind, anywhere that fsspec reaches, cut into parts that are always the same."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import fsspec
from fsspec.implementations.local import LocalFileSystem

from cli.backfill.csv_files import SUFFIX as CSV
from cli.backfill.csv_files import CsvFiles
from cli.backfill.parquet_files import SUFFIX as PARQUET
from cli.backfill.parquet_files import ParquetFiles
from cli.backfill.parts import Part, Piece
from cli.backfill.rows import Row, RowReader, choose_columns
from triage.errors import FieldError, InvalidConfiguration

_CHUNK_BYTES = 1 << 20


class Kind(Protocol):
    """How rows are read from files of one kind."""

    def columns(self, fs: Any, path: str) -> list[str]:
        """The names of a file's columns."""

    def pieces(self, fs: Any, path: str, rows: int) -> Iterator[Piece]:
        """Cut a file into pieces of at most so many rows."""

    def read(
        self, fs: Any, path: str, piece: Piece, columns: Mapping[str, str]
    ) -> Iterator[Mapping[str, Any] | FieldError]:
        """The cells of each row by field; in place of a row that is none, why."""


@dataclass(frozen=True, slots=True)
class Archive:
    """Files in order, and which of their columns hold what.

    Attributes:
        fs: where they are.
        files: their paths, in the order in which rows are numbered.
        kind: reads them.
        columns: for each file, the column of each field.
        zone: the time zone of moments that name none.
        folder: where a local archive lies; None for one that is elsewhere.
    """

    fs: Any
    files: tuple[str, ...]
    kind: Kind
    columns: tuple[dict[str, str], ...]
    zone: str
    folder: Path | None

    def digests(self) -> list[tuple[str, int, str]]:
        """The name, bytes and SHA-256 of each file."""
        return [(_name(path), self.fs.size(path), _sha256(self.fs, path)) for path in self.files]

    def parts(self, rows: int) -> Iterator[Part]:
        """Cut the archive into parts of at most so many rows; the same files are always cut alike."""
        number, first = 0, 1
        for file, path in enumerate(self.files):
            for piece in self.kind.pieces(self.fs, path, rows):
                yield Part(number, file, first, piece)
                number, first = number + 1, first + piece.rows

    def rows(self, part: Part) -> Iterator[Row]:
        """The rows of a part."""
        columns = self.columns[part.file]
        reader = RowReader(frozenset(columns), self.zone)
        cells = self.kind.read(self.fs, self.files[part.file], part.piece, columns)
        for number, found in enumerate(cells, part.first_row):
            yield Row(number, None, fault=found) if isinstance(found, FieldError) else reader.read(number, found)


def open_archive(
    url: str, columns: Sequence[str], zone: str, encoding: str = "utf-8", separator: str | None = None
) -> Archive:
    """Find the files of an archive and check their columns.

    Args:
        url: of a file, of a folder with files of one kind, or with `*` in it; anything that fsspec reaches.
        columns: such as `text=Beschreibung`.
        zone: the time zone of moments that name none.
        encoding: of CSV files.
        separator: of CSV files; None to tell it from their first line.

    Raises:
        InvalidConfiguration: there is no such file, or its columns are not what was asked for.
    """
    fs, path = reach(url, "--input")
    files = _found(fs, path)
    suffixes = {_suffix(file) for file in files}
    if len(suffixes) != 1 or not suffixes <= {CSV, PARQUET}:
        raise InvalidConfiguration(
            f"--input {url} names no file that ends in {CSV} or {PARQUET}, or files of both kinds; name a file, a"
            " folder of one kind, or a pattern with *."
        )
    kind: Kind = CsvFiles(encoding, separator) if suffixes == {CSV} else ParquetFiles()
    chosen = tuple(choose_columns(columns, kind.columns(fs, file), _name(file)) for file in files)
    folder = None
    if isinstance(fs, LocalFileSystem):
        folder = Path(path) if fs.isdir(path) else Path(files[0]).parent
    return Archive(fs, files, kind, chosen, zone, folder)


def reach(url: str, option: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it.

    Raises:
        InvalidConfiguration: the URL is of an unknown kind, or the library for it is missing.
    """
    try:
        fs, path = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise InvalidConfiguration(f"{option} {url} cannot be reached: {str(error).rstrip('.')}.") from error
    return fs, path


def _found(fs: Any, path: str) -> tuple[str, ...]:
    if "*" in path:
        return tuple(sorted(fs.glob(path)))
    if not fs.isdir(path):
        return (path,) if fs.isfile(path) else ()
    # Names that begin so are notes beside the data, by a habit of Spark and Arrow.
    plain = (file for file in fs.find(path) if not _name(file).startswith(("_", ".")))
    return tuple(sorted(file for file in plain if _suffix(file) in {CSV, PARQUET}))


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _suffix(path: str) -> str:
    return f".{_name(path).rpartition('.')[2].lower()}"


def _sha256(fs: Any, path: str) -> str:
    digest = hashlib.sha256()
    with fs.open(path, "rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
