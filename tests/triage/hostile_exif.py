"""EXIF blocks that loop, overlap, lie and overflow."""

import struct

ORIENTATION, EXIF, GPS = 0x0112, 0x8769, 0x8825


def entry(tag: int, kind: int, count: int, value: int) -> bytes:
    return struct.pack("<HHII", tag, kind, count, value)


def directory(*entries: bytes, following: int = 0, claimed: int | None = None) -> bytes:
    count = len(entries) if claimed is None else claimed
    return struct.pack("<H", count) + b"".join(entries) + struct.pack("<I", following)


def tiff(*directories: bytes, start: int = 8) -> bytes:
    return b"Exif\x00\x00II*\x00" + struct.pack("<I", start) + b"".join(directories)


def blocks() -> dict[str, bytes]:
    """Name → block; none of them may cost the photo."""
    turned = entry(ORIENTATION, 3, 1, 6)
    shared = [entry(tag, 7, 60_000, 8) for tag in range(1, 4_900)]
    return {
        "empty": b"Exif\x00\x00",
        "of-two-bytes": b"Exif\x00\x00II",
        "of-another-order": b"Exif\x00\x00XX*\x00\x08\x00\x00\x00",
        "that-starts-beyond": tiff(directory(turned), start=2**32 - 1),
        "that-starts-in-its-head": tiff(directory(turned), start=0),
        "that-follows-itself": tiff(directory(turned, following=8)),
        "that-holds-itself": tiff(directory(entry(EXIF, 4, 1, 8), entry(GPS, 4, 1, 8), turned)),
        "that-claims-65535-entries": tiff(directory(turned, claimed=65_535)),
        "whose-4900-entries-share-60-kb": tiff(directory(*shared)),
        "whose-values-are-beyond": tiff(directory(*[entry(tag, 5, 2**32 - 1, 2**32 - 1) for tag in range(200)])),
        "of-unknown-types": tiff(directory(*[entry(ORIENTATION, kind, 1, 6) for kind in range(0, 65_000, 500)])),
        "turned-by-9": tiff(directory(entry(ORIENTATION, 3, 1, 9))),
        "turned-by-0": tiff(directory(entry(ORIENTATION, 3, 1, 0))),
        "turned-by-text": tiff(directory(entry(ORIENTATION, 2, 4, 0x36363636))),
        "of-ones": b"Exif\x00\x00" + b"\xff" * 60_000,
        "of-5-mb": tiff(directory(turned)) + bytes(5_000_000),
        "of-65535-entries": tiff(directory(*[turned] * 65_535)),
    }
