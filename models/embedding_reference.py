"""Where the texts of a reference lie: their embeddings in few coordinates."""

import base64
from dataclasses import dataclass
from typing import Annotated, Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, PositiveFloat, model_validator

from models.calibration import Floats

_STEP = 1 / 127


def _read_bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise ValueError("base64 is expected")
    return base64.b64decode(value, validate=True)


Base64 = Annotated[
    bytes, PlainValidator(_read_bytes), PlainSerializer(lambda value: base64.b64encode(value).decode(), str)
]


class EmbeddingReference(BaseModel):
    """Embeddings of texts along the directions in which texts differ most, and their distance from all of these.

    Attributes:
        mean: the middle of the texts that the directions come from, float16, shape (width,).
        directions: float16, shape (directions, width).
        steps: what one unit of a stored coordinate is, for each direction and the distance from all of them.
        rows: coordinates of the texts, int8, shape (texts, directions + 1).
        bandwidth: how far apart texts are that count as neighbours.
        one_category: how far the texts of a single category lie from all texts, on average.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mean: Base64
    directions: Base64
    steps: Annotated[tuple[PositiveFloat, ...], Field(min_length=2)]
    rows: Base64
    bandwidth: PositiveFloat
    one_category: PositiveFloat

    @model_validator(mode="after")
    def _sizes_agree(self) -> Self:
        columns = len(self.steps)
        if len(self.directions) != len(self.mean) * (columns - 1) or not self.rows or len(self.rows) % columns:
            raise ValueError("the sizes of mean, directions, steps and rows do not agree")
        return self

    def coordinates(self) -> Floats:
        """Those of the texts, shape (texts, directions + 1)."""
        stored = np.frombuffer(self.rows, np.int8).reshape(-1, len(self.steps)).astype(np.float32)
        coordinates: Floats = stored * np.array(self.steps, np.float32)
        return coordinates

    def project(self, embeddings: Floats) -> Floats:
        """Coordinates of other embeddings, given in shape (texts, width)."""
        mean = np.frombuffer(self.mean, np.float16).astype(np.float32)
        directions = np.frombuffer(self.directions, np.float16).astype(np.float32)
        return Directions(mean, directions.reshape(-1, len(mean))).project(embeddings)


@dataclass(frozen=True, slots=True)
class Directions:
    """The directions in which texts differ most, shape (directions, width), from their middle on."""

    mean: Floats
    axes: Floats

    @classmethod
    def of(cls, embeddings: Floats, number: int) -> "Directions":
        """Of embeddings of shape (texts, width), as many as there are up to `number`.

        They should be other texts than those of the reference: along directions that were chosen for them, these would
        look nearer than later texts ever can.
        """
        rounded = _as_stored(embeddings)
        mean = rounded.mean(axis=0)
        _, _, axes = np.linalg.svd(rounded - mean, full_matrices=False)
        return cls(_float16(mean), _float16(axes[:number]))

    def project(self, embeddings: Floats) -> Floats:
        """Coordinates, shape (texts, directions + 1): the last is the distance from all directions."""
        apart = _as_stored(embeddings) - self.mean
        along = apart @ self.axes.T
        rest = np.maximum((apart**2).sum(axis=1) - (along**2).sum(axis=1), 0)
        whole: Floats = np.column_stack([along, np.sqrt(rest)]).astype(np.float32)
        return whole

    def describe(self, coordinates: Floats, bandwidth: float, one_category: float) -> EmbeddingReference:
        """Texts as a reference keeps them."""
        steps = np.maximum(np.abs(coordinates).max(axis=0), 1e-6) / 127
        return EmbeddingReference(
            mean=self.mean.astype(np.float16).tobytes(),
            directions=self.axes.astype(np.float16).tobytes(),
            steps=tuple(steps.tolist()),
            rows=np.round(coordinates / steps).astype(np.int8).tobytes(),
            bandwidth=bandwidth,
            one_category=one_category,
        )


def _as_stored(embeddings: Floats) -> Floats:
    """Embeddings as the alert store gives them back, where they are rounded (`models/duplicates/vectors.py`)."""
    rounded: Floats = (np.round(embeddings / _STEP) * _STEP).astype(np.float32)
    return rounded


def _float16(values: Floats) -> Floats:
    return values.astype(np.float16).astype(np.float32)
