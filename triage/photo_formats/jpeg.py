"""Opens a JPEG: walks over its segments, bounds what decoding costs and hands Pillow the picture without the rest."""

import io
import math
import re
import struct
from dataclasses import dataclass, field

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from triage.errors import PhotoRefused
from triage.photo_formats.opened import Damaged, OpenedPhoto, Size, check_size

MAX_PIXELS = 50_000_000
MAX_SEGMENTS = 1_000
MAX_TABLE_BYTES = 100_000
"""Pillow reads tables in Python, 8 ms for 64 kB of them."""
MAX_COEFFICIENT_BYTES = 200_000_000
"""A picture in several scans is kept whole as coefficients, however small it is wanted."""
MAX_BLOCK_VISITS = 16_000_000
"""A scan goes over all blocks of its components, 30 to 60 ns each, even if it changes none."""

_BLOCK_BYTES = 128
# Within a scan, 0xff00 is data and 0xffd0 to 0xffd7 are marks to restart at; 0xffff fills.
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_FRAMES = {0xC0: False, 0xC1: False, 0xC2: True}  # marker → whether progressive
_START_OF_SCAN, _END, _EXIF = 0xDA, 0xD9, 0xE1
_TABLES = {0xC4, 0xDB, 0xDD}
_COLOUR_HINTS = {0xE0, 0xEE}  # JFIF and Adobe segments say which colours the components are


@dataclass(frozen=True, slots=True)
class _Frame:
    width: int
    height: int
    blocks: dict[int, int]  # component → its blocks of 8 × 8
    progressive: bool


@dataclass(slots=True)
class _Walk:
    """What was met so far; `kept` holds the pieces that decoding needs."""

    kept: list[memoryview] = field(default_factory=list)
    exif: bytes = b""
    frame: _Frame | None = None
    scans: int = 0
    visits: int = 0
    table_bytes: int = 0
    in_one_scan: bool = False


def open_jpeg(content: bytes) -> OpenedPhoto:
    """Judge a JPEG by its segments; nothing is decoded.

    Raises:
        PhotoRefused: more pixels, segments, tables or scans than can be decoded in good time and memory.
        Damaged, struct.error, IndexError, ZeroDivisionError: the bytes are no JPEG.
    """
    walk = _walk(content)
    frame = walk.frame
    if frame is None or not walk.scans:
        raise Damaged("no picture")
    blocks = sum(frame.blocks.values())
    if blocks > 8 * len(content):
        raise Damaged("less than a bit for each block")
    if not walk.in_one_scan and blocks * _BLOCK_BYTES > MAX_COEFFICIENT_BYTES:
        raise PhotoRefused(
            f"The photo is a progressive JPEG of {frame.width} × {frame.height} pixels, which takes too much memory "
            "to decode; send it as a plain JPEG or with fewer pixels."
        )
    picture = b"".join(walk.kept)
    return OpenedPhoto(frame.width, frame.height, walk.exif, lambda size: _decode(picture, size))


def _decode(picture: bytes, size: Size) -> Image.Image:
    with JpegImageFile(io.BytesIO(picture)) as image:
        image.draft(None, size)
        image.load()
        return image


def _walk(content: bytes) -> _Walk:
    walk, view = _Walk(), memoryview(content)
    walk.kept.append(view[:2])
    marker = _MARKER.search(content, 2)
    for _ in range(MAX_SEGMENTS):
        if marker is None:
            return walk
        start, kind = marker.start(), content[marker.start() + 1]
        if kind == _END:
            walk.kept.append(view[start : start + 2])
            return walk
        if kind < 0xC0:
            raise Damaged("unknown marker")
        (length,) = struct.unpack_from(">H", content, start + 2)
        end = start + 2 + length
        if length < 2 or end > len(content):
            raise Damaged("a segment leaves the file")
        marker = _MARKER.search(content, end)
        _meet(walk, kind, content[start + 4 : end])
        if kind < 0xE0 or kind in _COLOUR_HINTS:
            until = end if kind != _START_OF_SCAN else marker.start() if marker else len(content)
            walk.kept.append(view[start:until])
    raise PhotoRefused(
        f"The photo is a JPEG of more than {MAX_SEGMENTS} parts; save it anew with a photo program and send that."
    )


def _meet(walk: _Walk, kind: int, segment: bytes) -> None:
    if kind == _EXIF and segment.startswith(b"Exif\x00") and not walk.exif:
        walk.exif = segment
    elif kind in _TABLES or kind in _COLOUR_HINTS:
        walk.table_bytes += len(segment)
        if walk.table_bytes > MAX_TABLE_BYTES:
            raise PhotoRefused("The photo is a JPEG with too many tables; save it anew and send that.")
    elif kind in _FRAMES:
        if walk.frame is not None:
            raise Damaged("two frames")
        walk.frame = _read_frame(segment, progressive=_FRAMES[kind])
    elif kind == _START_OF_SCAN:
        _meet_scan(walk, segment)
    elif kind < 0xE0:
        raise Damaged("a kind of JPEG that no camera writes")


def _read_frame(segment: bytes, *, progressive: bool) -> _Frame:
    height, width, number = struct.unpack_from(">xHHB", segment)
    check_size(width, height, MAX_PIXELS)
    components = [segment[6 + 3 * n : 9 + 3 * n] for n in range(number)]
    across, down = max(each[1] >> 4 for each in components), max(each[1] & 15 for each in components)
    blocks = {
        each[0]: math.ceil(width * (each[1] >> 4) / across / 8) * math.ceil(height * (each[1] & 15) / down / 8)
        for each in components
    }
    if len(blocks) < number:
        raise Damaged("two components of one name")
    return _Frame(width, height, blocks, progressive)


def _meet_scan(walk: _Walk, segment: bytes) -> None:
    frame, number = walk.frame, segment[0]
    if frame is None:
        raise Damaged("a scan before its frame")
    if not walk.scans:
        walk.in_one_scan = not frame.progressive and number == len(frame.blocks)
    walk.scans += 1
    walk.visits += sum(frame.blocks.get(component, 0) for component in segment[1 : 1 + 2 * number : 2])
    if walk.visits > MAX_BLOCK_VISITS:
        raise PhotoRefused(
            f"The photo is a JPEG that goes over its {frame.width} × {frame.height} pixels too many times; "
            "send it as a plain JPEG or with fewer pixels."
        )
