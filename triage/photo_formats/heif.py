"""Opens a HEIC: takes the primary picture and its tiles out of the file and has libheif see nothing else.

libheif reads all of a file when it opens it: every item of metadata, unpacked and however many overlap, and the films
beside the picture. What it gets here is a file of our own with one picture and what its pixels need.
"""

import struct

import pillow_heif
from PIL import Image

from triage.errors import PhotoRefused
from triage.photo_formats.boxes import Items, Property, read_items, reference, write_heic
from triage.photo_formats.hevc import plane_bytes, single_picture
from triage.photo_formats.opened import Damaged, OpenedPhoto, Size, check_size

MAX_PIXELS = 25_000_000
MAX_TILES = 512
MAX_PLANE_BYTES = 60_000_000
"""Of all that is decoded: also transparency, and what tiles hold beyond the edge."""
MAX_SECONDS = 1.5
"""Estimated for one core from the slowest of sixteen kinds of streams; the others took 0.2 to 0.8 of it."""
_SECONDS_PER_PLANE_BYTE, _SECONDS_PER_CODED_BYTE = 17e-9, 105e-9

_STRIP_ROWS = 64
_CODED, _GRID = b"hvc1", b"grid"
_PROPERTIES = {b"hvcC", b"ispe", b"irot", b"imir", b"clap", b"pixi", b"auxC"}
_ALPHA = (b"urn:mpeg:hevc:2015:auxid:1\x00", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\x00")


def open_heif(content: bytes) -> OpenedPhoto:
    """Judge a HEIC by its boxes and the parameters of its streams; of several pictures, the primary one is taken.

    Raises:
        PhotoRefused: more pixels or tiles than can be decoded in good time and memory.
        Damaged and what libheif raises: the bytes are no HEIC with a still picture.
    """
    items = read_items(content)
    shown = [items.primary, *_transparency(items)]
    tiles = {item: _tiles(items, item) for item in shown}
    _check_cost(items, [part for item in shown for part in tiles[item] or [item]])
    wanted = dict.fromkeys([*shown, *(tile for each in tiles.values() for tile in each)])
    numbers = {item: number for number, item in enumerate(wanted, 1)}
    references = [
        reference(b"dimg", numbers[item], [numbers[tile] for tile in each]) for item, each in tiles.items() if each
    ]
    references += [reference(b"auxl", numbers[item], [1]) for item in shown[1:]]
    picture = write_heic([_part(items, item) for item in wanted], references)
    opened = pillow_heif.open_heif(picture, convert_hdr_to_8bit=True)
    width, height = opened.size
    check_size(width, height, MAX_PIXELS)
    return OpenedPhoto(width, height, _exif(items), lambda size: _decode(opened, size), upright=True)


def _decode(opened: pillow_heif.HeifFile, size: Size) -> Image.Image:
    """Shrink strip by strip: a copy of the whole would take 4 bytes a pixel beside libheif's own 3."""
    data, stride, mode = opened.data, opened.stride, opened.mode
    width, height = opened.size
    factor = max(1, min(width // size[0], height // size[1]))
    shrunk = Image.new(mode, (-(-width // factor), -(-height // factor)))
    for top in range(0, height, _STRIP_ROWS * factor):
        rows = min(_STRIP_ROWS * factor, height - top)
        lines = data[top * stride : (top + rows) * stride]
        strip = Image.frombytes(mode, (width, rows), lines, "raw", mode, stride)
        shrunk.paste(strip.reduce(factor), (0, top // factor))
    return shrunk


def _part(items: Items, item: int) -> tuple[bytes, bytes, list[Property]]:
    kind = items.kinds[item]
    data = items.data(item) if kind == _GRID else single_picture(items.data(item))
    return kind, data, [each for each in items.properties[item] if _is_needed(each)]


def _is_needed(each: Property) -> bool:
    return each.kind in _PROPERTIES or (each.kind == b"colr" and each.content.startswith(b"nclx"))


def _transparency(items: Items) -> list[int]:
    """The item that holds the transparency of the primary one, if there is one."""
    beside = [source for kind, source, others in items.references if kind == b"auxl" and items.primary in others]
    return [
        item
        for item in beside
        if any(each.kind == b"auxC" and each.content[4:].startswith(_ALPHA) for each in items.properties.get(item, ()))
    ][:1]


def _tiles(items: Items, item: int) -> list[int]:
    """The tiles of a grid, row by row; none for a picture in one piece."""
    if items.kinds[item] != _GRID:
        return []
    grid, tiles = items.data(item), items.referred(b"dimg", item)
    flags, rows, columns = struct.unpack_from(">xBBB", grid)
    width, height = struct.unpack_from(">II" if flags & 1 else ">HH", grid, 4)
    check_size(width, height, MAX_PIXELS)
    if len(tiles) > MAX_TILES:
        raise PhotoRefused(f"The photo is a HEIC of {len(tiles)} tiles; send at most {MAX_TILES}, or a JPEG.")
    if len(tiles) != (rows + 1) * (columns + 1):
        raise Damaged("tiles are missing")
    return tiles


def _check_cost(items: Items, decoded: list[int]) -> None:
    """Refuse what takes too long or too much memory; a tile that is shown twice is decoded twice."""
    planes, coded = 0, 0
    for item in decoded:
        if items.kinds[item] != _CODED:
            raise Damaged("another codec")
        (configuration,) = (each.content for each in items.properties[item] if each.kind == b"hvcC")
        planes += plane_bytes(configuration)
        coded += items.length(item)
    if planes > MAX_PLANE_BYTES or planes * _SECONDS_PER_PLANE_BYTE + coded * _SECONDS_PER_CODED_BYTE > MAX_SECONDS:
        raise PhotoRefused(
            f"The photo is a HEIC with {planes / 1e6:.0f} MB of pixels in {coded / 1e6:.1f} MB, which takes too long "
            "to decode; send a JPEG, or fewer pixels."
        )


def _exif(items: Items) -> bytes:
    found = next((item for item, kind in items.kinds.items() if kind == b"Exif" and item in items.extents), None)
    if found is None:
        return b""
    try:
        data = items.data(found)
        (offset,) = struct.unpack_from(">I", data)
    except (Damaged, struct.error):
        return b""
    return data[4 + offset :]
