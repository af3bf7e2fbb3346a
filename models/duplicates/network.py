"""The pair network in onnxruntime: a text is encoded once, then compared with every candidate."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.calibration import Floats
from models.onnx import OnnxModel

# Pairs of one pass: more gains nothing and holds memory.
_PAIRS = 256


class PairNetwork:
    """The two graphs of the duplicate part."""

    def __init__(self, encoder: Path, comparison: Path, threads: int | None = None) -> None:
        self._encoder = OnnxModel(encoder, threads)
        self._comparison = OnnxModel(comparison, threads)

    def encode(self, states: Floats) -> Floats:
        """Narrow states of tokens, shape (tokens, narrow), from those of the text encoder, (tokens, states)."""
        narrow: Floats = self._encoder.run({"states": states[None]})["narrow"][0]
        return narrow

    def compare(self, one: Sequence[Floats], two: Sequence[Floats]) -> Floats:
        """Logits that pairs of texts speak of the same fault, shape (pairs,); each text has at least one token."""
        logits = np.empty(len(one), np.float32)
        order = sorted(range(len(one)), key=lambda row: len(one[row]) + len(two[row]))
        for start in range(0, len(order), _PAIRS):
            rows = order[start : start + _PAIRS]
            first, first_mask = _pad([one[row] for row in rows])
            second, second_mask = _pad([two[row] for row in rows])
            inputs = {"one": first, "one_mask": first_mask, "two": second, "two_mask": second_mask}
            logits[rows] = self._comparison.run(inputs)["logit"]
        return logits


def _pad(texts: Sequence[Floats]) -> tuple[Floats, Floats]:
    longest = max(map(len, texts))
    padded = np.zeros((len(texts), longest, texts[0].shape[1]), np.float32)
    mask = np.zeros((len(texts), longest), np.float32)
    for row, text in enumerate(texts):
        padded[row, : len(text)] = text
        mask[row, : len(text)] = 1
    return padded, mask
