"""Opens a PNG: walks over its chunks, bounds what decoding costs and hands Pillow the picture without the rest."""

import io
import struct

from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from triage.errors import PhotoRefused
from triage.photo_formats.opened import Damaged, OpenedPhoto, Size, check_size

MAX_PIXELS = 16_000_000
MAX_CHUNKS = 20_000
MAX_UNPACKED_BYTES = 80_000_000
"""Pillow undoes the slowest of PNG's filters at 7 ns a byte."""

_SIGNATURE_BYTES = 8
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
_PALETTE = 3


def open_png(content: bytes) -> OpenedPhoto:
    """Judge a PNG by its chunks; of an animated one, the picture that other programs show is taken.

    Raises:
        PhotoRefused: more pixels or chunks than can be decoded in good time and memory.
        Damaged, struct.error, KeyError: the bytes are no whole PNG.
    """
    if content[12:16] != b"IHDR":
        raise Damaged("no header")
    width, height, depth, colour = struct.unpack_from(">IIBB", content, 16)
    check_size(width, height, MAX_PIXELS)
    if width * height * depth * _CHANNELS[colour] // 8 > MAX_UNPACKED_BYTES:
        raise PhotoRefused(
            f"The photo is a PNG of {width} × {height} pixels of {depth * _CHANNELS[colour]} bits; "
            f"send at most {MAX_UNPACKED_BYTES // 1_000_000} MB of them, or a JPEG."
        )
    # Pillow gives 8 of 16 bits but compares them with all 16 of the one transparent colour.
    wanted = {b"IDAT", b"PLTE"} if depth == 16 and colour != _PALETTE else {b"IDAT", b"PLTE", b"tRNS"}
    kept, exif = _walk(content, wanted)
    return OpenedPhoto(width, height, exif, lambda size: _decode(kept, size))


def _decode(picture: bytes, _size: Size) -> Image.Image:
    with PngImageFile(io.BytesIO(picture)) as image:
        image.load()
        return image


def _walk(content: bytes, wanted: set[bytes]) -> tuple[bytes, bytes]:
    """The file with its header, the chunks wanted and its end alone; and the EXIF block."""
    view, position, exif = memoryview(content), _SIGNATURE_BYTES, b""
    kept = [view[:position]]
    for number in range(MAX_CHUNKS):
        length, kind = struct.unpack_from(">I4s", content, position)
        end = position + 12 + length
        if end > len(content):
            raise Damaged("a chunk leaves the file")
        if number == 0 or kind in wanted or kind == b"IEND":
            kept.append(view[position:end])
        if kind == b"IEND":
            return b"".join(kept), exif
        if kind == b"eXIf":
            exif = content[position + 8 : end - 4]
        position = end
    raise PhotoRefused(
        f"The photo is a PNG of more than {MAX_CHUNKS} parts; save it anew with a photo program and send that."
    )
