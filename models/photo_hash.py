"""How like two photos are: an embedding for what they show, a perceptual hash for the very same picture.

The packages for perceptual hashes bring scipy and PyWavelets to serving; this one needs numpy alone.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from models.calibration import Floats
from models.photo import Picture
from triage.duplicates.report import SeenPhoto

_SIDE, _KEPT = 32, 8
BITS = _KEPT * _KEPT


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The embedding of a photo, unit length, shape (width,), and its perceptual hash of `BITS` bits."""

    embedding: Floats
    hash: int

    def alike(self, other: "Fingerprint") -> float:
        """Cosine of what both show, from -1 to 1."""
        return float(self.embedding @ other.embedding)

    def distance(self, other: "Fingerprint") -> int:
        """Bits in which the hashes differ, from 0 (the same picture) to `BITS`; near 32 for any two pictures."""
        return (self.hash ^ other.hash).bit_count()

    def seen(self) -> SeenPhoto:
        """As it is stored and compared later: the embedding in steps of 1/127."""
        return SeenPhoto(np.round(self.embedding * 127).astype(np.int8).tobytes(), self.hash)


def perceptual_hash(picture: Picture) -> int:
    """Signs of the lowest frequencies against their median: the same after another compression, size or brightness.

    The method is pHash (Zauner, 2010, "Implementation and Benchmarking of Perceptual Image Hash Functions").

    Args:
        picture: shape (rows, columns, 3).
    """
    grey = Image.fromarray(picture).convert("L").resize((_SIDE, _SIDE), Image.Resampling.BILINEAR)
    positions = np.arange(_SIDE)
    cosines = np.cos(np.pi / _SIDE * np.outer(positions + 0.5, positions)).T
    lowest = (cosines @ np.asarray(grey, float) @ cosines.T)[:_KEPT, :_KEPT].ravel()
    bits = lowest > np.median(lowest)
    return int("".join("1" if bit else "0" for bit in bits), 2)
