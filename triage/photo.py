"""What a photo must be before anything decodes it: bounded in bytes and pixels, of a known format."""

import io
import warnings
from dataclasses import dataclass

import pillow_heif
from PIL import Image, UnidentifiedImageError

from triage.errors import PhotoRefused

MAX_PHOTO_BYTES = 10_000_000
MAX_PHOTO_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")

pillow_heif.register_heif_opener()


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
    try:
        with warnings.catch_warnings():
            # Pillow only warns of large pictures; the limit below is the one that counts.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                info = PhotoInfo(str(image.format), image.width, image.height)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise PhotoRefused("The photo is not a readable JPEG, PNG, WebP or HEIC picture.") from error
    if info.width * info.height > MAX_PHOTO_PIXELS:
        raise PhotoRefused(
            f"The photo has {info.width} × {info.height} pixels; send at most {MAX_PHOTO_PIXELS // 1_000_000} million."
        )
    return info
