"""Decodes the photos of residents: any bytes become an upright picture within known time and memory, or a refusal.

Pillow cannot be interrupted, so all that costs is bounded before it starts: the reader of each format
(`triage.photo_formats.jpeg` and its like) judges the header and hands the library only what the picture needs.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from triage.errors import PhotoRefused
from triage.photo_formats.exif import Place, read_exif
from triage.photo_formats.heif import open_heif
from triage.photo_formats.jpeg import open_jpeg
from triage.photo_formats.opened import OpenedPhoto
from triage.photo_formats.png import open_png
from triage.photo_formats.webp import open_webp

MAX_PHOTO_BYTES = 10_000_000
LONGEST_SIDE = 1_280
"""Pixels of a decoded photo; the model and the review desk need no more."""

_READERS: dict[str, tuple[re.Pattern[bytes], Callable[[bytes], OpenedPhoto]]] = {
    "JPEG": (re.compile(rb"\xff\xd8\xff"), open_jpeg),
    "PNG": (re.compile(rb"\x89PNG\r\n\x1a\n"), open_png),
    "WEBP": (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), open_webp),
    "HEIF": (re.compile(rb".{4}ftyp", re.DOTALL), open_heif),
}
FORMATS = tuple(_READERS)

_Turn = Image.Transpose
# What EXIF calls 2 to 8; 1 is upright.
_TURNS = (
    _Turn.FLIP_LEFT_RIGHT,
    _Turn.ROTATE_180,
    _Turn.FLIP_TOP_BOTTOM,
    _Turn.TRANSPOSE,
    _Turn.ROTATE_270,
    _Turn.TRANSVERSE,
    _Turn.ROTATE_90,
)


@dataclass(frozen=True, slots=True)
class PhotoInfo:
    """Format and size in pixels, read from the header; nothing was decoded."""

    format: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """A photo as the rest of the service sees it.

    Attributes:
        image: mode RGB, upright, its longest side at most `LONGEST_SIDE` pixels, with no metadata.
        place: WGS84 latitude and longitude in degrees where EXIF says it was taken; None if it does not, or if
            that is no place.
        sha256: hexadecimal digest of the bytes as they came.
    """

    image: Image.Image
    place: Place | None
    sha256: str


def inspect_photo(content: bytes) -> PhotoInfo:
    """Judge a photo by its header; the content decides its format, never a name.

    Raises:
        PhotoRefused: too many bytes or pixels, not an image, or not one of `FORMATS`.
    """
    name, photo = _open(content)
    return PhotoInfo(name, photo.width, photo.height)


def decode_photo(content: bytes) -> DecodedPhoto:
    """Decode a photo to an upright picture on white; of several in one file, the first or primary one.

    Colour profiles are not applied: they change little of what a street looks like, and are one more thing to attack.

    Raises:
        PhotoRefused: as `inspect_photo`, or the pixels are damaged or cut off. Nothing else, whatever the bytes.
    """
    _, photo = _open(content)
    exif = read_exif(photo.exif)
    scale = min(1.0, LONGEST_SIDE / max(photo.width, photo.height))
    size = max(1, round(photo.width * scale)), max(1, round(photo.height * scale))
    try:
        image = _on_white(photo.decode(size), size)
    except Exception as error:  # of a damaged file the libraries raise what their parts raise
        raise PhotoRefused("The photo is damaged or cut off; send it again, or take it again.") from error
    if exif.orientation > 1 and not photo.upright:
        image = image.transpose(_TURNS[exif.orientation - 2])
    return DecodedPhoto(image, exif.place, hashlib.sha256(content).hexdigest())


def _open(content: bytes) -> tuple[str, OpenedPhoto]:
    if len(content) > MAX_PHOTO_BYTES:
        raise PhotoRefused(f"The photo has {len(content)} bytes; send at most {MAX_PHOTO_BYTES}.")
    for name, (signature, reader) in _READERS.items():
        if signature.match(content):
            try:
                return name, reader(content)
            except PhotoRefused:
                raise
            except Exception as error:  # as above
                raise _unreadable() from error
    raise _unreadable()


def _unreadable() -> PhotoRefused:
    return PhotoRefused("The photo is not a readable JPEG, PNG, WebP or HEIC picture.")


def _on_white(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Shrink first, so that only a small picture is copied from mode to mode; and leave all metadata behind."""
    if image.mode.startswith("I;16"):
        image = image.point(lambda value: value / 257).convert("L")  # convert alone clips at 255
    elif image.mode in {"1", "P"} or "transparency" in image.info:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    plain = Image.new("RGB", size, "white")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        plain.paste(image, mask=image)
    else:
        plain.paste(image.convert("RGB"))
    return plain
