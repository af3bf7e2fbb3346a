"""What a photo must be before anything decodes it: bounded in bytes and pixels, of a known format."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass

import pillow_heif
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from triage.errors import PhotoRefused

MAX_PHOTO_BYTES = 10_000_000
MAX_PHOTO_PIXELS = 50_000_000
_HEADER_BYTES = 1_000_000  # a crafted file holds millions of empty segments before its size


@dataclass(frozen=True, slots=True)
class PhotoInfo:
    """Format and size in pixels, read from the header; nothing was decoded."""

    format: str
    width: int
    height: int


def inspect_photo(content: bytes) -> PhotoInfo:
    """Read the header of a photo; the content decides its format, never a name.

    Raises:
        PhotoRefused: too many bytes or pixels, not an image, or not one of `FORMATS`.
    """
    if len(content) > MAX_PHOTO_BYTES:
        raise PhotoRefused(f"The photo has {len(content)} bytes; send at most {MAX_PHOTO_BYTES}.")
    name = next((name for name, signature in _SIGNATURES.items() if signature.match(content)), None)
    try:
        width, height = _SIZES[name](content) if name else (0, 0)
    except Exception as error:  # of a damaged file the libraries raise what their parts raise
        raise _unreadable() from error
    if name is None or width < 1 or height < 1:
        raise _unreadable()
    if width * height > MAX_PHOTO_PIXELS:
        raise PhotoRefused(
            f"The photo has {width} × {height} pixels; send at most {MAX_PHOTO_PIXELS // 1_000_000} million."
        )
    return PhotoInfo(name, width, height)


def _unreadable() -> PhotoRefused:
    return PhotoRefused("The photo is not a readable JPEG, PNG, WebP or HEIC picture.")


# Image.open would warn of many a harmless photo and limit pixels by a global number; the format's
# own class reads the header and no more.
def _jpeg_size(content: bytes) -> tuple[int, int]:
    with JpegImageFile(io.BytesIO(content[:_HEADER_BYTES])) as image:
        return image.size


def _png_size(content: bytes) -> tuple[int, int]:
    with PngImageFile(io.BytesIO(content[:_HEADER_BYTES])) as image:
        return image.size


def _webp_size(content: bytes) -> tuple[int, int]:
    with WebPImageFile(io.BytesIO(content)) as image:
        return image.size


def _heif_size(content: bytes) -> tuple[int, int]:
    if not pillow_heif.get_file_mimetype(content).startswith(("image/heic", "image/heif")):
        raise ValueError("another format in the same container")
    width, height = pillow_heif.open_heif(content).size
    return width, height


_SIGNATURES = {
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "WEBP": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    "HEIF": re.compile(rb".{4}ftyp", re.DOTALL),
}
_SIZES: dict[str, Callable[[bytes], tuple[int, int]]] = {
    "JPEG": _jpeg_size,
    "PNG": _png_size,
    "WEBP": _webp_size,
    "HEIF": _heif_size,
}
FORMATS = tuple(_SIGNATURES)
