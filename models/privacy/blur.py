"""Blurs regions so that nothing can bring them back."""

from collections.abc import Iterable

import numpy as np
from PIL import Image

from models.onnx import Array
from models.privacy.regions import Kind, Region

# Cells along the longer side. Few, because a fine mosaic of a plate or a face can be matched against guesses.
_CELLS: dict[Kind, int] = {"face": 4, "person": 6, "plate": 2}
_MARGIN: dict[Kind, float] = {"face": 0.25, "person": 0.08, "plate": 0.1}
_COLOUR_STEP = 16


def blur(image: Image.Image, regions: Iterable[Region]) -> Image.Image:
    """A copy of a picture in which faces, persons and plates are a few smooth patches of colour.

    Each region is averaged over 2 to 6 cells along its longer side, the averages are rounded to 16 levels, and the
    cells flow into one another: nothing finer than a cell survives, so no sharpening can bring it back. A light
    Gaussian blur, or a mosaic of many cells, could be undone or matched against guesses (Hill et al., 2016, "On the
    (In)effectiveness of Mosaicing and Blurring as Tools for Document Redaction"). Vehicles stay as they are.

    Args:
        image: any mode; read as RGB.
        regions: may touch, overlap or reach past the edges.
    """
    source = image.convert("RGB")
    result = source.copy()
    # Coarse patches last: a fine one on top would show more of the person below it.
    for region in sorted((each for each in regions if each.kind in _CELLS), key=_cell):
        box = _grown(region, source.size)
        if box[0] < box[2] and box[1] < box[3]:
            result.paste(_patch(source, box, _CELLS[region.kind]), box[:2])
    return result


def _cell(region: Region) -> float:
    return max(region.right - region.left, region.bottom - region.top) / _CELLS[region.kind]


def _grown(region: Region, size: tuple[int, int]) -> tuple[int, int, int, int]:
    margin = _MARGIN[region.kind]
    across = round(margin * (region.right - region.left))
    down = round(margin * (region.bottom - region.top))
    return (
        max(0, region.left - across),
        max(0, region.top - down),
        min(size[0], region.right + across),
        min(size[1], region.bottom + down),
    )


def _patch(source: Image.Image, box: tuple[int, int, int, int], cells: int) -> Image.Image:
    width, height = box[2] - box[0], box[3] - box[1]
    cell = max(width, height) / cells
    pixels = np.asarray(source.crop(box), dtype=np.int64)
    rows, columns = _edges(height, cell), _edges(width, cell)
    sums = np.add.reduceat(np.add.reduceat(pixels, rows[:-1], axis=0), columns[:-1], axis=1)
    averages = sums // (np.diff(rows)[:, None, None] * np.diff(columns)[None, :, None])
    levels = averages // _COLOUR_STEP * _COLOUR_STEP + _COLOUR_STEP // 2
    return Image.fromarray(levels.astype(np.uint8)).resize((width, height), Image.Resampling.BILINEAR)


def _edges(length: int, cell: float) -> Array:
    """Where cells begin and end along a side, in whole pixels."""
    return np.linspace(0, length, max(1, round(length / cell)) + 1).astype(np.intp)
