"""What the photo model answered to pictures of sources that it had not seen; no picture and no name of a file."""

from pathlib import Path
from typing import Annotated, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.calibration import Floats, softmax
from models.photo import PART
from triage.errors import InvalidBundle

HELD_OUT = f"{PART}/held_out.json"


class HeldOutPhotos(BaseModel):
    """Labels and logits in the same order; the fusion is fitted and measured on them wherever the bundle is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: Annotated[tuple[int, ...], Field(min_length=1)]
    logits: tuple[tuple[float, ...], ...]

    @model_validator(mode="after")
    def _one_for_each(self) -> Self:
        if len(self.labels) != len(self.logits):
            raise ValueError("there must be as many labels as logits")
        if len(set(map(len, self.logits))) != 1 or max(self.labels) >= len(self.logits[0]) or min(self.labels) < 0:
            raise ValueError("every row must have one logit for each label")
        return self

    def probabilities(self, temperature: float) -> Floats:
        """Calibrated probabilities, shape (pictures, labels)."""
        return softmax(np.array(self.logits) / temperature)


def read_held_out(path: Path) -> HeldOutPhotos:
    """Read the file of a bundle.

    Raises:
        InvalidBundle: it holds no such answers.
    """
    try:
        return HeldOutPhotos.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise InvalidBundle(f"The bundle file {path} holds no held-out answers: {error.errors()[0]['msg']}.") from error
