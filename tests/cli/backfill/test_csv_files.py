"""CSV files: whatever the size of the parts, the rows are those of the whole file."""

import csv
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.local import LocalFileSystem
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.backfill.csv_files import CsvFiles
from triage.errors import FieldError, InvalidConfiguration

FS = LocalFileSystem()
COLUMNS = {"id": "id", "text": "text"}
CELLS = st.text(st.sampled_from('ab é,;"\n\r\t'), max_size=8)


def rows_of(path: Path, rows: int, files: CsvFiles | None = None) -> list[Any]:
    """Every row, read piece by piece."""
    files = files or CsvFiles()
    pieces = list(files.pieces(FS, str(path), rows))
    assert all(piece.rows <= rows for piece in pieces)
    found = [list(files.read(FS, str(path), piece, COLUMNS)) for piece in pieces]
    assert [len(each) for each in found] == [piece.rows for piece in pieces]
    return [row for each in found for row in each]


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    cells=st.lists(st.tuples(st.just("x"), CELLS), max_size=12),
    size=st.integers(1, 5),
    end=st.sampled_from(("\n", "\r\n")),
)
def test_rows_are_the_same_however_the_file_is_cut(
    tmp_path: Path, cells: list[tuple[str, str]], size: int, end: str
) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator=end, quoting=csv.QUOTE_ALL)
        writer.writerows([("id", "text"), *cells])
    assert rows_of(path, size) == [dict(zip(COLUMNS, row, strict=True)) for row in cells]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_first_line_tells_the_separator(tmp_path: Path, separator: str) -> None:
    path = written(tmp_path / "a.csv", f"id{separator}text\na{separator}trou\n".encode())
    assert rows_of(path, 1) == [{"id": "a", "text": "trou"}]


def test_another_separator_and_encoding_can_be_named(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "id^text\na^éteint à 5 €\n".encode("cp1252"))
    assert rows_of(path, 1, CsvFiles("cp1252", "^")) == [{"id": "a", "text": "éteint à 5 €"}]


def test_a_byte_order_mark_belongs_to_no_name(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", b"\xef\xbb\xbfid,text\na,trou\n")
    assert CsvFiles().columns(FS, str(path)) == ["id", "text"]
    assert rows_of(path, 1) == [{"id": "a", "text": "trou"}]


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", b"id,text\n\na,trou\n,\n\nb,banc\n\n")
    assert rows_of(path, 1) == [{"id": "a", "text": "trou"}, {"id": "b", "text": "banc"}]


def test_a_broken_row_costs_no_other_row(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", b'id,text\na,trou\nb,"ouvert" encore\nc,banc,de trop\nd\ne,lampe\n')
    for size in (1, 2, 10):
        first, broken, surplus, short, last = rows_of(path, size)
        assert first == {"id": "a", "text": "trou"}
        assert isinstance(broken, FieldError)
        assert broken.code == "broken_row"
        assert isinstance(surplus, FieldError)
        assert surplus.code == "surplus_cells"
        assert short == {"id": "d"}
        assert last == {"id": "e", "text": "lampe"}


def test_a_quotation_mark_that_never_ends_is_one_bad_row_at_a_time(tmp_path: Path) -> None:
    lines = b"".join(b"%d,trou\n" % number for number in range(40_000))
    path = written(tmp_path / "a.csv", b'id,text\nx,"sans fin\n' + lines)
    found = rows_of(path, 5_000)
    assert isinstance(found[0], FieldError)
    assert found[-1] == {"id": "39999", "text": "trou"}


def test_bytes_that_are_no_text_pass_as_they_are(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", b"id,text\na,\xff\nb,trou\n")
    assert rows_of(path, 1) == [{"id": "a", "text": "\udcff"}, {"id": "b", "text": "trou"}]


@pytest.mark.parametrize("content", [b"", b"id,text", b"id,text\n", b"id,text\n\n\n"])
def test_a_file_without_rows_has_no_pieces(tmp_path: Path, content: bytes) -> None:
    assert rows_of(written(tmp_path / "a.csv", content), 3) == []


@pytest.mark.parametrize(
    "options", [{"encoding": "utf-16"}, {"encoding": "nope"}, {"encoding": "rot13"}, {"separator": ";;"}]
)
def test_what_cannot_be_cut_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(InvalidConfiguration):
        CsvFiles(**options)
