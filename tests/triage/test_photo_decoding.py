"""A decoded photo is upright, on white, in RGB, small enough, and holds nothing but its pixels."""

import hashlib
import io
import struct
import subprocess
import sys
import zlib
from typing import Any

import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from triage.errors import PhotoRefused
from triage.photo import FORMATS, LONGEST_SIDE, decode_photo
from triage.photo_formats import webp
from triage.settings import PROJECT_ROOT

pillow_heif.register_heif_opener()

Colour = tuple[int, int, int]
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 160, 0), (0, 0, 255), (255, 255, 255)
ORIENTATION = 0x0112


def saved(image: Image.Image, format_name: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_name, **options)
    return buffer.getvalue()


def quartered(width: int = 64, height: int = 48) -> Image.Image:
    """Red, green / blue, white."""
    image = Image.new("RGB", (width, height), WHITE)
    draw = ImageDraw.Draw(image)
    for colour, across, down in [(RED, 0, 0), (GREEN, 1, 0), (BLUE, 0, 1)]:
        left, top = across * width // 2, down * height // 2
        draw.rectangle((left, top, left + width // 2 - 1, top + height // 2 - 1), colour)
    return image


def exif_turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


def close_to(colour: object, expected: Colour, distance: int = 12) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(one - other) <= distance for one, other in zip(colour, expected, strict=True))


def corners(image: Image.Image) -> str:
    """The initials of the colours at the top left, top right, bottom left and bottom right."""
    names = {"R": RED, "G": GREEN, "B": BLUE, "W": WHITE}
    places = [(x, y) for y in (4, image.height - 5) for x in (4, image.width - 5)]
    return "".join(
        next(name for name, colour in names.items() if close_to(image.getpixel(place), colour, 40)) for place in places
    )


def pixel(content: bytes, place: tuple[int, int] = (10, 10)) -> object:
    return decode_photo(content).image.getpixel(place)


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize(
    ("orientation", "shown"),
    [(1, "RGBW"), (2, "GRWB"), (3, "WBGR"), (4, "BWRG"), (5, "RBGW"), (6, "BRWG"), (7, "WGBR"), (8, "GWRB")],
)
def test_every_orientation_is_made_upright(format_name: str, orientation: int, shown: str) -> None:
    source, exif = quartered(), exif_turned(orientation)
    source.info["exif"] = exif.tobytes()  # pillow_heif turns it into the boxes that turn a HEIC
    options = {} if format_name == "HEIF" else {"exif": exif}
    image = decode_photo(saved(source, format_name, **options)).image
    assert corners(image) == shown
    assert image.size == ((64, 48) if orientation < 5 else (48, 64))


def test_a_heic_is_turned_by_its_boxes_and_never_by_its_exif() -> None:
    assert corners(decode_photo(saved(quartered(), "HEIF", exif=exif_turned(6))).image) == "RGBW"


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize(
    ("size", "decoded"),
    [
        ((32, 24), (32, 24)),
        ((1_280, 960), (1_280, 960)),
        ((1_281, 1_281), (1_280, 1_280)),
        ((3_000, 1_500), (1_280, 640)),
        ((600, 2_600), (295, 1_280)),
        ((3_000, 3), (1_280, 1)),
    ],
)
def test_a_photo_is_shrunk_to_the_longest_side_and_never_enlarged(
    format_name: str, size: tuple[int, int], decoded: tuple[int, int]
) -> None:
    image = decode_photo(saved(Image.new("RGB", size, RED), format_name)).image
    assert (image.mode, image.size) == ("RGB", decoded)
    assert close_to(image.getpixel((decoded[0] // 2, decoded[1] // 2)), RED)


def test_a_small_png_keeps_every_pixel() -> None:
    image = Image.merge("RGB", [Image.effect_noise((200, 100), sigma) for sigma in (30, 60, 90)])
    assert decode_photo(saved(image, "PNG")).image.tobytes() == image.tobytes()


@pytest.mark.parametrize("format_name", FORMATS)
def test_metadata_is_dropped_and_the_digest_is_that_of_the_bytes_sent(format_name: str) -> None:
    exif = exif_turned(6)
    exif[0x010F] = "Maker of telephones"
    notes: dict[str, Any] = {"exif": exif, "icc_profile": b"\xff" * 200, "xmp": b"<x:xmpmeta/>"}
    content = saved(quartered(), format_name, **notes)
    decoded = decode_photo(content)
    assert decoded.image.info == {}
    assert dict(decoded.image.getexif()) == {}
    assert type(decoded.image) is Image.Image
    assert decoded.sha256 == hashlib.sha256(content).hexdigest()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def deep_png(colour: int, samples: bytes, *, key: bytes = b"") -> bytes:
    """A PNG of 32 × 32 equal pixels of 16 bits a sample."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 32, 32, 16, colour, 0, 0, 0))
    transparent = png_chunk(b"tRNS", key) if key else b""
    data = png_chunk(b"IDAT", zlib.compress((b"\x00" + samples * 32) * 32))
    return b"\x89PNG\r\n\x1a\n" + header + transparent + data + png_chunk(b"IEND", b"")


@pytest.mark.parametrize("value", [0, 255, 256, 12_345, 32_768, 65_535])
def test_16_bits_are_scaled_to_8_and_not_clipped(value: int) -> None:
    grey = value / 257
    sample = struct.pack(">H", value)
    for colour, samples in [(0, sample), (2, sample * 3), (4, sample + b"\xff\xff"), (6, sample * 3 + b"\xff\xff")]:
        assert close_to(pixel(deep_png(colour, samples)), (round(grey),) * 3, 1)


def test_a_16_bit_png_with_a_transparent_colour_is_read() -> None:
    assert close_to(pixel(deep_png(0, b"\x80\x00", key=b"\x80\x00")), (128, 128, 128), 1)
    assert close_to(pixel(deep_png(2, b"\x80\x00" * 3, key=b"\x80\x00" * 3)), (128, 128, 128), 1)


def test_a_grey_heic_of_more_than_8_bits_is_scaled_too() -> None:
    deep = pillow_heif.from_bytes(mode="I;16", size=(64, 64), data=struct.pack("<H", 32_768) * 64 * 64)
    buffer = io.BytesIO()
    deep.save(buffer)
    assert close_to(pixel(buffer.getvalue()), (128, 128, 128), 2)


@pytest.mark.parametrize(
    ("mode", "colour", "format_name", "expected"),
    [
        ("1", 1, "PNG", WHITE),
        ("1", 0, "PNG", (0, 0, 0)),
        ("L", 90, "PNG", (90, 90, 90)),
        ("L", 90, "JPEG", (90, 90, 90)),
        ("LA", (0, 0), "PNG", WHITE),
        ("LA", (0, 128), "PNG", (127, 127, 127)),
        ("RGBA", (0, 0, 0, 0), "PNG", WHITE),
        ("RGBA", (255, 0, 0, 128), "PNG", (255, 127, 127)),
        ("RGBA", (255, 0, 0, 255), "WEBP", RED),
        ("RGBA", (255, 0, 0, 128), "WEBP", (255, 127, 127)),
        ("RGBA", (255, 0, 0, 128), "HEIF", (255, 127, 127)),
        ("CMYK", (0, 255, 255, 0), "JPEG", RED),
        ("CMYK", (255, 255, 0, 0), "JPEG", BLUE),
        ("YCbCr", (76, 85, 255), "JPEG", RED),
    ],
)
def test_every_colour_mode_becomes_the_colour_that_one_sees_on_white(
    mode: str, colour: Any, format_name: str, expected: Colour
) -> None:
    assert close_to(pixel(saved(Image.new(mode, (64, 48), colour), format_name, quality=95)), expected)


@pytest.mark.parametrize("format_name", ["PNG", "WEBP", "HEIF"])
def test_what_is_transparent_stays_white_when_the_photo_is_shrunk(format_name: str) -> None:
    image = Image.new("RGBA", (2_000, 1_000), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (1_000, 0, 2_000, 1_000))
    decoded = decode_photo(saved(image, format_name, quality=90)).image
    assert close_to(decoded.getpixel((100, 100)), WHITE)
    assert close_to(decoded.getpixel((1_200, 100)), RED)


@pytest.mark.parametrize("transparency", [0, b"\x00\xff", bytes(range(200))])
def test_a_palette_with_transparency_is_laid_on_white(transparency: int | bytes) -> None:
    image = Image.new("P", (64, 48), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(1, (32, 0, 64, 48))
    decoded = decode_photo(saved(image, "PNG", transparency=transparency, bits=8)).image
    assert close_to(decoded.getpixel((10, 10)), WHITE)
    assert close_to(decoded.getpixel((50, 10)), (0, 0, 255) if transparency != bytes(range(200)) else (254, 254, 255))


@pytest.mark.parametrize(("mode", "key"), [("L", 90), ("RGB", (255, 0, 0)), ("1", 0)])
def test_the_one_transparent_colour_of_a_png_is_laid_on_white(mode: str, key: Any) -> None:
    assert close_to(pixel(saved(Image.new(mode, (64, 48), key), "PNG", transparency=key)), WHITE)


def test_a_jpeg_whose_inks_are_stored_as_light_and_colour_is_read() -> None:
    plain = saved(Image.new("CMYK", (64, 48), (0, 0, 0, 0)), "JPEG")
    place = plain.index(b"Adobe") + 11
    light_and_colour = plain[:place] + b"\x02" + plain[place + 1 :]
    assert decode_photo(light_and_colour).image.size == (64, 48)


@pytest.mark.parametrize("format_name", ["PNG", "WEBP"])
def test_of_an_animation_the_first_picture_is_taken(format_name: str) -> None:
    first, second = Image.new("RGB", (64, 48), RED), Image.new("RGB", (64, 48), BLUE)
    content = saved(first, format_name, save_all=True, append_images=[second], duration=100)
    assert close_to(pixel(content), RED)


def test_of_several_pictures_in_a_heic_the_primary_one_is_taken() -> None:
    first, second = Image.new("RGB", (64, 48), RED), Image.new("RGB", (64, 48), BLUE)
    content = saved(first, "HEIF", save_all=True, append_images=[second], primary_index=1)
    assert close_to(pixel(content), BLUE)


def test_of_a_jpeg_with_a_second_picture_the_first_is_taken() -> None:
    first, second = Image.new("RGB", (64, 48), RED), Image.new("RGB", (64, 48), BLUE)
    assert close_to(pixel(saved(first, "MPO", save_all=True, append_images=[second])), RED)


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("share", [0.3, 0.5, 0.9, 0.99])
def test_a_photo_that_is_cut_off_is_refused(format_name: str, share: float) -> None:
    content = saved(Image.effect_noise((160, 120), 60).convert("RGB"), format_name)
    with pytest.raises(PhotoRefused, match=r"damaged or cut off|not a readable"):
        decode_photo(content[: int(len(content) * share)])


def test_a_progressive_jpeg_that_is_cut_off_is_refused() -> None:
    content = saved(Image.effect_noise((160, 120), 60), "JPEG", progressive=True)
    with pytest.raises(PhotoRefused, match="damaged or cut off"):
        decode_photo(content[:-200])


def test_a_webp_of_too_many_pixels_is_told_how_many_it_may_have() -> None:
    with pytest.raises(PhotoRefused, match="4000 × 3501 pixels; send at most 14 million"):
        decode_photo(saved(Image.new("RGB", (4_000, webp.MAX_PIXELS // 4_000 + 1)), "WEBP", method=0))


def test_a_progressive_jpeg_that_takes_too_much_memory_is_refused_where_a_plain_one_is_read() -> None:
    image = Image.new("RGB", (7_000, 5_000), GREEN)
    assert close_to(pixel(saved(image, "JPEG", subsampling=0)), GREEN)
    with pytest.raises(PhotoRefused, match="progressive JPEG"):
        decode_photo(saved(image, "JPEG", subsampling=0, progressive=True))


def test_nothing_of_pillow_is_changed_for_the_rest_of_the_process() -> None:
    code = (
        "from PIL import Image; Image.init(); before = (dict(Image.OPEN), Image.MAX_IMAGE_PIXELS)\n"
        "import triage.photo; assert before == (dict(Image.OPEN), Image.MAX_IMAGE_PIXELS)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=PROJECT_ROOT)


SAMPLES = [
    *(saved(quartered(), name, exif=exif_turned(6)) for name in FORMATS),
    saved(quartered(), "JPEG", progressive=True),
    saved(quartered().convert("P"), "PNG", transparency=0),
    saved(quartered(), "WEBP", lossless=True),
    saved(quartered(128, 128), "HEIF", tile_size=64),
]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 3_000), st.binary(min_size=1, max_size=4)), max_size=6),
    st.integers(0, 200),
    st.binary(max_size=20),
)
def test_a_damaged_photo_is_decoded_or_refused_and_nothing_else_is_raised(
    sample: bytes, changes: list[tuple[int, bytes]], cut: int, added: bytes
) -> None:
    content = bytearray(sample)
    for position, value in changes:
        place = position % len(content)
        content[place : place + len(value)] = value
    try:
        image = decode_photo(bytes(content[: len(content) - cut]) + added).image
    except PhotoRefused as refusal:
        assert refusal.message.endswith(".")
        return
    assert image.mode == "RGB"
    assert 0 < max(image.size) <= LONGEST_SIDE
