"""Web Mercator: which tiles lie behind a sketch, and where. A tile has 256 pixels a side, zoom 0 is the whole world."""

import math
from dataclasses import dataclass

from triage.places import EARTH_RADIUS_M

TILE_PIXELS = 256
# Beyond these latitudes there are no tiles.
MAX_LATITUDE = 85.0511
# More tiles than this are never laid out: an archive that only has far finer ones is no use here.
MAX_TILES = 25


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile and its square in the drawing."""

    zoom: int
    column: int
    row: int
    left: float
    top: float
    side: float


def layout(
    lat: float, lon: float, units_per_m: float, side: float, zooms: tuple[int, int] = (0, 19)
) -> tuple[Tile, ...]:
    """The tiles that cover a square of the drawing around a place.

    Args:
        lat: of the place in the middle.
        lon: of the same.
        units_per_m: the drawing's scale.
        side: of the square, in units of the drawing.
        zooms: the coarsest and the finest zoom that there is.

    Returns:
        None of them where the place has no tiles, or too many would be needed.
    """
    if abs(lat) > MAX_LATITUDE:
        return ()
    metres_per_world = 2 * math.pi * EARTH_RADIUS_M * math.cos(math.radians(lat))
    zoom = min(max(_sharp_zoom(metres_per_world * units_per_m), zooms[0]), zooms[1])
    across = 1 << zoom
    tile_side = metres_per_world * units_per_m / across
    x, y = _tile_coordinates(lat, lon, across)
    reach = side / 2 / tile_side
    columns = range(math.floor(x - reach), math.floor(x + reach) + 1)
    rows = range(max(0, math.floor(y - reach)), min(across - 1, math.floor(y + reach)) + 1)
    if len(columns) * len(rows) > MAX_TILES:
        return ()
    left, top = side / 2 - x * tile_side, side / 2 - y * tile_side
    return tuple(
        Tile(zoom, column % across, row, left + column * tile_side, top + row * tile_side, tile_side)
        for row in rows
        for column in columns
    )


def _sharp_zoom(world_units: float) -> int:
    """The coarsest zoom at which a tile has at least one pixel for each unit of the drawing."""
    return math.ceil(math.log2(world_units / TILE_PIXELS))


def _tile_coordinates(lat: float, lon: float, across: int) -> tuple[float, float]:
    """Where a place is, counted in tiles from the north-west corner of the world."""
    phi = math.radians(lat)
    return (lon + 180) / 360 * across, (1 - math.asinh(math.tan(phi)) / math.pi) / 2 * across
