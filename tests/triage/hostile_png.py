"""Hostile and odd PNG files: name, bytes, and what must become of them."""

import functools
import struct
import zlib
from collections.abc import Iterator

from hostile_jpeg import Hostile, photograph, saved

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
STEPS = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def header(width: int, height: int, depth: int = 8, colour: int = 2, interlaced: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))


def png(*chunks: bytes) -> bytes:
    return SIGNATURE + b"".join(chunks) + chunk(b"IEND", b"")


@functools.cache
def bomb() -> bytes:
    """300 MB in 300 kB."""
    return zlib.compress(bytes(300_000_000), 9)


def pixels(width: int, height: int, bits: int, line_filter: int = 0, interlaced: int = 0) -> bytes:
    """The data of a picture whose lines all hold the same bytes."""
    packer, parts = zlib.compressobj(1), []
    for left, top, across, down in STEPS if interlaced else [(0, 0, 1, 1)]:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        line = bytes([line_filter]) + bytes(range(1, 200)) * (columns * bits // 8 // 199 + 1)
        line = line[: 1 + (columns * bits + 7) // 8]
        parts += [packer.compress(line) for _ in range(rows if columns > 0 else 0)]
    return b"".join((*parts, packer.flush()))


def whole(width: int, height: int, depth: int, colour: int, *, interlaced: int = 0, extra: bytes = b"") -> bytes:
    palette = chunk(b"PLTE", bytes(range(256)) * 3) if colour == 3 else b""
    data = pixels(width, height, depth * CHANNELS[colour], 4, interlaced)
    return png(header(width, height, depth, colour, interlaced), palette, extra, chunk(b"IDAT", data))


def modes() -> Iterator[Hostile]:
    keys = {0: b"\x00\x10", 2: b"\x00\x10\x00\x10\x00\x10", 3: bytes(range(0, 256, 3))}
    for colour, depths in DEPTHS.items():
        for depth in depths:
            for interlaced in (0, 1):
                yield (
                    f"png-colour-{colour}-depth-{depth}-interlaced-{interlaced}",
                    whole(61, 43, depth, colour, interlaced=interlaced),
                    "decoded",
                )
            if colour in keys:
                content = whole(61, 43, depth, colour, extra=chunk(b"tRNS", keys[colour]))
                yield f"png-colour-{colour}-depth-{depth}-transparent", content, "decoded"


def sizes() -> Iterator[Hostile]:
    empty = chunk(b"IDAT", zlib.compress(b""))
    for width, height in [
        (0, 0),
        (0, 5),
        (60_000, 60_000),
        (2**31 - 1, 2**31 - 1),
        (2**32 - 1, 1),
        (1, 2**32 - 1),
        (16_000_000, 1),
        (1, 16_000_000),
        (4_001, 4_000),
    ]:
        yield f"png-claims-{width}x{height}", png(header(width, height), empty), "refused"
    yield "png-of-no-data", png(header(100, 100), empty), "either"
    yield "png-of-less-data-than-it-claims", png(header(4_000, 4_000), chunk(b"IDAT", pixels(100, 100, 24))), "either"
    yield (
        "png-of-more-data-than-it-claims",
        png(header(10, 10), chunk(b"IDAT", bomb())),
        ("decoded"),
    )
    for width, height in [(65_535, 1), (1, 65_535), (65_535, 240)]:
        yield f"png-{width}x{height}", whole(width, height, 8, 6), "decoded"


def structure() -> Iterator[Hostile]:
    head, data = header(20, 10), chunk(b"IDAT", pixels(20, 10, 24))
    yield "png-without-data", png(head), "refused"
    yield "png-without-a-header", png(data), "refused"
    yield "png-header-later", png(chunk(b"tEXt", b"a\x00b"), head, data), "refused"
    yield "png-two-headers", png(head, header(60_000, 60_000), data), "decoded"
    yield "png-ends-at-once", png(), "refused"
    yield "png-without-its-end", png(head, data)[:-12], "refused"
    yield "png-wrong-checksum-of-the-header", SIGNATURE + head[:-1] + b"\x00" + data + chunk(b"IEND", b""), "refused"
    for depth, colour in [(3, 2), (8, 1), (8, 7), (16, 3), (0, 0), (255, 255)]:
        yield f"png-of-depth-{depth}-and-colour-{colour}", png(header(20, 10, depth, colour), data), "refused"
    yield "png-interlaced-by-9", png(header(20, 10, interlaced=9), data), "either"
    yield "png-filter-9", png(head, chunk(b"IDAT", pixels(20, 10, 24, 9))), "refused"
    yield "png-data-not-packed", png(head, chunk(b"IDAT", bytes(700))), "refused"
    for length in (2**31 - 1, 2**31, 2**32 - 1):
        wrong = SIGNATURE + head + struct.pack(">I4s", length, b"IDAT") + bytes(100)
        yield f"png-chunk-of-{length}-bytes", wrong, "refused"
    indexed = header(20, 10, 8, 3)
    packed = chunk(b"IDAT", pixels(20, 10, 8))
    yield "png-palette-missing", png(indexed, packed), "either"
    yield "png-palette-short", png(indexed, chunk(b"PLTE", b"\x01\x02\x03"), packed), "either"
    yield "png-palette-of-9-mb", png(indexed, chunk(b"PLTE", bytes(9_000_000)), packed), "either"
    yield (
        "png-transparency-of-9-mb",
        png(indexed, chunk(b"PLTE", bytes(768)), chunk(b"tRNS", b"\xff" * 9_000_000), packed),
        ("either"),
    )


def floods() -> Iterator[Hostile]:
    head, data, limit = header(20, 10), pixels(20, 10, 24), 9_900_000
    for kind, content in [
        (b"zTXt", b"key\x00\x00" + bomb()),
        (b"iTXt", b"key\x00\x01\x00\x00\x00" + bomb()),
        (b"iCCP", b"name\x00\x00" + bomb()),
        (b"tEXt", b"key\x00" + bytes(9_000_000)),
        (b"iCCP", b"name\x00\x00broken"),
        (b"iCCP", b"no end of the name"),
        (b"eXIf", b"\xff" * 9_000_000),
        (b"gAMA", b""),
        (b"cHRM", b"\x00"),
        (b"pHYs", b""),
        (b"sRGB", b""),
        (b"acTL", b""),
        (b"fcTL", b""),
    ]:
        yield (
            f"png-{kind.decode()}-of-{len(content)}-bytes",
            png(head, chunk(kind, content), chunk(b"IDAT", data)),
            ("decoded"),
        )
    many = chunk(b"tEXt", b"k\x00v")
    yield "png-flood-of-texts", png(head, many * (limit // len(many)), chunk(b"IDAT", data)), "refused"
    yield "png-flood-of-texts-after", png(head, chunk(b"IDAT", data), many * (limit // len(many))), "refused"
    yield "png-flood-of-empty-data", png(head, chunk(b"IDAT", b"") * (limit // 12), chunk(b"IDAT", data)), "refused"
    pieces = b"".join(chunk(b"IDAT", data[at : at + 1]) for at in range(len(data)))
    yield "png-data-in-single-bytes", png(head, chunk(b"IDAT", b"") * 15_000, pieces), "decoded"


def animations() -> Iterator[Hostile]:
    image = photograph()
    moving = saved(image, "PNG", save_all=True, append_images=[image.rotate(90), image.rotate(180)])
    yield "png-animated", moving, "decoded"
    yield "png-animated-apart", saved(image, "PNG", save_all=True, default_image=True, append_images=[image]), "decoded"
    start = moving.find(b"acTL")
    for frames in (0, 1, 2**31 - 1, 2**32 - 1):
        wrong = chunk(b"acTL", struct.pack(">II", frames, 0))
        yield f"png-animated-{frames}-frames", moving[: start - 4] + wrong + moving[start + 16 :], "decoded"


def heavy() -> Iterator[Hostile]:
    """As much as is accepted, and a little more."""
    yield "png-16-megapixels-rgba", whole(4_000, 4_000, 8, 6), "decoded"
    yield "png-16-megapixels-rgba-interlaced", whole(4_000, 4_000, 8, 6, interlaced=1), "decoded"
    key = chunk(b"tRNS", b"\x00\x01\x00\x02\x00\x03")
    yield "png-16-megapixels-rgb-transparent", whole(4_000, 4_000, 8, 2, extra=key), "decoded"
    yield (
        "png-16-megapixels-palette-transparent",
        whole(4_000, 4_000, 8, 3, extra=chunk(b"tRNS", bytes(range(256)))),
        ("decoded"),
    )
    yield "png-16-megapixels-la", whole(4_000, 4_000, 8, 4), "decoded"
    yield "png-16-megapixels-16-bit-grey", whole(4_000, 4_000, 16, 0), "decoded"
    yield "png-16-megapixels-1-bit", whole(4_000, 4_000, 1, 0, interlaced=1), "decoded"
    yield "png-13-megapixels-16-bit-rgb", whole(3_700, 3_600, 16, 2, interlaced=1), "decoded"
    yield "png-10-megapixels-16-bit-rgba", whole(4_000, 2_500, 16, 6), "decoded"
    yield "png-16-megapixels-16-bit-rgba", whole(4_000, 4_000, 16, 6), "refused"
    yield "png-noise", saved(photograph(1_800, 1_500), "PNG", compress_level=1), "decoded"


def files() -> Iterator[Hostile]:
    for group in (modes, sizes, structure, floods, animations, heavy):
        yield from group()
