"""Where and when: coordinates on the earth, and dates that name one moment."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from triage.alert import parse_alert

AlertJson = Callable[..., str]
Faults = Callable[..., dict[str, str]]

# Places


@pytest.mark.parametrize(("lat", "lon"), [(90, 180), (-90, -180), (-0.0, 0), (47.322, 5.0415)])
def test_places_are_accepted_up_to_the_ends_of_the_earth(alert_json: AlertJson, lat: float, lon: float) -> None:
    alert = parse_alert(alert_json(lat=lat, lon=lon))
    assert (alert.lat, alert.lon) == (lat, lon)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400"])
@pytest.mark.parametrize("field", ["lat", "lon"])
def test_a_coordinate_that_is_no_finite_number_is_refused_by_name(faults: Faults, field: str, number: str) -> None:
    other = "lon" if field == "lat" else "lat"
    source = f'{{"id": "a-1", "text": "Trou", "{field}": {number}, "{other}": 5}}'
    assert faults(source) == {field: "finite_number"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("lat", 90.0000001), ("lat", -91), ("lat", 10**30), ("lon", 180.1), ("lon", -1e308), ("lon", 47_322_000)],
)
def test_a_coordinate_out_of_range_is_refused_by_name(
    alert_json: AlertJson, faults: Faults, field: str, value: float
) -> None:
    assert set(faults(alert_json(**{"lat": 47, "lon": 5, field: value}))) == {field}


@pytest.mark.parametrize("value", ["47.3", True, [47.3], {"deg": 47}])
@pytest.mark.parametrize("field", ["lat", "lon"])
def test_a_coordinate_of_another_type_is_refused_by_name(
    alert_json: AlertJson, faults: Faults, field: str, value: Any
) -> None:
    assert set(faults(alert_json(**{"lat": 47, "lon": 5, field: value}))) == {field}


@pytest.mark.parametrize(
    ("place", "missing"),
    [
        ({"lat": 47.3}, "lon"),
        ({"lon": 5.0}, "lat"),
        ({"lat": None, "lon": 5.0}, "lat"),
        ({"lat": 0, "lon": None}, "lon"),
    ],
)
def test_half_a_place_is_refused_and_names_the_other_half(
    alert_json: AlertJson, faults: Faults, place: dict[str, float | None], missing: str
) -> None:
    assert faults(alert_json(**place)) == {missing: "half_a_place"}


# Dates


@pytest.mark.parametrize("date", ["2026-01-01T12:00:00Z", "2026-01-01T13:00:00+01:00", "2026-01-01 07:00:00-05:00"])
def test_dates_of_any_zone_name_the_same_moment(alert_json: AlertJson, date: str) -> None:
    assert parse_alert(alert_json(created_at=date)).created_at == datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_a_clock_that_is_an_hour_fast_is_forgiven(alert_json: AlertJson) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    assert parse_alert(alert_json(created_at=soon.isoformat())).created_at == soon


@pytest.mark.parametrize("date", ["2026-01-01T12:00:00", "2026-01-01 12:00", "2026-01-01"])
def test_a_date_without_zone_is_refused_by_name(alert_json: AlertJson, faults: Faults, date: str) -> None:
    assert set(faults(alert_json(created_at=date))) == {"created_at"}


@pytest.mark.parametrize("days", [2, 365, 500_000])
def test_a_date_in_the_far_future_is_refused_by_name(alert_json: AlertJson, faults: Faults, days: int) -> None:
    later = datetime.now(UTC) + timedelta(days=days)
    assert faults(alert_json(created_at=later.isoformat())) == {"created_at": "in_the_future"}


@pytest.mark.parametrize(
    "date",
    [
        "",
        "hier",
        "01/02/2026",
        "2026-02-30T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-13-01T00:00:00Z",
        1_700_000_000,
        0.5,
        True,
        [],
    ],
)
def test_what_is_no_date_is_refused_by_name(alert_json: AlertJson, faults: Faults, date: Any) -> None:
    assert set(faults(alert_json(created_at=date))) == {"created_at"}


@pytest.mark.parametrize("date", ["9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+14:00"])
def test_a_date_at_the_end_of_the_calendar_is_refused_by_name(alert_json: AlertJson, faults: Faults, date: str) -> None:
    assert faults(alert_json(created_at=date)) == {"created_at": "out_of_calendar"}


@pytest.mark.parametrize("date", ["20260101", "1700000000", "1700000000.5", "-5", "+1700000000", "20260101T120000Z"])
def test_a_text_of_digits_is_no_date(alert_json: AlertJson, faults: Faults, date: str) -> None:
    assert faults(alert_json(created_at=date)) == {"created_at": "datetime_parsing"}
