"""Where a photo was taken is read from its EXIF, as far as it is a place; whatever else is there costs nothing."""

import io
import struct
from collections.abc import Mapping
from typing import Any

import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from triage.photo import FORMATS, decode_photo
from triage.photo_formats.exif import Exif, read_exif

pillow_heif.register_heif_opener()

DIJON = {1: "N", 2: (47.0, 19.0, 18.48), 3: "E", 4: (5.0, 2.0, 29.4)}


def with_gps(gps: Mapping[int, Any], order: str = "<") -> Image.Exif:
    exif = Image.Exif()
    exif.endian = order
    exif[ExifTags.Base.Orientation] = 1
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(gps)
    return exif


def block(gps: Mapping[int, Any], order: str = "<") -> bytes:
    return with_gps(gps, order).tobytes()


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("order", ["<", ">"])
def test_the_place_is_read_in_every_format_and_byte_order(format_name: str, order: str) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48)).save(buffer, format_name, exif=with_gps(DIJON, order))
    assert decode_photo(buffer.getvalue()).place == pytest.approx((47.3218, 5.0415))


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_photo_without_exif_has_no_place(format_name: str) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48)).save(buffer, format_name)
    assert decode_photo(buffer.getvalue()).place is None


@pytest.mark.parametrize(
    ("gps", "place"),
    [
        ({1: "S", 3: "W"}, (-47.3218, -5.0415)),
        ({1: "n", 3: "e"}, (47.3218, 5.0415)),
        ({2: (47.3218, 0.0, 0.0), 4: (5.0415, 0.0, 0.0)}, (47.3218, 5.0415)),
        ({2: (47.0, 19.308, 0.0)}, (47.3218, 5.0415)),
        ({2: (90.0, 0.0, 0.0), 4: (180.0, 0.0, 0.0)}, (90.0, 180.0)),
    ],
)
def test_each_way_to_write_a_place_is_read(gps: dict[int, Any], place: tuple[float, float]) -> None:
    assert read_exif(block({**DIJON, **gps})).place == pytest.approx(place)


@pytest.mark.parametrize(
    "gps",
    [
        {1: ""},
        {1: "X"},
        {2: (91.0, 0.0, 0.0)},
        {4: (180.0, 0.0, 1.0)},
        {2: (47.0, 61.0, 0.0)},
        {2: (47.0, 0.0, 61.0)},
        {2: (47.0, 19.0)},
        {2: 47.0},
        {2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)},
    ],
)
def test_what_is_no_place_counts_as_none(gps: dict[int, Any]) -> None:
    assert read_exif(block({**DIJON, **gps})).place is None


@pytest.mark.parametrize("missing", [1, 2, 3, 4])
def test_half_a_place_counts_as_none(missing: int) -> None:
    assert read_exif(block({tag: value for tag, value in DIJON.items() if tag != missing})).place is None


def test_a_division_by_nothing_is_no_place() -> None:
    whole = block(DIJON)
    degrees = struct.pack("<6I", 47, 1, 19, 1, 462, 25)
    assert degrees in whole
    assert read_exif(whole.replace(degrees, struct.pack("<6I", 47, 1, 19, 1, 462, 0))).place is None


def test_a_broken_place_does_not_cost_the_orientation() -> None:
    exif = with_gps({**DIJON, 2: (99.0, 0.0, 0.0)})
    exif[ExifTags.Base.Orientation] = 6
    assert read_exif(exif.tobytes()) == Exif(6, None)


def test_an_orientation_written_as_a_long_number_is_read() -> None:
    directory = struct.pack("<HHHIII", 1, ExifTags.Base.Orientation, 4, 1, 8, 0)
    assert read_exif(b"II*\x00\x08\x00\x00\x00" + directory) == Exif(8, None)


@pytest.mark.parametrize("cut", range(0, 190, 7))
def test_exif_that_is_cut_off_is_read_as_far_as_it_goes(cut: int) -> None:
    whole = block(DIJON)
    assert read_exif(whole[: len(whole) - cut]).orientation == 1


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", b"Exif\x00\x00II*\x00", b"Exif\x00\x00MM\x00*\x00\x00\x00\x08"]))
def test_any_bytes_are_read_without_an_error(content: bytes, start: bytes) -> None:
    exif = read_exif(start + content)
    assert 1 <= exif.orientation <= 8
    assert exif.place is None or abs(exif.place[0]) <= 90


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), max_size=5))
def test_damaged_exif_is_read_without_an_error(changes: list[tuple[int, int]]) -> None:
    content = bytearray(block(DIJON))
    for position, value in changes:
        content[position % len(content)] = value
    place = read_exif(bytes(content)).place
    assert place is None or (abs(place[0]) <= 90 and abs(place[1]) <= 180)
