"""Calibration: one temperature per head turns logits into probabilities that mean what they say."""

from typing import Annotated, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from triage.taxonomy import HEADS, Head

Floats = npt.NDArray[np.floating]


class Calibration(BaseModel):
    """Temperature per head (Guo et al., 2017, "On Calibration of Modern Neural Networks")."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperatures: dict[Head, Annotated[float, Field(gt=0, allow_inf_nan=False)]]

    @model_validator(mode="after")
    def _every_head(self) -> Self:
        missing = [head for head in HEADS if head not in self.temperatures]
        if missing:
            raise ValueError(f"there is no temperature for {', '.join(missing)}")
        return self

    def probabilities(self, head: Head, logits: Floats) -> Floats:
        """Calibrated probabilities of shape (alerts, codes) from logits of that shape."""
        return softmax(logits / self.temperatures[head])


def softmax(logits: Floats) -> Floats:
    """Softmax over the last axis, safe against overflow."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))
