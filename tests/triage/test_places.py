"""Distances and boxes on the globe."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from triage.places import EARTH_RADIUS_M, box, distance_m

LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        ((47.3220, 5.0415), (47.3220, 5.0415), 0),
        ((47.3220, 5.0415), (47.3229, 5.0415), 100.1),
        ((47.3216, 5.0415), (48.8566, 2.3522), 262_620),  # Dijon and Paris
        ((0, 0), (0, 180), math.pi * EARTH_RADIUS_M),
        ((90, 10), (-90, -77), math.pi * EARTH_RADIUS_M),
        ((12, 180), (12, -180), 0),
    ],
)
def test_distances_are_right(one: tuple[float, float], other: tuple[float, float], metres: float) -> None:
    assert distance_m(*one, *other) == pytest.approx(metres, rel=2e-3, abs=0.1)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_a_distance_is_the_same_both_ways_and_never_beyond_half_the_globe(
    lat1: float, lon1: float, lat2: float, lon2: float
) -> None:
    metres = distance_m(lat1, lon1, lat2, lon2)
    assert metres == distance_m(lat2, lon2, lat1, lon1)
    assert 0 <= metres <= math.pi * EARTH_RADIUS_M


@given(LATITUDES, LONGITUDES, st.floats(0, 25_000_000), st.floats(0, 360), st.floats(0, 1))
def test_a_box_holds_every_place_within_its_radius(
    lat: float, lon: float, radius: float, bearing: float, share: float
) -> None:
    angle, course, phi = share * radius / EARTH_RADIUS_M, math.radians(bearing), math.radians(lat)
    sine = math.sin(phi) * math.cos(angle) + math.cos(phi) * math.sin(angle) * math.cos(course)
    lat2 = math.degrees(math.asin(max(-1.0, min(1.0, sine))))
    east = math.atan2(
        math.sin(course) * math.sin(angle) * math.cos(phi),
        math.cos(angle) - math.sin(phi) * math.sin(math.radians(lat2)),
    )
    lon2 = math.remainder(lon + math.degrees(east), 360)
    assume(distance_m(lat, lon, lat2, lon2) <= radius)
    assert box(lat, lon, radius).holds(lat2, lon2)


def test_a_box_is_not_much_larger_than_its_circle() -> None:
    area = box(47.3220, 5.0415, 100)
    assert distance_m(47.3220, 5.0415, area.north, 5.0415) == pytest.approx(100, abs=0.1)
    assert distance_m(47.3220, 5.0415, 47.3220, area.west) == pytest.approx(100, abs=0.1)


def test_a_box_across_the_antimeridian_has_two_spans() -> None:
    area = box(-16.8, 179.9999, 1_000)
    assert area.west > area.east
    assert area.spans() == ((area.west, 180.0), (-180.0, area.east))
    assert area.holds(-16.8, -179.9999)
    assert not area.holds(-16.8, 0)
