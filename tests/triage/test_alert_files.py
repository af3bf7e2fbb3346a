"""Files of alerts: line by line or row by row, in chunks, with the numbers that an editor shows."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from triage.alert_files import MAX_LINE_BYTES, CsvLines, JsonLines, Line, error_line, id_of
from triage.errors import FieldError, InvalidAlert, InvalidConfiguration

FIELDS = ("id", "text", "lat", "lon", "created_at", "photo")
Write = Callable[[bytes | str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def file(content: bytes | str) -> Path:
        path = tmp_path / "alerts"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return file


def table(path: Path) -> CsvLines:
    return CsvLines(path, FIELDS, ("id", "created_at"))


def rows(path: Path) -> list[tuple[int, Any]]:
    lines = [line for chunk in table(path).chunks(10) for line in chunk]
    assert not [line.fault for line in lines if line.fault]
    return [(line.number, json.loads(line.content)) for line in lines]


def test_lines_keep_their_numbers_and_blank_ones_are_left_out(write: Write) -> None:
    lines = JsonLines(write(b'{"id": 1}\r\n\n   \n{"id": 2}\nno JSON'))
    assert list(lines.chunks(2)) == [
        [Line(1, b'{"id": 1}\r\n'), Line(4, b'{"id": 2}\n')],
        [Line(5, b"no JSON")],
    ]


@pytest.mark.parametrize("kind", [JsonLines, table])
def test_progress_ends_with_the_file(write: Write, kind: Callable[[Path], JsonLines | CsvLines]) -> None:
    source = kind(write("id,created_at\n" + "a,b\n" * 5_000))
    counts = []
    for chunk in source.chunks(700):
        counts.append(len(chunk))
        assert 0 < source.done <= source.total
    assert source.done == source.total == 20_014
    assert max(counts) == 700


@pytest.mark.slow
def test_a_line_over_the_limit_is_one_line_and_large_lines_make_small_chunks(write: Write) -> None:
    large = b"a" * (MAX_LINE_BYTES + 10)
    chunks = JsonLines(write(large + b"\nb\n")).chunks(10)
    lines = [line for chunk in chunks for line in chunk]
    assert [(line.number, len(line.content)) for line in lines] == [(1, MAX_LINE_BYTES), (2, 2)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_a_table_may_be_delimited_as_spreadsheets_do(write: Write, delimiter: str, start: str) -> None:
    lines = ("id,text,created_at", 'a,"trou, profond\nau 12",2026-01-01', "b,,2026-01-02", ",,")
    content = start + "\r\n".join(lines).replace("trou, profond", "trou profond").replace(",", delimiter)
    assert rows(write(content)) == [
        (3, {"id": "a", "text": "trou profond\nau 12", "created_at": "2026-01-01"}),
        (4, {"id": "b", "created_at": "2026-01-02"}),
    ]


def test_places_are_numbers_with_a_point_or_a_comma(write: Write) -> None:
    content = "id;created_at;lat;lon\na;t;47,32;5.04\nb;t;north;5\n"
    assert [row for _, row in rows(write(content))] == [
        {"id": "a", "created_at": "t", "lat": 47.32, "lon": 5.04},
        {"id": "b", "created_at": "t", "lat": "north", "lon": 5.0},
    ]


def test_a_row_that_is_no_utf8_stays_as_it_is(write: Write) -> None:
    lines = [line for chunk in table(write(b"id,created_at,text\na,t,caf\xe9\n")).chunks(9) for line in chunk]
    assert lines == [Line(2, b'{"id": "a", "created_at": "t", "text": "caf\xe9"}')]


def test_rows_that_cannot_be_read_say_why_and_the_others_are_read(write: Write) -> None:
    endless = '"' + "x" * 200_000
    content = f"id,created_at,text\na,t,x,surplus\nb,t,x,\nc,t,{endless}\nd,t,x\n"
    lines = [line for chunk in table(write(content)).chunks(9) for line in chunk]
    assert [(line.number, line.fault and line.fault.code) for line in lines[:3]] == [
        (2, "surplus_cells"),
        (3, None),
        (4, "broken_row"),
    ]
    assert id_of(lines[0].content) == "a"
    assert lines[2].content == b""


def test_a_quotation_mark_that_is_never_closed_hides_no_rows_in_a_text(write: Write) -> None:
    content = 'id,created_at,text\na,t,x\nb,t,"trou\nc,t,x\n'
    lines = [line for chunk in table(write(content)).chunks(9) for line in chunk]
    assert [(line.number, line.fault and line.fault.code) for line in lines] == [(2, None), (4, "broken_row")]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("", "'id'"),
        ("\nid,created_at", "'id'"),
        ("id,text", "'created_at'"),
        ("id,created_at,urgence", "'urgence'"),
        ("id,created_at,id", "twice"),
        ("id,created_at,", "''"),
        ("x" * 200_000, "xxx"),
        ('"id,created_at\n', "column"),
    ],
)
def test_a_first_line_that_does_not_fit_is_refused_before_any_row_is_read(write: Write, header: str, said: str) -> None:
    with pytest.raises(InvalidConfiguration, match=said) as caught:
        table(write(header))
    assert len(caught.value.message) < 300


@pytest.mark.parametrize(
    ("line", "name"),
    [(b'{"id": "a"}', "a"), (b'{"id": 7}', None), (b"[]", None), (b"\xff", None), (b"[" * 100_000, None), (b"", None)],
)
def test_the_id_of_a_bad_line_is_named_where_it_can_be_read(line: bytes, name: str | None) -> None:
    error = InvalidAlert((FieldError("text", "code", "why"),))
    assert id_of(line) == name
    assert json.loads(error_line(line, error)) == {
        "id": name,
        "error": {"code": "invalid_alert", "message": "text: why"},
    }
