"""Where in a picture the model saw what it answered, as a picture for people."""

import io

import numpy as np
from PIL import Image

from models.calibration import Floats
from models.photo import Picture

# Red over a darkened picture is told apart from any street at a glance.
_TINT = np.array([255, 40, 0], float)
_STRONGEST = 0.75


def heat_map(picture: Picture, scores: Floats) -> bytes:
    """A PNG of the prepared picture, reddened where the label's score is high.

    Args:
        picture: shape (size, size, 3).
        scores: of one label by place, shape (rows, columns); negative ones speak against it.
    """
    positive = np.maximum(scores, 0)
    scaled = Image.fromarray((255 * positive / max(float(positive.max()), 1e-6)).astype(np.uint8))
    size = picture.shape[1], picture.shape[0]
    strength = np.asarray(scaled.resize(size, Image.Resampling.BICUBIC), float)[:, :, None] / 255 * _STRONGEST
    buffer = io.BytesIO()
    Image.fromarray((picture * (1 - strength) + _TINT * strength).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()
