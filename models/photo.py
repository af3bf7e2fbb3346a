"""The photo model: what a picture shows, how like others it is, and whether its answer can be relied on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.bundle import Bundle
from models.calibration import Floats, softmax
from models.onnx import OnnxModel
from triage.errors import InvalidBundle

PART = "photo"
MODEL = f"{PART}/model.onnx"
DESCRIPTION = f"{PART}/description.json"

INPUT = "pictures"
LOGITS, EMBEDDING, MAPS = "logits", "embedding", "maps"

MAX_BATCH_PHOTOS = 16

Picture = npt.NDArray[np.uint8]


class PhotoDescription(BaseModel):
    """What the graph takes and answers: side in pixels, labels in order, calibration.

    `abstains_below` is the calibrated probability under which the best label must not be relied on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: Annotated[int, Field(ge=32, le=1024)]
    width: Annotated[int, Field(ge=1)]
    labels: tuple[str, ...]
    temperature: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    abstains_below: Annotated[float, Field(ge=0, le=1.01)]


@dataclass(frozen=True, slots=True)
class PhotoOutput:
    """Answers to pictures in their order.

    `probabilities`: calibrated, shape (photos, labels). `embeddings`: unit length, shape (photos,
    width). `maps`: score of each label by place, shape (photos, labels, rows, columns).
    """

    probabilities: Floats
    embeddings: Floats
    maps: Floats


class PhotoModel(OnnxModel):
    """Answers a probability per label, an embedding and a map per label for each picture."""

    def __init__(self, model: Path, description: PhotoDescription, threads: int | None = None) -> None:
        super().__init__(model, threads)
        self.description = description

    @classmethod
    def from_bundle(cls, bundle: Bundle, threads: int | None = None) -> "PhotoModel":
        """Load the photo part of a verified bundle."""
        path = bundle.path(DESCRIPTION)
        try:
            description = PhotoDescription.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise InvalidBundle(f"The bundle file {path} does not describe a photo model: {error}.") from error
        return cls(bundle.path(MODEL), description, threads)

    def prepare(self, image: Image.Image) -> Picture:
        """What the graph takes of an upright RGB image, shape (size, size, 3)."""
        return prepare(image, self.description.size)

    def predict(self, pictures: Sequence[Picture]) -> PhotoOutput:
        """Read prepared pictures of any number, a few at a time, so that memory stays bounded."""
        batches = [
            self.run({INPUT: np.stack(pictures[start : start + MAX_BATCH_PHOTOS])})
            for start in range(0, len(pictures), MAX_BATCH_PHOTOS)
        ]
        joined = {name: np.concatenate([batch[name] for batch in batches]) for name in (LOGITS, EMBEDDING, MAPS)}
        return PhotoOutput(softmax(joined[LOGITS] / self.description.temperature), joined[EMBEDDING], joined[MAPS])


def prepare(image: Image.Image, size: int) -> Picture:
    """The whole picture squeezed into a square: a fault may lie at any edge, and residents do not frame."""
    # The gap lets large pictures shrink by whole steps first, in a fraction of the time.
    squeezed = image.resize((size, size), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(squeezed, np.uint8)
