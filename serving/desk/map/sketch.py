"""A sketch of an alert's surroundings, to scale: numbers alone, which `templates/map.html` draws."""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from triage.places import distance_m

RADIUS_M = 300
RINGS = 3
# A square of this side in the units of the drawing; the outermost ring leaves room for its label.
SIDE = 320
_MIDDLE = SIDE / 2
_RING_UNITS = 146
_SCALE_BAR_M = 100

# Discs of this radius never overlap: where alerts lie on one another, a line leads from disc to place.
DISC = 11.0
_GAP = 1.0
_SPIRAL_STEP = DISC
_SPIRAL_TURNS = 14
_DIRECTIONS = 12

# Where a ring's distance may stand, the best first; more room than enough is no better.
_LABEL_BEARINGS = (180, 165, 195, 150, 210, 135, 225, 0, 15, 345, 90, 270, 120, 240, 60, 300)
_ENOUGH = 30


class Point(NamedTuple):
    """A point of the drawing: to the right, and down."""

    x: float
    y: float


# The north arrow and the scale bar.
_CORNERS = (Point(SIDE - 20, 30), Point(36, SIDE - 20))


class Place(Protocol):
    """What has a place on the globe."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def lat(self) -> float | None:
        """Degrees north."""

    @property
    def lon(self) -> float | None:
        """Degrees east."""

    @property
    def category(self) -> str | None:
        """What it is about."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Another alert: where it is, and where its numbered disc is drawn.

    Attributes:
        same: whether it is about the same category.
        bearing: degrees clockwise from north, as seen from the alert in the middle.
    """

    number: int
    id: str
    at: Point
    disc: Point
    same: bool
    distance_m: float
    bearing: float

    @property
    def is_moved(self) -> bool:
        """Whether a line must lead from the disc to the place."""
        return self.at != self.disc


@dataclass(frozen=True, slots=True)
class Ring:
    """A circle around the middle; its distance is written where no disc is."""

    metres: int
    radius: float
    label: Point


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is drawn, in units of the drawing: a square of `side`, north up."""

    marks: tuple[Mark, ...]
    rings: tuple[Ring, ...]
    units_per_m: float
    scale_m: int = _SCALE_BAR_M
    side: int = SIDE
    disc: float = DISC

    @property
    def middle(self) -> float:
        """Where the alert itself is, across and down."""
        return self.side / 2

    @property
    def scale_units(self) -> float:
        """The length of the scale bar."""
        return self.scale_m * self.units_per_m


def sketch(centre: Place, others: Sequence[Place], radius_m: int = RADIUS_M) -> Sketch:
    """Lay out an alert's surroundings.

    Args:
        centre: the alert in the middle; it has a place.
        others: alerts around it; those without a place or farther than `radius_m` are left out.
        radius_m: how far the outermost ring is.
    """
    if centre.lat is None or centre.lon is None:
        raise ValueError("Only an alert with a place can be drawn.")
    units_per_m = _RING_UNITS / radius_m
    near = sorted(_measured(centre.lat, centre.lon, others, radius_m), key=lambda found: (found[1], found[0].id))
    taken = [Point(_MIDDLE, _MIDDLE)]
    marks = []
    for number, (other, metres, bearing) in enumerate(near, 1):
        at = _point(metres * units_per_m, bearing)
        disc = _free_point(at, taken)
        taken.append(disc)
        same = other.category is not None and other.category == centre.category
        marks.append(Mark(number, other.id, at, disc, same, metres, bearing))
    steps = [radius_m * number // RINGS for number in range(1, RINGS + 1)]
    rings = tuple(Ring(metres, metres * units_per_m, _label(metres * units_per_m, taken)) for metres in steps)
    return Sketch(tuple(marks), rings, units_per_m)


def _label(radius: float, taken: Sequence[Point]) -> Point:
    """The point of a ring with most room around it: below the alert where nothing is in the way."""
    points = (_point(radius, bearing) for bearing in _LABEL_BEARINGS)
    return max(points, key=lambda point: min(_ENOUGH, *(math.dist(point, other) for other in [*taken, *_CORNERS])))


def _measured(lat: float, lon: float, others: Sequence[Place], radius_m: float) -> Iterator[tuple[Place, float, float]]:
    for other in others:
        if other.lat is None or other.lon is None:
            continue
        metres = distance_m(lat, lon, other.lat, other.lon)
        if metres <= radius_m:
            yield other, metres, bearing_deg(lat, lon, other.lat, other.lon)


def bearing_deg(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """The direction from one place to another, in degrees clockwise from north, 0 for one place."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    along = math.radians(math.remainder(lon2 - lon1, 360))
    east = math.sin(along) * math.cos(phi2)
    north = math.cos(phi1) * math.sin(phi2) - math.sin(phi1) * math.cos(phi2) * math.cos(along)
    return math.degrees(math.atan2(east, north)) % 360


def _point(units: float, bearing: float) -> Point:
    angle = math.radians(bearing)
    return Point(round(_MIDDLE + units * math.sin(angle), 1), round(_MIDDLE - units * math.cos(angle), 1))


def _free_point(at: Point, taken: Sequence[Point]) -> Point:
    """The point nearest to a place where a disc covers no other; the place itself where none is found."""

    def is_free(point: Point) -> bool:
        return _is_inside(point) and all(math.dist(point, other) >= 2 * DISC + _GAP for other in taken)

    return next(filter(is_free, itertools.chain([at], _spiral(at))), at)


def _spiral(at: Point) -> Iterator[Point]:
    for turn, direction in itertools.product(range(1, _SPIRAL_TURNS + 1), range(_DIRECTIONS)):
        # Every second turn starts half a step on, so that gaps of one turn are tried in the next.
        angle = 2 * math.pi * (direction + turn % 2 / 2) / _DIRECTIONS
        reach = turn * _SPIRAL_STEP
        yield Point(round(at.x + reach * math.sin(angle), 1), round(at.y - reach * math.cos(angle), 1))


def _is_inside(point: Point) -> bool:
    return all(DISC <= side <= SIDE - DISC for side in point)
