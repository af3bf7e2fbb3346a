"""Golden pictures: drawn by rule, so that a bundle can prove itself anywhere without carrying anybody's photo."""

from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from models.photo import PART, PhotoModel, Picture
from triage.errors import InvalidBundle

GOLDEN = f"{PART}/golden.json"
PICTURES = 8
TOLERANCE = 0.03  # int8 kernels differ between processors by less than this


class GoldenPicture(BaseModel):
    """The calibrated probabilities of one drawn picture, and the first numbers of its embedding."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    probabilities: tuple[float, ...]
    embedding: tuple[float, ...]


_ROWS: TypeAdapter[list[GoldenPicture]] = TypeAdapter(Annotated[list[GoldenPicture], Field(min_length=1)])
_EMBEDDED = 16


def drawn_pictures(size: int) -> list[Picture]:
    """Gradients, stripes, discs and blocks in whole numbers, equal on every machine; shape (size, size, 3) each."""
    rows, columns = np.indices((size, size), dtype=np.int64)
    pictures = []
    for number in range(PICTURES):
        stripes = ((columns * (number + 2) + rows * (PICTURES - number)) * 8 // size) % 2
        disc = (rows - size // 2) ** 2 + (columns - size // 3) ** 2 < (size * (number + 1) // 20) ** 2
        sky = 255 - rows * 128 // size
        channels = [
            np.where(disc, 20 * number, (sky * (3 - channel) // 3 + 90 * stripes * (channel != number % 3)) % 256)
            for channel in range(3)
        ]
        pictures.append(np.stack(channels, axis=2).astype(np.uint8))
    return pictures


def write_golden_pictures(path: Path, model: PhotoModel) -> None:
    """Write what the model answers to the drawn pictures."""
    path.write_bytes(_ROWS.dump_json(_answers(model)) + b"\n")


def check_golden_pictures(path: Path, model: PhotoModel) -> None:
    """Prove that this machine sees as the one that trained.

    Raises:
        InvalidBundle: the file is broken, or naming the first picture whose answer differs.
    """
    try:
        expected = _ROWS.validate_json(path.read_bytes())
    except ValidationError as error:
        raise InvalidBundle(f"The bundle file {path} holds no golden answers: {error.errors()[0]['msg']}.") from error
    found = _answers(model)
    if list(map(_lengths, expected)) != list(map(_lengths, found)):
        raise InvalidBundle(f"The bundle file {path} holds golden answers of another model; train the bundle again.")
    for number, (want, have) in enumerate(zip(expected, found, strict=True)):
        for name in ("probabilities", "embedding"):
            apart = np.abs(np.subtract(getattr(want, name), getattr(have, name))).max()
            if not apart <= TOLERANCE:
                raise InvalidBundle(
                    f"The drawn picture {number} of {path} differs by {apart:.3f} in its {name}. The model does not"
                    " compute here what it computed where it was made; do not serve it."
                )


def _lengths(row: GoldenPicture) -> tuple[int, int]:
    return len(row.probabilities), len(row.embedding)


def _answers(model: PhotoModel) -> list[GoldenPicture]:
    output = model.predict(drawn_pictures(model.description.size))
    return [
        GoldenPicture(
            probabilities=tuple(round(float(value), 4) for value in probabilities),
            embedding=tuple(round(float(value), 4) for value in embedding[:_EMBEDDED]),
        )
        for probabilities, embedding in zip(output.probabilities, output.embeddings, strict=True)
    ]
