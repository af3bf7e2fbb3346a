"""Distances and boxes on the globe, in WGS84 degrees and metres."""

import math
from typing import NamedTuple

# The mean radius of the Earth: a sphere of it is at most 0.6 % off the true distance, a metre in 200 m.
EARTH_RADIUS_M = 6_371_008.8

# Boxes are this much larger than asked for, so that rounding never cuts off a place on their edge.
_MARGIN_DEGREES = 1e-9


class Box(NamedTuple):
    """A box in degrees; as in GeoJSON, one that crosses the antimeridian has `west` greater than `east`."""

    west: float
    south: float
    east: float
    north: float

    def spans(self) -> tuple[tuple[float, float], ...]:
        """The ranges of longitude, west to east: two where the box crosses the antimeridian."""
        if self.west <= self.east:
            return ((self.west, self.east),)
        return ((self.west, 180.0), (-180.0, self.east))

    def holds(self, lat: float, lon: float) -> bool:
        """Whether a place lies in the box or on its edge."""
        return self.south <= lat <= self.north and any(west <= lon <= east for west, east in self.spans())


def distance_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """The great-circle distance of two places in metres (haversine, so that a few metres come out right)."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    across = math.sin((phi2 - phi1) / 2) ** 2
    # The remainder is exact: 180 and -180 are one meridian, at no distance.
    along = math.sin(math.radians(math.remainder(lon2 - lon1, 360)) / 2) ** 2
    half_chord = math.sqrt(min(1.0, across + math.cos(phi1) * math.cos(phi2) * along))
    return 2 * EARTH_RADIUS_M * math.asin(half_chord)


def box(lat: float, lon: float, radius_m: float) -> Box:
    """The smallest box that holds every place within `radius_m` metres; near a pole it goes round the globe."""
    angle = radius_m / EARTH_RADIUS_M
    height = math.degrees(angle) + _MARGIN_DEGREES
    south, north = lat - height, lat + height
    if south <= -90 or north >= 90:
        return Box(-180.0, max(south, -90.0), 180.0, min(north, 90.0))
    # The widest point of a circle lies a little nearer to the pole than its middle.
    width = math.degrees(math.asin(min(1.0, math.sin(angle) / math.cos(math.radians(lat))))) + _MARGIN_DEGREES
    west, east = lon - width, lon + width
    return Box(west + 360 if west < -180 else west, south, east - 360 if east > 180 else east, north)
