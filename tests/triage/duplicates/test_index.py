"""Reports by place in memory, against a look at every one of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.duplicates.index import ReportIndex
from triage.duplicates.report import Report
from triage.places import distance_m

MakeReport = Callable[..., Report]

NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)
# Where cells and boxes are cut: an ordinary town, the antimeridian, the equator, the poles.
CORNERS = [(47.32, 5.04), (-16.8, 180.0), (-16.8, -180.0), (0.0, 0.0), (89.995, 17.0), (-90.0, 0.0)]


@st.composite
def reports(draw: st.DrawFn) -> list[Report]:
    """Reports around one corner of the globe, some at the same place or moment."""
    lat, lon = draw(st.sampled_from(CORNERS))
    found = []
    for number in range(draw(st.integers(1, 12))):
        north = lat + draw(st.floats(-0.006, 0.006))
        east = lon + draw(st.floats(-0.006, 0.006))
        moment = NOON + timedelta(hours=draw(st.integers(-24 * 70, 24 * 70)))
        found.append(Report(str(number), "", max(-90.0, min(90.0, north)), (east + 180) % 360 - 180, moment))
    return found


@given(reports(), st.floats(0, 900), st.integers(0, 100), st.integers(0, 10), st.sampled_from([0.5, 1, 30]))
def test_the_same_are_found_as_by_looking_at_every_report(
    everything: list[Report], radius: float, before: int, after: int, days: float
) -> None:
    index = ReportIndex(days)
    for report in everything:
        index.add(report)
    asked = everything[0]
    since, until = asked.created_at - before * DAY, asked.created_at + after * DAY
    away = {item.id: distance_m(asked.lat, asked.lon, item.lat, item.lon) for item in everything}  # type: ignore[arg-type]
    expected = {
        item.id
        for item in everything[1:]
        if away[item.id] <= radius and since <= item.created_at <= until and radius > 0
    }
    found = [item.id for item in index.near(asked, radius, since, until)]
    assert (set(found), len(found)) == (expected, len(expected))
    assert found == sorted(found, key=lambda name: away[name])


@pytest.fixture
def near(report: MakeReport) -> Callable[..., list[str]]:
    """Ids of those found around the report `a` at noon, a day back and an hour ahead."""

    def find(*others: Report, radius: float = 200, asked: Report | None = None) -> list[str]:
        index = ReportIndex(days=30)
        for other in others:
            index.add(other)
        return [item.id for item in index.near(asked or report("a"), radius, NOON - DAY, NOON + timedelta(hours=1))]

    return find


def test_nearest_come_first(near: Callable[..., list[str]], report: MakeReport) -> None:
    found = near(report("far", north_m=150), report("near", north_m=-10), report("too far", north_m=201))
    assert found == ["near", "far"]


def test_both_ends_of_the_time_are_included(near: Callable[..., list[str]], report: MakeReport) -> None:
    hours = {"first": -24.0, "last": 1.0, "before": -24.01, "after": 1.01}
    assert set(near(*(report(name, hours=value) for name, value in hours.items()))) == {"first", "last"}


def test_a_report_does_not_find_itself(near: Callable[..., list[str]], report: MakeReport) -> None:
    assert near(report("a"), report("b")) == ["b"]


def test_reports_without_a_place_are_not_kept_and_find_nobody(
    near: Callable[..., list[str]], report: MakeReport
) -> None:
    nowhere = report("nowhere", lat=None, lon=None)
    assert near(nowhere) == []
    assert near(report("b"), asked=nowhere) == []


def test_a_radius_of_0_finds_nobody_not_even_at_the_same_place(
    near: Callable[..., list[str]], report: MakeReport
) -> None:
    assert near(report("b"), radius=0) == []


def test_one_beyond_the_antimeridian_is_found(near: Callable[..., list[str]], report: MakeReport) -> None:
    asked = report("a", lat=-16.8, lon=179.9999)
    assert near(report("b", lat=-16.8, lon=-179.9999), asked=asked) == ["b"]


def test_nobody_is_found_twice_beside_a_pole(near: Callable[..., list[str]], report: MakeReport) -> None:
    asked = report("a", lat=89.9, lon=-153.67)
    assert near(report("b", lat=89.9109, lon=179.8), radius=5_000, asked=asked) == ["b"]
