"""Cells of foreign tables become alerts of the contract, or rows that say what is wrong."""

import base64
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from cli.backfill.rows import FIELDS, RowReader, choose_columns
from triage.alert import parse_alert
from triage.errors import InvalidAlert, InvalidConfiguration


def read(**cells: Any) -> dict[str, Any]:
    row = RowReader(FIELDS, "Europe/Paris").read(7, cells)
    return json.loads(row.content)


# Columns


def test_columns_named_as_fields_are_read_and_others_passed_over() -> None:
    assert choose_columns((), ["id", "text", "lat", "street"], "a.csv") == {"id": "id", "text": "text", "lat": "lat"}


def test_a_field_is_read_from_the_column_that_is_named() -> None:
    chosen = choose_columns(("text=Beschreibung", "id=Nr=2"), ["Nr=2", "Beschreibung", "text"], "a.csv")
    assert chosen == {"text": "Beschreibung", "id": "Nr=2"}


def test_a_field_without_a_column_is_left_out() -> None:
    assert choose_columns(("photo=",), ["text", "photo"], "a.csv") == {"text": "text"}


@pytest.mark.parametrize(
    ("given", "present", "said"),
    [
        ((), ["message"], "--column text=COLUMN"),
        (("text=Message",), ["message"], "'Message'"),
        (("words=message",), ["message"], "--column words=message"),
        (("text",), ["message"], "FIELD=COLUMN"),
        ((), ["text", "text"], "twice"),
        (("text=",), ["text"], "no column text or photo"),
    ],
)
def test_columns_that_are_not_there_are_one_sentence(given: tuple[str, ...], present: list[str], said: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        choose_columns(given, present, "a.csv")
    assert said in caught.value.message
    assert caught.value.message.endswith(".")


# Cells


def test_what_a_cell_leaves_open_is_no_field() -> None:
    cells = {"id": "a", "text": "trou", "lat": None, "lon": float("nan"), "category_hint": "", "photo": []}
    assert read(**cells) == {"id": "a", "text": "trou"}


@pytest.mark.parametrize(("cell", "name"), [(12, "12"), (12.0, "12"), (Decimal(12), "12"), ("12", "12"), (b"x", "x")])
def test_an_id_is_written_as_text(cell: Any, name: str) -> None:
    assert read(id=cell)["id"] == name


@pytest.mark.parametrize("cell", [47.3, "47.3", "47,3", Decimal("47.3")])
def test_a_place_may_be_a_number_or_have_a_decimal_comma(cell: Any) -> None:
    assert read(lat=cell)["lat"] == 47.3


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026-01-31T08:30:00", "2026-01-31T08:30:00+01:00"),
        ("2026-07-31 08:30:00", "2026-07-31T08:30:00+02:00"),
        ("2026-01-31", "2026-01-31T00:00:00+01:00"),
        (datetime(2026, 7, 31, 8, 30), "2026-07-31T08:30:00+02:00"),
        (date(2026, 1, 31), "2026-01-31T00:00:00+01:00"),
        (datetime(2026, 1, 31, 8, 30, tzinfo=UTC), "2026-01-31T08:30:00+00:00"),
        ("2026-01-31T08:30:00Z", "2026-01-31T08:30:00Z"),
    ],
)
def test_a_moment_without_a_zone_is_the_citys(cell: Any, moment: str) -> None:
    assert read(created_at=cell)["created_at"] == moment


@pytest.mark.parametrize("cell", ["20260131", "yesterday", 5, "2026-02-30"])
def test_a_moment_that_is_none_is_refused_as_the_service_refuses_it(cell: Any) -> None:
    row = RowReader(FIELDS, "Europe/Paris").read(1, {"id": "a", "text": "trou", "created_at": cell})
    with pytest.raises(InvalidAlert) as caught:
        parse_alert(row.content)
    assert [error.field for error in caught.value.errors] == ["created_at"]


def test_a_photo_is_a_path_as_text_and_a_picture_as_bytes() -> None:
    picture = {"base64": base64.b64encode(b"JPEG").decode()}
    assert read(photo="a.jpg")["photo"] == "a.jpg"
    assert read(photo=b"JPEG")["photo"] == picture
    assert read(photo=["a.jpg", b"JPEG"])["photo"] == ["a.jpg", picture]


def test_a_row_of_an_archive_without_ids_is_named_by_its_number() -> None:
    row = RowReader(("text",), "Europe/Paris").read(7, {"text": "trou"})
    assert (row.number, row.id) == (7, "row 7")
    assert parse_alert(row.content).id == "row 7"


def test_a_row_without_an_id_among_rows_with_ids_is_refused() -> None:
    row = RowReader(FIELDS, "Europe/Paris").read(7, {"id": None, "text": "trou"})
    assert row.id is None
    with pytest.raises(InvalidAlert, match="id"):
        parse_alert(row.content)


@pytest.mark.parametrize("cell", [{"a": 1}, ["x"], True, "\udcff", "\x00"])
def test_a_text_that_is_none_makes_one_bad_row(cell: Any) -> None:
    row = RowReader(FIELDS, "Europe/Paris").read(1, {"id": "a", "text": cell})
    with pytest.raises(InvalidAlert):
        parse_alert(row.content)
