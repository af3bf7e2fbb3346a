"""What the lower layers of a bundle's text model make of texts; they stay as they are, so each text is read once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.bundle import Bundle
from models.onnx import OnnxModel
from models.text import MODEL, TOKENIZER
from models.tokenization import TextTokenizer
from triage.taxonomy import HEADS, Head

_BATCH_TOKENS = 4096
_OUTPUT = "/encoder/encoder/layer.{}/output/LayerNorm/LayerNormalization_output_0"


@dataclass(frozen=True, slots=True)
class ReadTexts:
    """Texts as the upper layers get them.

    Attributes:
        states: of each text, shape (tokens, width), in half precision.
        logits: what the bundle answers per head, shape (texts, codes).
    """

    states: Sequence[np.ndarray]
    logits: dict[Head, np.ndarray]

    def of(self, places: Sequence[int]) -> "ReadTexts":
        """Some of the texts, in this order."""
        chosen = list(places)
        return ReadTexts(
            [self.states[place] for place in chosen], {head: self.logits[head][chosen] for head in self.logits}
        )


def read_texts(bundle: Bundle, texts: Sequence[str], below: int, threads: int | None = None) -> ReadTexts:
    """Read masked texts up to a layer.

    Args:
        bundle: a verified one.
        texts: without personal data.
        below: how many layers are read through, at least one.
        threads: of the session; all cores by default.
    """
    tap = _OUTPUT.format(below - 1)
    model = OnnxModel(bundle.path(MODEL), threads, (tap,))
    tokenizer = TextTokenizer(bundle.path(TOKENIZER))
    rows = tokenizer.encode(texts)
    states: list[np.ndarray] = [np.empty(0)] * len(texts)
    logits: dict[Head, list[np.ndarray]] = {head: [np.empty(0)] * len(texts) for head in HEADS}
    for batch in tokenizer.batches(rows, _BATCH_TOKENS):
        outputs = model.run({"input_ids": batch.ids, "attention_mask": batch.mask})
        for line, place in enumerate(batch.positions):
            states[place] = outputs[tap][line, : len(rows[place])].astype(np.float16)
            for head in HEADS:
                logits[head][place] = outputs[head][line]
    return ReadTexts(states, {head: np.stack(logits[head]) for head in HEADS})


def padded(states: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    """States of some texts, shape (texts, tokens, width), and which tokens there are, shape (texts, tokens)."""
    tensors = [torch.from_numpy(item.astype(np.float32)) for item in states]
    mask = torch.nn.utils.rnn.pad_sequence([torch.ones(len(item)) for item in tensors], batch_first=True)
    return torch.nn.utils.rnn.pad_sequence(tensors, batch_first=True), mask


def batches(states: Sequence[np.ndarray], order: Sequence[int], size: int) -> Iterator[list[int]]:
    """Places in batches of similar length: sorted within stretches of the order, which stays random beyond them."""
    stretch = 8 * size
    for start in range(0, len(order), stretch):
        near = sorted(order[start : start + stretch], key=lambda place: len(states[place]))
        yield from (near[begin : begin + size] for begin in range(0, len(near), size))
