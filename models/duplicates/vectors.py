"""What is kept of a text so that it can be compared again without being read again: about 3 KB an alert."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.calibration import Floats

# Later tokens say little that is new, and a vector must stay small.
MAX_TOKENS = 48
# Narrow states lie between -4 and 4, embeddings and probabilities between -1 and 1.
_STATE_STEP, _UNIT_STEP = 4 / 127, 1 / 127

_Bytes = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Vector:
    """A text as duplicates are looked for.

    Attributes:
        categories: probabilities of its categories, shape (codes,).
        embedding: unit length, shape (width,).
        states: narrow states of its tokens, shape (tokens, states); no tokens where there is no text.
    """

    categories: Floats
    embedding: Floats
    states: Floats

    def pack(self) -> bytes:
        """As bytes: rounded to steps of 1/127, or of 4/127 for states."""
        parts = (
            _round(self.categories, _UNIT_STEP),
            _round(self.embedding, _UNIT_STEP),
            _round(self.states[:MAX_TOKENS].ravel(), _STATE_STEP),
        )
        return b"".join(part.tobytes() for part in parts)


@dataclass(frozen=True, slots=True)
class VectorFormat:
    """The sizes that bytes do not carry: those of a bundle."""

    categories: int
    embedding: int
    states: int

    def unpack(self, content: bytes) -> Vector:
        """The vector in bytes of `Vector.pack`.

        Raises:
            ValueError: they are of another bundle.
        """
        values: _Bytes = np.frombuffer(content, dtype=np.int8)
        head = self.categories + self.embedding
        if len(values) < head or (len(values) - head) % self.states:
            raise ValueError("these bytes are no vector of this bundle")
        return Vector(
            categories=values[: self.categories] * np.float32(_UNIT_STEP),
            embedding=values[self.categories : head] * np.float32(_UNIT_STEP),
            states=values[head:].reshape(-1, self.states) * np.float32(_STATE_STEP),
        )


def _round(values: Floats, step: float) -> _Bytes:
    return np.clip(np.round(values / step), -127, 127).astype(np.int8)
