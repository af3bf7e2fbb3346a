"""Regions of a picture, and the choice among overlapping ones."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.onnx import Array

Kind = Literal["face", "person", "plate", "vehicle"]


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle in pixels of the picture, `right` and `bottom` exclusive, never outside of it.

    Attributes:
        score: how sure the detector is, 0 to 1; for comparison within one kind only.
    """

    kind: Kind
    left: int
    top: int
    right: int
    bottom: int
    score: float

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom."""
        return self.left, self.top, self.right, self.bottom


def best_of_overlapping(boxes: Array, scores: Array, overlap: float) -> Array:
    """Greedy non-maximum suppression.

    Args:
        boxes: n × 4, left, top, right, bottom.
        scores: n.
        overlap: the largest intersection over union that two kept boxes may have.

    Returns:
        Row numbers of the kept boxes, best first.
    """
    order = np.argsort(-scores, kind="stable")
    kept = []
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(best)
        sides = np.minimum(boxes[best, 2:], boxes[rest, 2:]) - np.maximum(boxes[best, :2], boxes[rest, :2])
        shared = np.prod(np.clip(sides, 0, None), axis=1)
        order = rest[shared <= overlap * (areas[best] + areas[rest] - shared)]
    return np.asarray(kept, dtype=np.intp)


def to_regions(kind: Kind, boxes: Array, scores: Array, size: tuple[int, int]) -> list[Region]:
    """Regions of whole pixels inside a picture of `size` (width, height); boxes outside of it are dropped."""
    width, height = size
    regions = []
    for (left, top, right, bottom), score in zip(boxes.tolist(), scores.tolist(), strict=True):
        region = Region(
            kind,
            max(0, int(np.floor(left))),
            max(0, int(np.floor(top))),
            min(width, int(np.ceil(right))),
            min(height, int(np.ceil(bottom))),
            min(max(score, 0.0), 1.0),
        )
        if region.left < region.right and region.top < region.bottom:
            regions.append(region)
    return regions
