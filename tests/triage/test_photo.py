"""Photos are judged by their headers and their size, before anything decodes them."""

import io
import struct
import time
import zlib
from typing import Any

import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from triage.errors import PhotoRefused
from triage.photo import FORMATS, MAX_PHOTO_BYTES, PhotoInfo, inspect_photo
from triage.photo_formats import jpeg, png

pillow_heif.register_heif_opener()


def picture(format_name: str, size: tuple[int, int] = (32, 24), mode: str = "RGB", **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, "red").save(buffer, format_name, **options)
    return buffer.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG whose header claims a size, with no pixels behind it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


SAMPLES = {name: picture(name) for name in FORMATS}


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_photo_of_each_known_format_is_accepted(format_name: str) -> None:
    assert inspect_photo(SAMPLES[format_name]) == PhotoInfo(format_name, 32, 24)


@pytest.mark.parametrize(
    ("format_name", "mode", "options"),
    [
        ("JPEG", "RGB", {"progressive": True}),
        ("JPEG", "CMYK", {"exif": b"Exif\x00\x00" + b"\xff" * 60_000, "icc_profile": b"\xff" * 100_000}),
        ("PNG", "P", {"optimize": True}),
        ("PNG", "RGBA", {}),
        ("WEBP", "RGB", {"lossless": True}),
        ("WEBP", "RGBA", {}),
        ("WEBP", "RGB", {"exif": b"Exif\x00\x00II"}),
        ("WEBP", "RGB", {"save_all": True, "append_images": [Image.new("RGB", (301, 7))]}),
        ("HEIF", "RGBA", {}),
    ],
)
def test_each_way_to_write_a_format_gives_the_true_size(format_name: str, mode: str, options: dict[str, Any]) -> None:
    content = picture(format_name, (301, 7), mode, **options)
    assert inspect_photo(content) == PhotoInfo(format_name, 301, 7)


@pytest.mark.parametrize("size", [(16_383, 3), (3, 16_383), (256, 257)])
@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": b"Exif\x00\x00II"}])
def test_a_webp_of_many_pixels_on_one_side_keeps_its_size(size: tuple[int, int], options: dict[str, Any]) -> None:
    assert inspect_photo(picture("WEBP", size, **options)) == PhotoInfo("WEBP", *size)


@pytest.mark.parametrize("format_name", ["GIF", "BMP", "TIFF", "ICO", "PPM", "PDF"])
def test_a_picture_of_another_format_is_refused(format_name: str) -> None:
    with pytest.raises(PhotoRefused, match="JPEG, PNG, WebP or HEIC"):
        inspect_photo(picture(format_name))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 1_000,
        b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>',
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%PDF-1.7\n",
        b"GIF89a\x01\x00\x01\x00",
        b"photo.jpg",
        b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x00\x00\x00\x00WEBP",
        b"\x00\x00\x00\x18ftypheic",
    ],
)
def test_bytes_that_are_no_photo_are_refused(content: bytes) -> None:
    with pytest.raises(PhotoRefused):
        inspect_photo(content)


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("length", [1, 4, 8, 12, 16, 20])
def test_a_truncated_header_is_refused(format_name: str, length: int) -> None:
    with pytest.raises(PhotoRefused):
        inspect_photo(SAMPLES[format_name][:length])


def test_a_webp_dressed_as_a_png_is_judged_by_its_content() -> None:
    with pytest.raises(PhotoRefused):
        inspect_photo(b"\x89PNG\r\n\x1a\n" + SAMPLES["WEBP"])


@pytest.mark.parametrize(
    ("width", "height"), [(60_000, 60_000), (2**31 - 1, 2**31 - 1), (2**32 - 1, 1), (0, 0), (0, 5)]
)
def test_a_header_that_claims_an_absurd_size_is_refused(width: int, height: int) -> None:
    with pytest.raises(PhotoRefused):
        inspect_photo(png_header(width, height))


@pytest.mark.parametrize(("width", "height"), [(10_000, 1_601), (12_000, 9_000), (16_000_001, 1), (65_536, 1)])
def test_a_photo_of_too_many_pixels_is_refused_with_its_size(width: int, height: int) -> None:
    with pytest.raises(PhotoRefused, match=f"{width} × {height}"):
        inspect_photo(png_header(width, height))


def test_a_photo_of_very_many_pixels_is_told_so_too() -> None:
    with pytest.raises(PhotoRefused, match="60000 × 60000 pixels"):
        inspect_photo(png_header(60_000, 60_000))


def test_a_photo_of_exactly_the_most_pixels_is_accepted() -> None:
    assert inspect_photo(png_header(10_000, png.MAX_PIXELS // 10_000)).width == 10_000


def test_a_photo_of_exactly_the_most_bytes_is_accepted_and_one_more_is_refused() -> None:
    padded = SAMPLES["PNG"].ljust(MAX_PHOTO_BYTES, b"\x00")
    assert inspect_photo(padded).format == "PNG"
    with pytest.raises(PhotoRefused, match=str(MAX_PHOTO_BYTES + 1)):
        inspect_photo(padded + b"\x00")


def multi_picture() -> bytes:
    """A JPEG with a second picture behind it, as many telephones write them."""
    buffer = io.BytesIO()
    image = Image.new("RGB", (32, 24), "red")
    image.save(buffer, "MPO", save_all=True, append_images=[image])
    return buffer.getvalue()


def test_a_jpeg_with_a_second_picture_is_a_jpeg() -> None:
    assert inspect_photo(multi_picture()).format == "JPEG"


def test_a_jpeg_with_a_malformed_second_picture_is_read_without_a_warning() -> None:
    broken = multi_picture().replace(b"\x01\xb0\x04\x00", b"\xff\xb0\x04\x00", 1)
    assert inspect_photo(broken).format == "JPEG"


@pytest.mark.parametrize("filler", [b"\xff\xe1\x00\x02", b"\xff"], ids=["empty-segments", "fill-bytes"])
def test_a_jpeg_of_millions_of_empty_segments_is_refused_at_once(filler: bytes) -> None:
    content = b"\xff\xd8" + filler * ((MAX_PHOTO_BYTES - 2) // len(filler))
    started = time.perf_counter()
    with pytest.raises(PhotoRefused):
        inspect_photo(content)
    assert time.perf_counter() - started < 1


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_are_refused_and_nothing_else_is_raised(content: bytes) -> None:
    with pytest.raises(PhotoRefused):
        inspect_photo(content)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(FORMATS),
    st.lists(st.tuples(st.integers(0, 250), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 1_000),
)
def test_a_damaged_photo_is_read_or_refused_and_nothing_else_is_raised(
    format_name: str, changes: list[tuple[int, int]], length: int
) -> None:
    content = bytearray(SAMPLES[format_name])
    for position, value in changes:
        content[position % len(content)] = value
    try:
        info = inspect_photo(bytes(content[:length]))
    except PhotoRefused:
        return
    assert 0 < info.width * info.height <= jpeg.MAX_PIXELS
