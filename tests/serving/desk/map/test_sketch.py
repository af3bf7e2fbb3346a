"""The sketch of an alert's surroundings is drawn to scale, north up, and no number covers another."""

import math
import random
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as some

from serving.desk.map.sketch import DISC, RINGS, SIDE, bearing_deg, sketch
from triage.places import distance_m

DEGREE_M = 111_195.0


@dataclass(frozen=True)
class Spot:
    id: str
    lat: float | None
    lon: float | None
    category: str | None = "voirie"


HERE = Spot("here", 47.322, 5.041)


def moved(name: str, east_m: float, north_m: float, category: str | None = "voirie", origin: Spot = HERE) -> Spot:
    assert origin.lat is not None and origin.lon is not None
    lon = origin.lon + east_m / DEGREE_M / math.cos(math.radians(origin.lat))
    return Spot(name, origin.lat + north_m / DEGREE_M, lon, category)


@pytest.mark.parametrize(
    ("east", "north", "across", "down"), [(0, 150, 0, -1), (150, 0, 1, 0), (0, -150, 0, 1), (-150, 0, -1, 0)]
)
def test_north_is_up_and_east_to_the_right(east: float, north: float, across: int, down: int) -> None:
    drawn = sketch(HERE, [moved("other", east, north)])
    [mark] = drawn.marks
    reach = 150 * drawn.units_per_m
    assert mark.at == pytest.approx((SIDE / 2 + across * reach, SIDE / 2 + down * reach), abs=0.2)


def test_distances_are_to_scale() -> None:
    drawn = sketch(HERE, [moved("near", 60, 80), moved("far", -180, 240)])
    for mark, metres in zip(drawn.marks, (100, 300), strict=True):
        assert math.dist(mark.at, (drawn.middle, drawn.middle)) == pytest.approx(metres * drawn.units_per_m, abs=0.3)
        assert mark.distance_m == pytest.approx(metres, rel=0.001)


def test_the_rings_and_the_scale_bar_are_at_the_same_scale() -> None:
    drawn = sketch(HERE, [])
    assert [ring.metres for ring in drawn.rings] == [100, 200, 300]
    assert [ring.radius / ring.metres for ring in drawn.rings] == pytest.approx([drawn.units_per_m] * RINGS)
    assert drawn.scale_units == pytest.approx(drawn.rings[0].radius)
    assert drawn.rings[-1].radius < SIDE / 2


def test_alerts_are_numbered_by_distance_and_told_apart_by_category() -> None:
    others = [moved("c", 0, 200, None), moved("a", 20, 0), moved("b", 0, 100, "proprete")]
    marks = sketch(HERE, others).marks
    assert [(mark.number, mark.id, mark.same) for mark in marks] == [(1, "a", True), (2, "b", False), (3, "c", False)]


def test_two_without_a_category_are_not_of_the_same() -> None:
    [mark] = sketch(Spot("here", 47.3, 5.0, None), [Spot("other", 47.3, 5.0, None)]).marks
    assert not mark.same


def test_what_is_too_far_or_without_a_place_is_left_out() -> None:
    others = [moved("edge", 299.5, 0), moved("beyond", 300.5, 0), Spot("nowhere", None, None)]
    assert [mark.id for mark in sketch(HERE, others).marks] == ["edge"]


def test_an_alert_without_a_place_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="place"):
        sketch(Spot("here", None, None), [])


def test_numbers_at_one_place_lie_side_by_side_with_a_line_to_it() -> None:
    marks = sketch(HERE, [moved(f"other-{number}", 3, 0) for number in range(12)]).marks
    assert all(mark.is_moved for mark in marks)
    assert len({mark.disc for mark in marks}) == 12


@given(some.integers(0, 10_000), some.integers(1, 40))
def test_no_number_covers_another_or_leaves_the_drawing(seed: int, count: int) -> None:
    generator = random.Random(seed)
    others = [
        moved(f"other-{number}", generator.uniform(-200, 200), generator.uniform(-200, 200)) for number in range(count)
    ]
    discs = [mark.disc for mark in sketch(HERE, others).marks]
    for place, disc in enumerate(discs):
        assert all(DISC <= side <= SIDE - DISC for side in disc)
        assert all(math.dist(disc, other) >= 2 * DISC for other in discs[:place])


def test_the_distance_of_a_ring_is_written_where_no_number_is() -> None:
    drawn = sketch(HERE, [moved("on the ring", 0, -100)])
    assert math.dist(drawn.rings[0].label, drawn.marks[0].disc) > 2 * DISC


@given(some.floats(-89.9, 89.9), some.floats(-180, 180), some.floats(-300, 300), some.floats(-300, 300))
def test_any_place_on_the_globe_can_be_drawn(lat: float, lon: float, east: float, north: float) -> None:
    origin = Spot("here", lat, lon)
    other = moved("other", east, max(-200.0, min(200.0, north)), origin=origin)
    assert other.lat is not None and other.lon is not None
    for mark in sketch(origin, [other]).marks:
        assert all(0 <= side <= SIDE for side in mark.at)


def test_the_bearing_crosses_the_antimeridian() -> None:
    assert bearing_deg(0, 179.999, 0, -179.999) == pytest.approx(90)
    assert distance_m(0, 179.999, 0, -179.999) < 300
