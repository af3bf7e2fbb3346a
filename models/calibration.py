"""Calibration: one temperature per head turns logits into probabilities that mean what they say."""

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from triage.taxonomy import Head

Floats = npt.NDArray[np.floating]


class Calibration(BaseModel):
    """Temperature per head (Guo et al., 2017, "On Calibration of Modern Neural Networks")."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperatures: dict[Head, float] = Field(min_length=1)

    def probabilities(self, head: Head, logits: Floats) -> Floats:
        """Calibrated probabilities of shape (alerts, codes) from logits of that shape."""
        return softmax(logits / self.temperatures[head])


def softmax(logits: Floats) -> Floats:
    """Softmax over the last axis, safe against overflow."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))
