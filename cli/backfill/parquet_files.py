"""Parquet files cut inside their row groups."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cli.backfill.parts import Piece
from triage.errors import FieldError, InvalidConfiguration

SUFFIX = ".parquet"
_ROWS_AT_ONCE = 64  # rows with photos are large
_UNREADABLE = FieldError("row", "unreadable_row", "has a value that no calendar or number can hold")


@dataclass(frozen=True, slots=True)
class ParquetFiles:
    """How rows are read from Parquet."""

    def columns(self, fs: Any, path: str) -> list[str]:
        """The names of the columns."""
        with fs.open(path, "rb") as stream:
            return list(_opened(stream, path).schema_arrow.names)

    def pieces(self, fs: Any, path: str, rows: int) -> Iterator[Piece]:
        """Cut a file into pieces of at most so many rows; `begin` is a row group, `end` the first row in it."""
        with fs.open(path, "rb") as stream:
            metadata = _opened(stream, path).metadata
            for group in range(metadata.num_row_groups):
                size = metadata.row_group(group).num_rows
                for first in range(0, size, rows):
                    yield Piece(group, first, min(rows, size - first))

    def read(
        self, fs: Any, path: str, piece: Piece, columns: Mapping[str, str]
    ) -> Iterator[Mapping[str, Any] | FieldError]:
        """The cells of each row by field; in place of a row that is none, why."""
        with fs.open(path, "rb") as stream:
            table = _opened(stream, path)
            batches = table.iter_batches(_ROWS_AT_ONCE, row_groups=[piece.begin], columns=sorted(set(columns.values())))
            passed, stop = 0, piece.end + piece.rows
            for batch in batches:
                first, last = max(piece.end - passed, 0), min(stop - passed, len(batch))
                passed += len(batch)
                cells = {field: _microseconds(batch.column(column)) for field, column in columns.items()}
                for place in range(first, last):
                    yield _cells(cells, place)
                if passed >= stop:
                    return


def _opened(stream: Any, path: str) -> Any:
    try:
        return pq.ParquetFile(stream)
    except (pa.ArrowException, OSError) as error:
        raise InvalidConfiguration(f"{path} is no Parquet file that can be read: {error}.") from error


def _microseconds(column: Any) -> Any:
    # Python's moments have no nanoseconds.
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        return column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return column


def _cells(columns: Mapping[str, Any], place: int) -> Mapping[str, Any] | FieldError:
    try:
        return {field: column[place].as_py() for field, column in columns.items()}
    except (ValueError, OverflowError):
        return _UNREADABLE
