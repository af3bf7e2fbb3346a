"""Persons and vehicles: NanoDet, trained on COCO."""

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from models.onnx import Array, OnnxModel
from models.privacy.description import Pass, Street
from models.privacy.regions import Kind, Region, best_of_overlapping, to_regions

_STRIDES: Final = (8, 16, 32)
_CLASSES: Final = 80
_BINS: Final = 11
_OVERLAP: Final = 0.5
_MEAN: Final = np.array([103.53, 116.28, 123.675], dtype=np.float32)
_SPREAD: Final = np.array([57.375, 57.12, 58.395], dtype=np.float32)
_PADDING: Final = 114
# Numbers of COCO's classes; a vehicle is what carries a plate: car, motorcycle, bus, truck.
_COCO: Final[dict[Kind, tuple[int, ...]]] = {"person": (0,), "vehicle": (2, 3, 5, 7)}


class StreetModel(OnnxModel):
    """NanoDet (RangiLyu, 2020), an anchor-free one-stage detector.

    A side of a box is a distribution over 11 distances, of which the mean counts (Li et al., 2020, "Generalized
    Focal Loss").
    """

    def __init__(self, path: Path, description: Street, threads: int | None = None) -> None:
        super().__init__(path, threads)
        self._passes = description.passes

    def find(self, image: Image.Image) -> list[Region]:
        """Persons and vehicles of an RGB picture of any size, each once."""
        found = [self._look(image, each) for each in self._passes]
        regions = []
        for kind in _COCO:
            boxes = np.concatenate([each[kind][0] for each in found])
            scores = np.concatenate([each[kind][1] for each in found])
            kept = best_of_overlapping(boxes, scores, _OVERLAP)
            regions += to_regions(kind, boxes[kept], scores[kept], image.size)
        return regions

    def _look(self, image: Image.Image, settings: Pass) -> dict[Kind, tuple[Array, Array]]:
        scale = settings.long_side / max(image.size)
        outputs = self.run({"picture": _prepare(image, scale)})
        boxes, scores = _decode([outputs[f"stride{stride}"][0] for stride in _STRIDES])
        thresholds: dict[Kind, float] = {"person": settings.person, "vehicle": settings.vehicle}
        result: dict[Kind, tuple[Array, Array]] = {}
        for kind, classes in _COCO.items():
            best = scores[:, classes].max(axis=1)
            chosen = best > thresholds[kind]
            result[kind] = boxes[chosen] / scale, best[chosen]
        return result


def _prepare(image: Image.Image, scale: float) -> Array:
    width, height = (max(1, round(side * scale)) for side in image.size)
    filter_ = Image.Resampling.BILINEAR if scale < 1 else Image.Resampling.BICUBIC
    padded = np.full((-(-height // 32) * 32, -(-width // 32) * 32, 3), _PADDING, dtype=np.float32)
    padded[:height, :width] = np.asarray(image.resize((width, height), filter_), dtype=np.float32)
    # The network was trained on pictures as OpenCV reads them: blue first.
    normal: Array = (padded[..., ::-1] - _MEAN) / _SPREAD
    return np.ascontiguousarray(normal.transpose(2, 0, 1)[None])


def _decode(maps: list[Array]) -> tuple[Array, Array]:
    """Boxes (n × 4, pixels of the network's input) and scores (n × 80) of all places of all maps."""
    boxes, scores = [], []
    for stride, values in zip(_STRIDES, maps, strict=True):
        _, height, width = values.shape
        places = values.reshape(values.shape[0], -1).T
        scores.append(1 / (1 + np.exp(-places[:, :_CLASSES])))
        bins = places[:, _CLASSES:].reshape(-1, 4, _BINS)
        weights = np.exp(bins - bins.max(axis=2, keepdims=True))
        distances = (weights / weights.sum(axis=2, keepdims=True)) @ np.arange(_BINS) * stride
        rows, columns = np.divmod(np.arange(height * width), width)
        middles = (np.stack([columns, rows], axis=1) + 0.5) * stride
        boxes.append(np.concatenate([middles - distances[:, :2], middles + distances[:, 2:]], axis=1))
    return np.concatenate(boxes), np.concatenate(scores)
