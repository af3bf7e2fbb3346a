"""Reads reports through the text model of a bundle: states, embeddings and categories of every text, once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.bundle import Bundle
from models.calibration import Floats
from models.text import MAX_TAPPED_TOKENS, TextModel
from training.duplicates.config import DuplicateConfig
from triage.errors import InvalidConfiguration

Half = npt.NDArray[np.float16]
_CHUNK = 256


@dataclass(frozen=True, slots=True)
class ReadTexts:
    """What the text model makes of texts, in their order.

    Attributes:
        states: shape (texts, tokens, width of all taps), zero beyond `lengths`.
        lengths: tokens of each text; 0 where there is no text.
        embeddings: shape (texts, width).
        categories: probabilities, shape (texts, codes).
        codes: of the categories.
    """

    states: Half
    lengths: npt.NDArray[np.int64]
    embeddings: Floats
    categories: Floats
    codes: tuple[str, ...]


def tap_names(layers: Sequence[int]) -> tuple[str, ...]:
    """The names of layers' states in the text graph (`training/text/export.py` exports them under these)."""
    return tuple(f"/encoder/encoder/layer.{layer - 1}/output/LayerNorm/LayerNormalization_output_0" for layer in layers)


def read_texts(
    bundle: Bundle, texts: Sequence[str], config: DuplicateConfig, advance: Callable[[int], None]
) -> ReadTexts:
    """Read texts without personal data.

    Raises:
        InvalidConfiguration: the text model has no such layer.
    """
    size = TextModel.from_bundle(bundle).description.encoder
    if max(config.layers) > size.layers or min(config.layers) < 1:
        raise InvalidConfiguration(f"The text model has the layers 1 to {size.layers}; `layers` names others.")
    model = TextModel.from_bundle(bundle, taps=tap_names(config.layers))
    width = size.width * len(config.layers)
    states = np.zeros((len(texts), MAX_TAPPED_TOKENS, width), np.float16)
    lengths = np.zeros(len(texts), np.int64)
    embeddings = np.zeros((len(texts), size.width), np.float32)
    codes = model.description.codes["category"]
    categories = np.zeros((len(texts), len(codes)), np.float32)
    for start in range(0, len(texts), _CHUNK):
        chunk = texts[start : start + _CHUNK]
        output = model.predict(chunk)
        rows = slice(start, start + len(chunk))
        embeddings[rows], categories[rows] = output.embeddings, model.probabilities(output)["category"]
        for row, found in enumerate(output.states):
            lengths[start + row] = len(found) if chunk[row] else 0
            states[start + row, : lengths[start + row]] = found[: lengths[start + row]]
        advance(len(chunk))
    return ReadTexts(states, lengths, embeddings, categories, codes)
