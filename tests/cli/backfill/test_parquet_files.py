"""Parquet files: cut inside row groups, with cells of any type."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.implementations.local import LocalFileSystem

from cli.backfill.parquet_files import ParquetFiles
from triage.errors import FieldError, InvalidConfiguration

FS = LocalFileSystem()


def read(path: Path, rows: int, **columns: str) -> list[Any]:
    files = ParquetFiles()
    found = []
    for piece in files.pieces(FS, str(path), rows):
        part = list(files.read(FS, str(path), piece, columns))
        assert len(part) == piece.rows <= rows
        found += part
    return found


@pytest.mark.parametrize("size", [1, 7, 64, 100, 1_000])
@pytest.mark.parametrize("group", [10, 150, 500])
def test_rows_are_the_same_however_the_file_is_cut(tmp_path: Path, size: int, group: int) -> None:
    numbers = list(range(431))
    pq.write_table(pa.table({"n": numbers, "other": numbers}), tmp_path / "a.parquet", row_group_size=group)
    assert [row["id"] for row in read(tmp_path / "a.parquet", size, id="n")] == numbers


def test_one_column_may_hold_two_fields(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["trou"]}), tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet", 5, text="text", category_hint="text") == [
        {"text": "trou", "category_hint": "trou"}
    ]


def test_moments_lose_their_nanoseconds(tmp_path: Path) -> None:
    moments = pa.array([1_769_844_600_000_000_001, None], pa.timestamp("ns", "UTC"))
    pq.write_table(pa.table({"at": moments}), tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet", 5, created_at="at") == [
        {"created_at": datetime(2026, 1, 31, 7, 30, tzinfo=UTC)},
        {"created_at": None},
    ]


def test_a_moment_outside_the_calendar_makes_one_bad_row(tmp_path: Path) -> None:
    moments = pa.array([2**60, 0], pa.timestamp("us"))
    pq.write_table(pa.table({"at": moments}), tmp_path / "a.parquet")
    bad, good = read(tmp_path / "a.parquet", 5, created_at="at")
    assert isinstance(bad, FieldError)
    assert good["created_at"].year == 1970


def test_words_kept_once_are_read_as_words(tmp_path: Path) -> None:
    pq.write_table(pa.table({"t": pa.array(["a", "b", "a"]).dictionary_encode()}), tmp_path / "a.parquet")
    assert [row["text"] for row in read(tmp_path / "a.parquet", 2, text="t")] == ["a", "b", "a"]


@pytest.mark.parametrize("content", [b"", b"id,text\na,trou\n", b"PAR1" + b"\x00" * 50 + b"PAR1"])
def test_a_file_of_another_kind_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(InvalidConfiguration, match=r"a\.parquet"):
        ParquetFiles().columns(FS, str(tmp_path / "a.parquet"))
