"""Faces: CenterFace, which sees a face as a point with a size."""

from pathlib import Path

import numpy as np
from PIL import Image

from models.onnx import OnnxModel
from models.privacy.description import Faces
from models.privacy.regions import Region, best_of_overlapping, to_regions

_STRIDE = 4
_OVERLAP = 0.3


class FaceModel(OnnxModel):
    """CenterFace (Xu et al., 2020, "CenterFace: Joint Face Detection and Alignment Using Face as Point")."""

    def __init__(self, path: Path, description: Faces, threads: int | None = None) -> None:
        super().__init__(path, threads)
        self._description = description

    def find(self, image: Image.Image) -> list[Region]:
        """Faces of an RGB picture of any size."""
        width, height = self._input_size(image.size)
        pixels = np.asarray(image.resize((width, height), Image.Resampling.BILINEAR), dtype=np.float32)
        outputs = self.run({"picture": pixels.transpose(2, 0, 1)[None]})
        heat = outputs["heat"][0, 0]
        rows, columns = np.nonzero(heat > self._description.threshold)
        if not rows.size:
            return []
        sizes = np.exp(outputs["size"][0, :, rows, columns]) * _STRIDE
        offsets = outputs["offset"][0, :, rows, columns]
        middles = (np.stack([rows, columns], axis=1) + offsets + 0.5) * _STRIDE
        # The network speaks of (row, column) pairs; boxes are (x, y).
        boxes = np.concatenate([middles - sizes / 2, middles + sizes / 2], axis=1)[:, [1, 0, 3, 2]]
        boxes *= np.array([image.width / width, image.height / height] * 2)
        scores = heat[rows, columns]
        kept = best_of_overlapping(boxes, scores, _OVERLAP)
        return to_regions("face", boxes[kept], scores[kept], image.size)

    def _input_size(self, size: tuple[int, int]) -> tuple[int, int]:
        scale = min(self._description.short_side / min(size), self._description.long_side / max(size))
        width, height = (max(1, round(side * scale / 32)) * 32 for side in size)
        return width, height
