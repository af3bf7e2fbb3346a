"""What the reader of every format answers: the size, and the work that was found harmless, not yet done."""

from collections.abc import Callable
from dataclasses import dataclass

from PIL.Image import Image

from triage.errors import PhotoRefused

MAX_SIDE = 65_535
"""Pixels; Pillow keeps a pointer a row, and a picture one pixel wide would need more for these than for itself."""

Size = tuple[int, int]


class Damaged(ValueError):
    """The bytes break the rules of their format."""


@dataclass(frozen=True, slots=True)
class OpenedPhoto:
    """A photo whose header was judged; nothing is decoded before `decode`.

    Attributes:
        width: pixels, as `decode` gives them.
        height: pixels.
        exif: the EXIF block, empty if there is none.
        decode: gives the picture in a mode of Pillow's choice, shrunk where the format makes that cheap, but
            never below the size asked for. A damaged file raises whatever the library raises.
        upright: whether `decode` turns the picture by itself, so that the orientation in EXIF must not do it again.
    """

    width: int
    height: int
    exif: bytes
    decode: Callable[[Size], Image]
    upright: bool = False


def check_size(width: int, height: int, most: int) -> None:
    """Refuse a size that would cost too much, or none.

    Args:
        width: pixels that the header claims.
        height: pixels that the header claims.
        most: pixels that may be decoded of this format.

    Raises:
        PhotoRefused: more pixels, or a longer side.
        Damaged: no pixels at all.
    """
    if width < 1 or height < 1:
        raise Damaged("a picture without pixels")
    if width * height > most:
        raise PhotoRefused(
            f"The photo has {width} × {height} pixels; send at most {most // 1_000_000} million in this format."
        )
    if max(width, height) > MAX_SIDE:
        raise PhotoRefused(f"The photo has {width} × {height} pixels; send no side longer than {MAX_SIDE}.")
