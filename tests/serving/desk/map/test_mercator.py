"""Tiles lie exactly behind the sketch: known tiles, seams, edges of the world."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from serving.desk.map.mercator import MAX_TILES, TILE_PIXELS, layout
from triage.places import EARTH_RADIUS_M

DIJON = (47.3216, 5.0415)
SCALE = 146 / 300
SIDE = 320.0


def test_the_tile_under_a_known_place_is_the_one_that_every_map_uses() -> None:
    # As any slippy map of the place Darcy computes it for zoom 16.
    tiles = layout(*DIJON, SCALE, SIDE)
    assert {tile.zoom for tile in tiles} == {16}
    middle = [
        tile
        for tile in tiles
        if tile.left <= SIDE / 2 < tile.left + tile.side and tile.top <= SIDE / 2 < tile.top + tile.side
    ]
    across = 2**16
    phi = math.radians(DIJON[0])
    column = int((DIJON[1] + 180) / 360 * across)
    row = int((1 - math.log(math.tan(phi) + 1 / math.cos(phi)) / math.pi) / 2 * across)
    assert [(tile.column, tile.row) for tile in middle] == [(column, row)]


def test_a_tile_is_as_wide_as_its_metres_are_at_this_latitude() -> None:
    [tile, *_] = layout(*DIJON, SCALE, SIDE)
    metres = 2 * math.pi * EARTH_RADIUS_M * math.cos(math.radians(DIJON[0])) / 2**tile.zoom
    assert tile.side == pytest.approx(metres * SCALE)
    assert TILE_PIXELS / 2 < tile.side <= TILE_PIXELS


@given(some.floats(-85, 85), some.floats(-180, 180), some.floats(0.05, 3))
def test_tiles_cover_the_whole_square_without_gaps(lat: float, lon: float, scale: float) -> None:
    tiles = layout(lat, lon, scale, SIDE)
    rows = {tile.row: tile.top for tile in tiles}
    lefts = sorted({round(tile.left, 6) for tile in tiles})
    assert lefts[0] <= 0 and lefts[-1] + tiles[0].side >= SIDE - 1e-6
    assert all(b - a == pytest.approx(tiles[0].side) for a, b in itertools.pairwise(lefts))
    assert min(rows.values()) <= 0 or 0 in rows
    last = max(rows)
    assert rows[last] + tiles[0].side >= SIDE - 1e-6 or last == 2 ** tiles[0].zoom - 1
    assert all(0 <= tile.column < 2**tile.zoom and 0 <= tile.row < 2**tile.zoom for tile in tiles)


def test_across_the_antimeridian_the_columns_begin_again() -> None:
    columns = {tile.column for tile in layout(0, 180, SCALE, SIDE)}
    assert {0, 2 ** layout(0, 180, SCALE, SIDE)[0].zoom - 1} <= columns


@pytest.mark.parametrize("lat", [85.2, -85.2, 90, -90])
def test_near_the_poles_there_are_no_tiles(lat: float) -> None:
    assert layout(lat, 5, SCALE, SIDE) == ()


def test_a_coarse_archive_is_stretched_and_one_that_is_far_too_fine_is_no_use() -> None:
    [tile] = {tile.zoom for tile in layout(*DIJON, SCALE, SIDE, (0, 12))}
    assert tile == 12
    assert 0 < len(layout(*DIJON, SCALE, SIDE, (17, 19))) <= MAX_TILES
    assert layout(*DIJON, SCALE, SIDE, (19, 19)) == ()
