"""Hostile and odd WebP files: name, bytes, and what must become of them."""

import struct
from collections.abc import Iterator

from hostile_jpeg import Hostile, photograph, saved
from PIL import Image


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(
        kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2) for kind, content in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def canvas(width: int, height: int, flags: int = 0) -> tuple[bytes, bytes]:
    """The header of an extended WebP; flags: 2 animation, 4 XMP, 8 EXIF, 16 alpha, 32 colour profile."""
    return b"VP8X", struct.pack("<I", flags) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")


def bitstream(content: bytes) -> tuple[bytes, bytes]:
    """The single chunk of a simple WebP."""
    (length,) = struct.unpack_from("<I", content, 16)
    return content[12:16], content[20 : 20 + length]


def frame(width: int, height: int, content: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    size = bytes(6) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"ANMF", size + bytes(4) + riff(content)[12:]


def sizes() -> Iterator[Hostile]:
    small = bitstream(saved(photograph(), "WEBP"))
    for width, height in [
        (1, 1),
        (95, 64),
        (16_384, 16_384),
        (2**24, 255),
        (2**24, 2**24),
        (4_001, 3_500),
        (65_536, 1),
    ]:
        yield f"webp-claims-{width}x{height}", riff(canvas(width, height), small), "refused"
    loss, lossless = saved(photograph(), "WEBP"), saved(photograph(), "WEBP", lossless=True)
    for width, height in [(0, 64), (96, 0), (16_383, 16_383), (97, 64), (4_000, 4_000)]:
        yield f"webp-lossy-claims-{width}x{height}", loss[:26] + struct.pack("<HH", width, height) + loss[30:], "either"
    for width, height in [(1, 1), (16_384, 16_384), (97, 64), (4_000, 4_000)]:
        bits = struct.pack("<I", (width - 1) | (height - 1) << 14)
        yield f"webp-lossless-claims-{width}x{height}", lossless[:21] + bits + lossless[25:], "either"
    for width, height in [(16_383, 1), (1, 16_383), (16_383, 850)]:
        yield f"webp-{width}x{height}", saved(Image.new("RGB", (width, height)), "WEBP", method=0), "decoded"


def structure() -> Iterator[Hostile]:
    content = saved(photograph(), "WEBP")
    small = bitstream(content)
    yield "webp-extended", riff(canvas(96, 64), small), "decoded"
    yield "webp-without-pixels", riff(canvas(96, 64)), "refused"
    yield "webp-of-nothing", riff(), "refused"
    yield "webp-of-an-unknown-kind", riff((b"VP9 ", small[1])), "refused"
    yield "webp-claims-too-many-bytes", content[:4] + b"\xff\xff\xff\x7f" + content[8:], "refused"
    yield "webp-claims-no-bytes", content[:4] + bytes(4) + content[8:], "refused"
    yield "webp-flags-without-chunks", riff(canvas(96, 64, 0xFF), small), "either"
    yield "webp-exif-of-9-mb", riff(canvas(96, 64, 8), small, (b"EXIF", b"\xff" * 9_000_000)), "decoded"
    yield "webp-profile-of-9-mb", riff(canvas(96, 64, 32), (b"ICCP", b"\xff" * 9_000_000), small), "decoded"
    yield "webp-flood-of-chunks", riff(canvas(96, 64), small, *[(b"JUNK", b"")] * 1_200_000), "either"
    yield "webp-junk-after-the-end", content + bytes(9_000_000), "decoded"
    alpha = (b"ALPH", b"\x01" + bytes(20))
    yield "webp-broken-alpha", riff(canvas(96, 64, 16), alpha, small), "either"
    yield "webp-raw-alpha-of-too-few-bytes", riff(canvas(96, 64, 16), (b"ALPH", bytes(5)), small), "either"


def animations() -> Iterator[Hostile]:
    image, moving = photograph(), (b"ANIM", bytes(6))
    small = bitstream(saved(image, "WEBP"))
    yield "webp-animated", saved(image, "WEBP", save_all=True, append_images=[image.rotate(180)]), "decoded"
    dot = frame(1, 1, bitstream(saved(Image.new("RGB", (1, 1)), "WEBP", lossless=True)))
    yield "webp-animated-200000-frames", riff(canvas(4_000, 3_500, 2), moving, *[dot] * 170_000), "decoded"
    yield "webp-animated-no-frame", riff(canvas(96, 64, 2), moving), "refused"
    yield "webp-frame-beyond-the-canvas", riff(canvas(50, 50, 2), moving, frame(96, 64, small)), "refused"
    yield "webp-frame-larger-than-it-says", riff(canvas(96, 64, 2), moving, frame(10, 10, small)), "either"
    yield "webp-animated-canvas-of-256-megapixels", riff(canvas(16_000, 16_000, 2), moving, dot), "refused"


def heavy() -> Iterator[Hostile]:
    """As much as is accepted, and a little more."""
    noisy = photograph(1_000, 1_000).resize((4_000, 3_500))
    yield "webp-14-megapixels", saved(noisy, "WEBP", quality=60, method=0), "decoded"
    clear = noisy.copy()
    clear.putalpha(noisy.getchannel("R").point(lambda value: value // 64 * 64))
    yield "webp-14-megapixels-transparent", saved(clear, "WEBP", quality=60, method=0, alpha_quality=0), "decoded"
    few = photograph(1_000, 1_000).quantize(8).convert("RGB").resize((4_000, 3_500), Image.Resampling.NEAREST)
    yield "webp-14-megapixels-lossless", saved(few, "WEBP", lossless=True, quality=0, method=0), "decoded"
    yield "webp-15-megapixels", saved(Image.new("RGB", (4_200, 3_500)), "WEBP", method=0), "refused"


def files() -> Iterator[Hostile]:
    for group in (sizes, structure, animations, heavy):
        yield from group()
