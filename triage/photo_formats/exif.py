"""Reads the two things wanted of EXIF, how the picture is turned and where it was taken, and nothing else.

Pillow's reader copies all that the entries point to: five thousand entries that share one block of 64 kB take
350 MB, and a damaged one warns.
"""

import math
import struct
from dataclasses import dataclass

Place = tuple[float, float]

_ORIENTATION, _GPS = 0x0112, 0x8825
_LATITUDE_SIGN, _LATITUDE, _LONGITUDE_SIGN, _LONGITUDE = 1, 2, 3, 4
_ORDERS = {b"II*\x00": "<", b"MM\x00*": ">"}
_WHOLE_NUMBERS = {3: "H", 4: "I"}
_FRACTIONS = {5: "6I", 10: "6i"}
_SIGNS = {b"N": 1, b"E": 1, b"S": -1, b"W": -1}
# Of an IFD's entry: the type of its values, how many, and the four bytes that hold them or where they are.
_Entry = tuple[int, int, bytes]


@dataclass(frozen=True, slots=True)
class Exif:
    """`orientation`: 1 to 8 as EXIF numbers them. `place`: WGS84 latitude and longitude in degrees, if it is one."""

    orientation: int = 1
    place: Place | None = None


def read_exif(block: bytes) -> Exif:
    """Read an EXIF block, however damaged: what cannot be read counts as absent."""
    tiff = block.removeprefix(b"Exif\x00\x00").removeprefix(b"Exif\x00\x00")
    order = _ORDERS.get(tiff[:4])
    if order is None:
        return Exif()
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        entries = _entries(tiff, order, start)
    except struct.error:
        return Exif()
    return Exif(_orientation(order, entries), _place(tiff, order, entries))


def _entries(tiff: bytes, order: str, start: int) -> dict[int, _Entry]:
    (number,) = struct.unpack_from(order + "H", tiff, start)
    end = min(start + 2 + 12 * number, len(tiff) - 11)
    found: dict[int, _Entry] = {}
    for position in range(start + 2, end, 12):
        tag, kind, count, value = struct.unpack_from(order + "HHI4s", tiff, position)
        found.setdefault(tag, (kind, count, value))
    return found


def _orientation(order: str, entries: dict[int, _Entry]) -> int:
    kind, _, value = entries.get(_ORIENTATION, (0, 0, b""))
    if kind not in _WHOLE_NUMBERS:
        return 1
    (orientation,) = struct.unpack_from(order + _WHOLE_NUMBERS[kind], value)
    return orientation if 1 <= orientation <= 8 else 1


def _place(tiff: bytes, order: str, entries: dict[int, _Entry]) -> Place | None:
    try:
        (start,) = struct.unpack(order + "I", entries[_GPS][2])
        gps = _entries(tiff, order, start)
        latitude = _degrees(tiff, order, gps[_LATITUDE]) * _SIGNS[gps[_LATITUDE_SIGN][2][:1].upper()]
        longitude = _degrees(tiff, order, gps[_LONGITUDE]) * _SIGNS[gps[_LONGITUDE_SIGN][2][:1].upper()]
    except (KeyError, ValueError, ZeroDivisionError, struct.error):
        return None
    # A telephone that has no fix yet writes zeros.
    if abs(latitude) > 90 or abs(longitude) > 180 or (latitude == 0 and longitude == 0):
        return None
    return latitude, longitude


def _degrees(tiff: bytes, order: str, entry: _Entry) -> float:
    kind, count, value = entry
    if count != 3:
        raise ValueError("not degrees, minutes and seconds")
    (start,) = struct.unpack(order + "I", value)
    numbers = struct.unpack_from(order + _FRACTIONS[kind], tiff, start)
    degrees, minutes, seconds = (top / bottom for top, bottom in zip(numbers[::2], numbers[1::2], strict=True))
    if not (degrees >= 0 and 0 <= minutes <= 60 and 0 <= seconds <= 60):
        raise ValueError("no angle")
    return math.fsum((degrees, minutes / 60, seconds / 3600))
