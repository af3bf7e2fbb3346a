"""Opens a WebP: reads the size before libwebp does, since that takes memory for it at once."""

import io
import struct

from PIL import Image
from PIL.WebPImagePlugin import WebPImageFile

from triage.photo_formats.opened import Damaged, OpenedPhoto, Size, check_size

MAX_PIXELS = 14_000_000
"""Pillow and libwebp together hold four copies of 4 bytes a pixel."""


def open_webp(content: bytes) -> OpenedPhoto:
    """Judge a WebP by its header; of an animated one, the first picture is taken.

    Raises:
        PhotoRefused: more pixels than can be decoded in good time and memory.
        Damaged, struct.error, OSError: the bytes are no whole WebP.
    """
    width, height = _claimed_size(content)
    check_size(width, height, MAX_PIXELS)
    image = WebPImageFile(io.BytesIO(content))
    if image.size != (width, height):
        raise Damaged("two sizes")

    def decode(_size: Size) -> Image.Image:
        image.load()
        return image

    return OpenedPhoto(width, height, image.info.get("exif", b""), decode)


def _claimed_size(content: bytes) -> tuple[int, int]:
    kind = content[12:16]
    if kind == b"VP8X":
        across, down = content[24:27], content[27:30]
        return int.from_bytes(across, "little") + 1, int.from_bytes(down, "little") + 1
    if kind == b"VP8L" and content[20:21] == b"\x2f":
        (bits,) = struct.unpack_from("<I", content, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", content, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise Damaged("no size")
