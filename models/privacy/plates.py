"""Number plates: places in a vehicle that are dense in upright strokes.

No packaged network found a third of the plates of street pictures (docs/privacy.md); this search, which costs no
library and no weights, finds more, at the price of blurring other dense places of the vehicle too.
"""

from typing import Final

import numpy as np
from PIL import Image

from models.onnx import Array
from models.privacy.regions import Region, best_of_overlapping, to_regions

_WIDTH: Final = 160
_LARGEST_HEIGHT: Final = 320
_SMALLEST_VEHICLE: Final = (24, 16)
_PLATE_WIDTHS: Final = (0.14, 0.2, 0.28)  # of the vehicle's width
_PLATE_SHAPES: Final = (2.0, 3.0, 4.5)  # width by height
_OVERLAP: Final = 0.2
_SHORT_LIST: Final = 400
_MARGIN: Final = 0.08
_LARGEST_CONTRAST: Final = 2.0


def find_plates(image: Image.Image, vehicle: Region, most: int) -> list[Region]:
    """The places of a vehicle that look most like a plate; they need not be one.

    After Zheng, Zhao and Wang (2005), "An efficient method of license plate location": a plate has more upright
    edges than its surroundings. Window sums come from summed-area tables (Crow, 1984).

    Args:
        image: RGB.
        vehicle: where to look.
        most: how many places to return at most.
    """
    width, height = vehicle.right - vehicle.left, vehicle.bottom - vehicle.top
    if width < _SMALLEST_VEHICLE[0] or height < _SMALLEST_VEHICLE[1]:
        return []
    rows = min(_LARGEST_HEIGHT, max(24, int(height * _WIDTH / width)))
    grey = image.crop(vehicle.box).convert("L").resize((_WIDTH, rows), Image.Resampling.BICUBIC)
    boxes, scores = _rated_windows(np.asarray(grey, dtype=np.float32))
    best = np.argsort(-scores, kind="stable")[:_SHORT_LIST]
    boxes, scores = boxes[best], scores[best]
    kept = best_of_overlapping(boxes, scores, _OVERLAP)[:most]
    margin = _MARGIN * (boxes[kept, 2] - boxes[kept, 0])[:, None]
    grown = boxes[kept] + margin * np.array([-1, -1, 1, 1])
    placed = grown * np.array([width / _WIDTH, height / rows] * 2) + np.array([vehicle.left, vehicle.top] * 2)
    return to_regions("plate", placed, scores[kept], image.size)


def _rated_windows(grey: Array) -> tuple[Array, Array]:
    rows = grey.shape[0]
    contrast = grey.std() + 8
    edges = np.zeros_like(grey)
    edges[:, 1:-1] = np.minimum(np.abs(grey[:, 2:] - grey[:, :-2]) / contrast, _LARGEST_CONTRAST)
    tables = _summed(edges), _summed(grey / contrast)
    boxes, scores = [np.empty((0, 4))], [np.empty(0)]
    for share in _PLATE_WIDTHS:
        for shape in _PLATE_SHAPES:
            width = int(_WIDTH * share)
            height = max(4, int(width / shape))
            border = max(2, height // 2)
            tops = np.arange(border + rows // 5, rows - height - border, 2)
            lefts = np.arange(border, _WIDTH - width - border, 2)
            top, left = (axis.ravel() for axis in np.meshgrid(tops, lefts, indexing="ij"))
            window = np.stack([left, top, left + width, top + height], axis=1)
            boxes.append(window)
            scores.append(_rate(tables, window, border))
    return np.concatenate(boxes), np.concatenate(scores)


def _rate(tables: tuple[Array, Array], window: Array, border: int) -> Array:
    """How much denser in strokes a window is than its borders, and how much its brightness differs; n."""
    left, top, right, bottom = window.T
    above = np.stack([left, top - border, right, top], axis=1)
    below = np.stack([left, bottom, right, bottom + border], axis=1)
    before = np.stack([left - border, top, left, bottom], axis=1)
    behind = np.stack([right, top, right + border, bottom], axis=1)
    strokes, light = tables
    around = 0.5 * np.maximum(_mean(strokes, above), _mean(strokes, below))
    beside = 0.175 * (_mean(strokes, before) + _mean(strokes, behind))
    step = np.abs(_mean(light, window) - (_mean(light, above) + _mean(light, below)) / 2)
    rating: Array = _mean(strokes, window) - around - beside + 0.25 * np.minimum(step, 1.5)
    return rating


def _summed(values: Array) -> Array:
    table: Array = np.pad(values.astype(np.float64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    return table


def _mean(table: Array, window: Array) -> Array:
    left, top, right, bottom = window.T
    total = table[bottom, right] - table[top, right] - table[bottom, left] + table[top, left]
    mean: Array = total / ((right - left) * (bottom - top))
    return mean
