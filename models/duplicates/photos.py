"""What two photos add: the very same picture, or one that shows the same thing.

Weights of evidence as in the theory of record linkage (Fellegi and Sunter, 1969): the logarithm of how much oftener
photos are so alike when they show one fault than when they show two. They were estimated on views of real pictures
and on pairs of different ones (`training/duplicates/photos.py`), since no pairs of photos of one fault are at hand.
"""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from triage.duplicates.report import SeenPhoto


class PhotoWeights(BaseModel):
    """Cosines from which photos are alike and very alike with their weights, and the weight of the same picture."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    same_bits: int = Field(ge=0, le=64, description="Most bits of the hash in which one picture differs from itself.")
    same: FiniteFloat
    very_alike_from: FiniteFloat
    very_alike: FiniteFloat
    alike_from: FiniteFloat
    alike: FiniteFloat
    unlike: FiniteFloat

    def weigh(self, one: Sequence[SeenPhoto], two: Sequence[SeenPhoto]) -> Iterator[tuple[str, float, float, str]]:
        """Measure, value, weight and phrase of the photos of two reports; nothing where one has none."""
        if not one or not two:
            return
        bits = min((first.hash ^ second.hash).bit_count() for first, second in product(one, two))
        if bits <= self.same_bits:
            yield "picture", float(bits), self.same, "same picture"
            return
        cosine = max(_cosine(first, second) for first, second in product(one, two))
        if cosine >= self.very_alike_from:
            yield "photo", cosine, self.very_alike, "photo very similar"
        elif cosine >= self.alike_from:
            yield "photo", cosine, self.alike, "photo similar"
        else:
            yield "photo", cosine, self.unlike, "photo differs"


def _cosine(one: SeenPhoto, two: SeenPhoto) -> float:
    first, second = (np.frombuffer(photo.embedding, np.int8).astype(np.float32) for photo in (one, two))
    if len(first) != len(second):
        return 0.0
    return float(first @ second / max(1e-9, float(np.linalg.norm(first) * np.linalg.norm(second))))
