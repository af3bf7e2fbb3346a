"""Judges the HEVC streams inside a HEIC: what one picture costs to decode, and that there is only one.

A stream may hold any number of pictures that are decoded and never shown: an empty one of a megapixel takes less than
a kilobyte in the file and 6 ms to decode, so that 10 MB of them take a minute.
"""

import struct

from triage.photo_formats.opened import Damaged

MAX_CONFIGURATION_BYTES = 4_096
MAX_PARAMETER_SETS = 16
MAX_SLICES = 600
"""Slices of one picture, as many as the highest level of HEVC allows; libde265 holds some kB for each."""

_CONFIGURATION_HEAD = 22
_LENGTH_BYTES = 4  # before each NAL unit; libheif takes no other
_PARAMETER_SETS = {32, 33, 34}
_SEQUENCE_PARAMETERS = 33
_SUPPLEMENTS = {39, 40}
_FIRST_OTHER = 32  # below are slices of pictures
_WHOLE_PICTURES = {19, 20}  # IDR: they refer to no other picture
# Samples of all planes for each pixel, by chroma format: grey, 4:2:0, 4:2:2, 4:4:4.
_SAMPLES = (1.0, 1.5, 2.0, 3.0)


class _Bits:
    """Reads the fields of a parameter set, most significant bit first."""

    def __init__(self, content: bytes) -> None:
        self._bits = "".join(f"{byte:08b}" for byte in content)
        self._position = 0

    def read(self, number: int) -> int:
        self._position += number
        return int(self._bits[self._position - number : self._position], 2)

    def skip(self, number: int) -> None:
        self._position += number

    def read_golomb(self) -> int:
        """An unsigned number in Exp-Golomb code."""
        zeros = self._bits.index("1", self._position) - self._position
        self.skip(zeros)
        return self.read(zeros + 1) - 1


def plane_bytes(configuration: bytes) -> int:
    """What the planes of the largest picture take that the parameter sets of an `hvcC` box allow, in bytes.

    Raises:
        Damaged, ValueError, IndexError, struct.error: no such box, or it holds more than parameter sets.
    """
    if len(configuration) > MAX_CONFIGURATION_BYTES or configuration[21] & 3 != _LENGTH_BYTES - 1:
        raise Damaged("an unusual configuration")
    costs = []
    units = _parameter_sets(configuration)
    for unit in units:
        kind = _kind(unit)
        if kind == _SEQUENCE_PARAMETERS:
            costs.append(_cost(unit))
        elif kind not in _PARAMETER_SETS | _SUPPLEMENTS:
            raise Damaged("pictures among the parameters")
    if not costs or len(units) > MAX_PARAMETER_SETS:
        raise Damaged("too few or too many parameters")
    return max(costs)


def single_picture(stream: bytes) -> bytes:
    """The slices of the one picture that a stream may hold, without anything else.

    Raises:
        Damaged, IndexError, struct.error: no picture, several, one that needs others, or too many slices.
    """
    kept, slices, position = [], 0, 0
    while position < len(stream):
        (length,) = struct.unpack_from(">I", stream, position)
        unit = stream[position : position + _LENGTH_BYTES + length]
        position += len(unit)
        if len(unit) < _LENGTH_BYTES + length or length < 3:
            raise Damaged("a unit leaves the stream")
        kind = _kind(unit[_LENGTH_BYTES:])
        if kind in _WHOLE_PICTURES:
            starts_picture = bool(unit[_LENGTH_BYTES + 2] & 0x80)
            if starts_picture != (slices == 0) or slices == MAX_SLICES:
                raise Damaged("several pictures, or one in too many slices")
            kept.append(unit)
            slices += 1
        elif kind < _FIRST_OTHER:
            raise Damaged("a picture that needs others")
    if not kept:
        raise Damaged("no picture")
    return b"".join(kept)


def _kind(unit: bytes) -> int:
    if unit[0] & 0x81 or unit[1] & 0xF8:
        raise Damaged("a unit of another layer")
    return unit[0] >> 1


def _parameter_sets(configuration: bytes) -> list[bytes]:
    units, position = [], _CONFIGURATION_HEAD + 1
    for _ in range(configuration[_CONFIGURATION_HEAD]):
        (number,) = struct.unpack_from(">H", configuration, position + 1)
        position += 3
        for _ in range(number):
            (length,) = struct.unpack_from(">H", configuration, position)
            units.append(configuration[position + 2 : position + 2 + length])
            position += 2 + length
    return units


def _cost(unit: bytes) -> int:
    bits = _Bits(unit[2:].replace(b"\x00\x00\x03", b"\x00\x00"))
    bits.skip(4)
    sub_layers = bits.read(3)
    bits.skip(1)
    _skip_profile(bits, sub_layers)
    bits.read_golomb()
    chroma = bits.read_golomb()
    if chroma == 3:
        bits.skip(1)
    width, height = bits.read_golomb(), bits.read_golomb()
    if bits.read(1):
        for _ in range(4):
            bits.read_golomb()
    depth = 8 + max(bits.read_golomb(), bits.read_golomb())
    return int(width * height * _SAMPLES[chroma]) * (1 if depth == 8 else 2)


def _skip_profile(bits: _Bits, sub_layers: int) -> None:
    profile, level = 88, 8
    bits.skip(profile + level)
    if sub_layers:
        present = [(bits.read(1), bits.read(1)) for _ in range(8)]
        for has_profile, has_level in present[:sub_layers]:
            bits.skip(profile * has_profile + level * has_level)
