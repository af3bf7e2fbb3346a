"""Writes hundreds of hostile and odd files to standard output, for `judge_photos.py` to decode.

Each is a line of JSON, `name`, `length` and what is `expected` (refused, decoded, or either), and its bytes.
"""

import gzip
import io
import json
import random
import sys
import zipfile
from collections.abc import Iterator

import hostile_heic
import hostile_jpeg
import hostile_png
import hostile_webp
from hostile_exif import blocks
from hostile_jpeg import Hostile, photograph, saved
from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
STARTS = {
    "jpeg": b"\xff\xd8\xff\xe0",
    "png": b"\x89PNG\r\n\x1a\n",
    "webp": b"RIFF\xff\xff\xff\x00WEBP",
    "heic": b"\x00\x00\x00\x18ftypheic",
}


def truncated() -> Iterator[Hostile]:
    image = photograph(160, 120)
    whole = {name: saved(image, name) for name in FORMATS}
    whole["JPEG-progressive"] = saved(image, "JPEG", progressive=True)
    whole["WEBP-lossless"] = saved(image, "WEBP", lossless=True)
    whole["HEIF-grid"] = saved(image, "HEIF", tile_size=64)
    for name, content in whole.items():
        for part in range(1, 14):
            yield f"{name}-cut-after-{part}-of-14", content[: len(content) * part // 14], "refused"


def disguised() -> Iterator[Hostile]:
    """Files that are a photo to one program and something else to another."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("run.sh", "echo hostile")
    others = {
        "pdf": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF",
        "html": b"<!doctype html><script>alert(1)</script>",
        "zip": archive.getvalue(),
        "shell": b"#!/bin/sh\necho hostile\n",
        "php": b"<?php system($_GET['c']); ?>",
    }
    for name in FORMATS:
        content = saved(photograph(), name)
        for other, extra in others.items():
            yield f"{other}-before-{name}", extra + content, "refused"
            # What follows the boxes of a HEIC must be boxes too.
            yield f"{other}-after-{name}", content + extra, "either" if name == "HEIF" else "decoded"
    hidden = hostile_jpeg.segment(0xFE, others["php"] + others["html"])
    yield "html-in-a-comment", hostile_jpeg.with_segments(saved(photograph(), "JPEG"), hidden), "decoded"


def others() -> Iterator[Hostile]:
    image = photograph()
    for name in (
        "GIF",
        "BMP",
        "TIFF",
        "ICO",
        "PPM",
        "PDF",
        "TGA",
        "EPS",
        "PCX",
        "SGI",
        "ICNS",
        "DDS",
        "JPEG2000",
        "AVIF",
    ):
        yield f"other-{name}", saved(image, name), "refused"
    yield "other-gif-animated", saved(image, "GIF", save_all=True, append_images=[image.rotate(90)] * 20), "refused"
    yield "other-gzipped-jpeg", gzip.compress(saved(image, "JPEG")), "refused"
    texts = {
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>',
        "svg-that-names-a-file": b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY e SYSTEM "/etc/passwd">]><svg>&e;</svg>',
        "mvg": b"push graphic-context\nfill 'url(https://127.0.0.1/)'\npop graphic-context",
        "psd": b"8BPS\x00\x01" + bytes(6) + b"\x00\x03\x00\x00\x00\x10\x00\x00\x00\x10\x00\x08\x00\x03" + bytes(900),
        "name": b"photo.jpg",
        "link": b"https://127.0.0.1/photo.jpg",
        "json": b'{"photo": null}',
    }
    for name, content in texts.items():
        yield f"other-{name}", content, "refused"


def noise() -> Iterator[Hostile]:
    source = random.Random(1)
    for size in (0, 1, 12, 1_000, 9_999_990, 10_000_000, 10_000_001, 40_000_000):
        yield f"random-{size}", source.randbytes(size), "refused"
        yield f"zeros-{size}", bytes(size), "refused"
    for name, start in STARTS.items():
        for size in (0, 1_000, 9_900_000, 40_000_000):
            yield f"{name}-then-random-{size}", start + source.randbytes(size), "refused"
            yield f"{name}-then-zeros-{size}", start + bytes(size), "refused"
        yield f"{name}-then-ones", start + b"\xff" * 9_900_000, "refused"
    for name in FORMATS:
        content = saved(photograph(), name)
        yield f"{name}-of-40-mb", content + bytes(40_000_000), "refused"
        for number in range(20):
            damaged = bytearray(content)
            for _ in range(8):
                damaged[source.randrange(len(damaged))] = source.randrange(256)
            yield f"{name}-damaged-{number}", bytes(damaged), "either"


def exif() -> Iterator[Hostile]:
    for name, block in blocks().items():
        for format_name in ("JPEG", "PNG", "WEBP"):
            if format_name != "JPEG" or len(block) < 65_000:
                yield f"exif-{name}-in-{format_name}", saved(photograph(), format_name, exif=block), "decoded"


def files() -> Iterator[Hostile]:
    for group in (truncated, disguised, others, noise, exif):
        yield from group()
    for module in (hostile_jpeg, hostile_png, hostile_webp, hostile_heic):
        yield from module.files()


def main() -> None:
    Image.MAX_IMAGE_PIXELS = None
    for name, content, expected in files():
        head = {"name": name, "length": len(content), "expected": expected}
        sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + content)


if __name__ == "__main__":
    main()
