"""Hostile and odd JPEG files: name, bytes, and what must become of them."""

import io
import struct
from collections.abc import Iterator
from typing import Any

from PIL import Image

Hostile = tuple[str, bytes, str]


def photograph(width: int = 96, height: int = 64, mode: str = "RGB") -> Image.Image:
    """Something that no codec shrinks to nothing."""
    image = Image.merge("RGB", [Image.effect_noise((width, height), sigma) for sigma in (20, 60, 100)])
    return image.convert(mode)


def saved(image: Image.Image, format_name: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_name, **options)
    return buffer.getvalue()


def flat(width: int, height: int, mode: str = "RGB", **options: Any) -> bytes:
    return saved(Image.new(mode, (width, height)), "JPEG", **options)


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def frame_start(jpeg: bytes) -> int:
    """Where the frame header is; Pillow's files hold none of these bytes before it."""
    return next(place for kind in (b"\xff\xc0", b"\xff\xc2") if (place := jpeg.find(kind)) > 0)


def resized(jpeg: bytes, width: int, height: int) -> bytes:
    start = frame_start(jpeg) + 5
    return jpeg[:start] + struct.pack(">HH", height, width) + jpeg[start + 4 :]


def patched_frame(jpeg: bytes, offset: int, *values: int) -> bytes:
    start = frame_start(jpeg) + offset
    return jpeg[:start] + bytes(values) + jpeg[start + len(values) :]


def more_scans(jpeg: bytes, times: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again, as one that refines nothing."""
    last = jpeg[jpeg.rfind(b"\xff\xda") : -2]
    return jpeg[:-2] + last * times + jpeg[-2:]


def sizes() -> Iterator[Hostile]:
    small, progressive = saved(photograph(), "JPEG"), saved(photograph(), "JPEG", progressive=True)
    for width, height in [(0, 0), (0, 64), (96, 0), (65_535, 65_535), (8_000, 8_000), (7_000, 7_000), (65_535, 700)]:
        yield f"jpeg-claims-{width}x{height}", resized(small, width, height), "refused"
        yield f"jpeg-progressive-claims-{width}x{height}", resized(progressive, width, height), "refused"
    for width, height in [(65_500, 1), (1, 65_500), (65_500, 760), (760, 65_500), (1, 1), (7, 9)]:
        yield f"jpeg-{width}x{height}", flat(width, height), "decoded"


def colours() -> Iterator[Hostile]:
    for mode in ("L", "RGB", "CMYK"):
        for progressive in (False, True):
            content = saved(photograph(mode=mode), "JPEG", progressive=progressive)
            yield f"jpeg-{mode}-progressive-{progressive}", content, "decoded"
    ink = saved(photograph(mode="CMYK"), "JPEG")
    adobe = ink.find(b"Adobe") + 11
    yield "jpeg-ycck", ink[:adobe] + b"\x02" + ink[adobe + 1 :], "decoded"
    yield "jpeg-adobe-transform-of-nothing", ink[:adobe] + b"\xff" + ink[adobe + 1 :], "decoded"
    small = saved(photograph(), "JPEG")
    yield "jpeg-adobe-says-rgb", with_segments(small, segment(0xEE, b"Adobe\x00\x64\x00\x00\x00\x00\x00")), "decoded"
    for subsampling in (0, 1, 2):
        yield f"jpeg-subsampling-{subsampling}", saved(photograph(), "JPEG", subsampling=subsampling), "decoded"
    yield "jpeg-restarts", saved(photograph(), "JPEG", restart_marker_blocks=1), "decoded"


def frames() -> Iterator[Hostile]:
    small = saved(photograph(), "JPEG")
    for kind in (0xC3, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xCB, 0xCD, 0xCF):
        yield f"jpeg-of-kind-{kind:x}", patched_frame(small, 1, kind), "refused"
    yield "jpeg-of-12-bits", patched_frame(small, 4, 12), "refused"
    for components in (0, 2, 5, 255):
        yield f"jpeg-of-{components}-components", patched_frame(small, 9, components), "refused"
    yield "jpeg-with-samples-of-nothing", patched_frame(small, 11, 0), "refused"
    yield "jpeg-with-samples-of-255", patched_frame(small, 11, 0xFF), "refused"
    yield "jpeg-with-two-components-of-one-name", patched_frame(small, 13, 1), "refused"
    start = frame_start(small)
    another = resized(small, 60_000, 800)[start : start + 19]
    yield "jpeg-with-two-frames", small[:start] + another + small[start:], "refused"
    yield "jpeg-without-a-frame", small[:start] + small[start + 19 :], "refused"
    yield "jpeg-without-a-scan", small[: small.find(b"\xff\xda")] + b"\xff\xd9", "refused"
    yield "jpeg-of-tables-only", small[:start] + b"\xff\xd9", "refused"
    yield "jpeg-that-ends-at-once", b"\xff\xd8\xff\xd9", "refused"


def floods() -> Iterator[Hostile]:
    small, limit = saved(photograph(), "JPEG"), 9_900_000
    progressive = saved(photograph(), "JPEG", progressive=True)
    yield "jpeg-500-scans", more_scans(progressive, 500), "decoded"
    yield "jpeg-5000-scans", more_scans(progressive, 5_000), "refused"
    wide = flat(7_000, 4_600, progressive=True)
    yield "jpeg-900-scans-of-32-megapixels", more_scans(wide, 900), "refused"
    yield "jpeg-8-more-scans-of-32-megapixels", more_scans(wide, 8), "decoded"
    for name, piece in [
        ("empty-comments", segment(0xFE, b"")),
        ("tables", segment(0xDB, b"\x00" + b"\x01" * 64)),
        ("large-tables", segment(0xDB, (b"\x00" + b"\x01" * 64) * 1_000)),
        ("huffman-tables", segment(0xC4, bytes(17))),
        ("jfif", segment(0xE0, b"JFIF\x00\x01\x01" + bytes(60_000))),
        ("restart-intervals", segment(0xDD, b"\x00\x01")),
        ("fill-bytes", b"\xff"),
        ("restarts", b"\xff\xd0"),
        ("escaped", b"\xff\x00"),
    ]:
        flood = with_segments(small, piece * ((limit - len(small)) // len(piece)))
        yield f"jpeg-flood-of-{name}", flood, "decoded" if name in {"fill-bytes", "restarts", "escaped"} else "refused"
    data = small.find(b"\xff\xda") + 14
    yield "jpeg-flood-of-restarts-in-the-scan", small[:data] + b"\xff\xd3" * 4_000_000 + small[data:], "either"
    yield "jpeg-flood-of-large-comments", with_segments(small, segment(0xFE, bytes(60_000)) * 150), "decoded"
    yield (
        "jpeg-flood-of-profiles",
        with_segments(small, segment(0xE2, b"ICC_PROFILE\x00\x01\xff" + bytes(60_000)) * 150),
        ("decoded"),
    )
    yield "jpeg-huge-broken-profile", saved(photograph(), "JPEG", icc_profile=b"\xff" * 4_000_000), "decoded"


def several() -> Iterator[Hostile]:
    image = photograph()
    small = saved(image, "JPEG")
    yield "jpeg-mpo", saved(image, "MPO", save_all=True, append_images=[image.rotate(90)] * 3), "decoded"
    multi = saved(image, "MPO", save_all=True, append_images=[image])
    yield "jpeg-mpo-malformed", multi.replace(b"\x01\xb0\x04\x00", b"\xff\xb0\x04\x00", 1), "decoded"
    yield "jpeg-junk-after-the-end", small + b"junk" * 2_000_000, "decoded"
    yield "jpeg-zeros-after-the-end", small + bytes(9_000_000), "decoded"
    yield "jpeg-twice", small + saved(image.rotate(90), "JPEG"), "decoded"
    yield "jpeg-without-its-end", small[:-2], "either"
    yield "jpeg-ends-in-the-middle", small[: len(small) // 2] + b"\xff\xd9", "either"


def heavy() -> Iterator[Hostile]:
    """As much as is accepted, and a little more."""
    noisy = photograph(1_000, 1_000).resize((8_000, 6_200))
    yield "jpeg-49-megapixels", saved(noisy, "JPEG", quality=60), "decoded"
    yield "jpeg-49-megapixels-444", saved(noisy, "JPEG", quality=40, subsampling=0), "decoded"
    yield "jpeg-49-megapixels-progressive", saved(noisy, "JPEG", quality=50, progressive=True), "decoded"
    yield "jpeg-49-megapixels-progressive-444", flat(8_000, 6_200, progressive=True, subsampling=0), "refused"
    yield "jpeg-49-megapixels-cmyk", flat(8_000, 6_200, "CMYK"), "decoded"
    yield "jpeg-49-megapixels-cmyk-progressive", flat(8_000, 6_200, "CMYK", progressive=True), "refused"
    ink = noisy.resize((5_900, 4_200)).convert("CMYK")
    yield "jpeg-24-megapixels-cmyk-progressive", saved(ink, "JPEG", quality=40, progressive=True), "decoded"


def files() -> Iterator[Hostile]:
    for group in (sizes, colours, frames, floods, several, heavy):
        yield from group()
