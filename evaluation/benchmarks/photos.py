"""One photo from bytes to probabilities against its decoding and the bare onnxruntime session, one thread, in turn."""

import functools
import io
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from models.bundle import load_bundle
from models.photo import INPUT, PhotoModel
from triage.photo import decode_photo

ROUNDS = 5
_PHONE = (4032, 3024)  # twelve megapixels
_DRAWN = 6


@dataclass(frozen=True, slots=True)
class PhotoTimes:
    """Median milliseconds of one photo: the whole way, its decoding, and the bare session."""

    whole_ms: float
    decode_ms: float
    session_ms: float

    @property
    def ratio(self) -> float:
        """The whole way against decoding and session."""
        return self.whole_ms / (self.decode_ms + self.session_ms)


def bench_photos(bundle: Path, photos: Sequence[bytes], advance: Callable[[], None]) -> PhotoTimes:
    """Measure each photo both ways in turn, so that a drifting machine hits both alike.

    Args:
        bundle: the bundle to measure.
        photos: encoded photos.
        advance: called after each photo, for a progress bar.
    """
    model = PhotoModel.from_bundle(load_bundle(bundle), threads=1)
    found: list[tuple[float, float, float]] = []
    for content in photos:
        ready = np.stack([model.prepare(decode_photo(content).image)])
        ways = (
            functools.partial(_whole, model, content),
            functools.partial(decode_photo, content),
            functools.partial(model.run, {INPUT: ready}),
        )
        rounds = [[_seconds(way) for way in ways] for _ in range(ROUNDS)]
        whole, decode, session = (1000 * min(times) for times in zip(*rounds, strict=True))
        found.append((whole, decode, session))
        advance()
    return PhotoTimes(*(statistics.median(times) for times in zip(*found, strict=True)))


def _whole(model: PhotoModel, content: bytes) -> object:
    return model.predict([model.prepare(decode_photo(content).image)])


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def drawn_photos() -> list[bytes]:
    """Photos of a phone's size with detail everywhere, drawn."""
    generator = np.random.default_rng(1)
    photos = []
    for _ in range(_DRAWN):
        coarse = Image.fromarray(generator.integers(0, 256, (48, 64, 3), np.uint8)).resize(_PHONE)
        fine = Image.fromarray(generator.integers(0, 256, (756, 1008, 3), np.uint8)).resize(_PHONE)
        buffer = io.BytesIO()
        Image.blend(coarse, fine, 0.2).save(buffer, "JPEG", quality=85)
        photos.append(buffer.getvalue())
    return photos
