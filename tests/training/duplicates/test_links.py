"""Links that a city's staff made, from two small tables."""

import csv
import gzip
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from training.duplicates.links import LINKS, MOST, REPORTS, LinkedCase, read_links, texts_of
from triage.errors import InvalidConfiguration

Row = dict[str, object]
ReadTables = Callable[..., tuple[LinkedCase, ...]]
FIELDS = ("service_request_id", "service_name", "description", "requested_datetime", "lat", "long")


def row(name: str, *, day: int = 10, north_m: float = 0, service: str = "Lamps", **fields: object) -> Row:
    place = {"lat": 42.3 + north_m / 111_195, "long": -71.1}
    said = {"service_name": service, "description": f"text of {name}"}
    return {
        "service_request_id": name,
        "requested_datetime": f"2016-07-{day:02}T12:00:00-04:00",
        **said,
        **place,
        **fields,
    }


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Writes both tables as the city publishes them."""

    def write(*rows: Row, links: Sequence[tuple[str, str]] = ()) -> Path:
        stream = io.StringIO(newline="")
        table = csv.DictWriter(stream, FIELDS, extrasaction="raise")
        table.writeheader()
        table.writerows(rows)
        (tmp_path / REPORTS).write_bytes(gzip.compress(stream.getvalue().encode()))
        lines = ["dup_id,original_id,same_service,distance_m,hours_apart"]
        lines += [f"{one},{two},1,0,1" for one, two in links]
        (tmp_path / LINKS).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def read(folder: Callable[..., Path]) -> ReadTables:
    return lambda *rows, links: read_links(folder(*rows, links=links))


def test_a_link_has_the_candidates_around_it_and_its_original_among_them(read: ReadTables) -> None:
    rows = row("new"), row("far", day=9, north_m=150), row("old", day=2, north_m=10), row("alone", north_m=900)
    [found] = read(*rows, links=[("new", "old")])
    assert found.report.id == "new"
    assert [item.id for item in found.candidates] == ["old", "far"]
    assert found.original == 0


def test_candidates_are_of_the_same_service(read: ReadTables) -> None:
    [found] = read(row("new"), row("old"), row("other", service="Roads"), links=[("new", "old")])
    assert [item.id for item in found.candidates] == ["old"]


@pytest.mark.parametrize(
    "original",
    [
        row("old", north_m=201),
        row("old", requested_datetime="2016-06-10T11:59:59-04:00"),
        row("old", requested_datetime="2016-07-12T12:00:01-04:00"),
        row("old", service="Roads"),
        row("old", lat=""),
        row("old", long=""),
        row("old", lat="nan"),
        row("another"),
    ],
)
def test_a_link_whose_original_is_out_of_reach_teaches_nothing(read: ReadTables, original: Row) -> None:
    assert read(row("new"), original, links=[("new", "old")]) == ()


@pytest.mark.parametrize("moment", ["2016-06-10T12:00:00-04:00", "2016-07-12T12:00:00-04:00"])
def test_both_ends_of_the_window_are_in_reach(read: ReadTables, moment: str) -> None:
    assert len(read(row("new"), row("old", requested_datetime=moment), links=[("new", "old")])) == 1


def test_a_link_of_another_year_is_left_out(read: ReadTables) -> None:
    assert read(row("old"), links=[("somebody", "old")]) == ()


def test_a_crowd_is_kept_to_its_nearest(read: ReadTables) -> None:
    crowd = [row(f"n{number}", north_m=number + 1) for number in range(MOST + 5)]
    [found] = read(row("new"), *crowd, links=[("new", "n3"), ("new", f"n{MOST + 2}")])
    assert (len(found.candidates), found.original) == (MOST, 3)


def test_personal_data_are_masked_and_lines_in_a_text_are_kept_together(folder: Callable[..., Path]) -> None:
    rows = row("a", description="call 06 12 34 56 78,\nplease"), row("b", lat="")
    assert texts_of(folder(*rows)) == ["call <TEL>,\nplease"]


@pytest.mark.parametrize("name", [REPORTS, LINKS])
def test_a_missing_table_is_told_with_what_to_do(folder: Callable[..., Path], name: str) -> None:
    tables = folder(row("a"))
    (tables / name).unlink()
    with pytest.raises(InvalidConfiguration, match="set `reports: null`") as caught:
        read_links(tables)
    assert name in caught.value.message
