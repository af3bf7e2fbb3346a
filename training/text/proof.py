"""Proofs that the exported graphs answer as the trained network does, and the choice of golden texts."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.special import softmax

from evaluation.metrics import Floats, label_numbers, macro_f1
from models.networks.text import TextNetwork
from models.text import TextDescription, TextModel
from training.text.answers import Logits
from training.text.export import export_float
from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS, Head, Taxonomy

GOLDEN_ROWS = 12
GOLDEN_MARGIN = 0.15  # golden answers must not sit on the fence between two codes
FLOAT_LIMIT = 0.03


def prove_float_export(
    network: TextNetwork, tokenizer: Path, description: TextDescription, texts: Sequence[str], expected: Logits
) -> float:
    """The worst difference in a logit between the network and its float32 export.

    Raises:
        RuntimeError: the difference is larger than `FLOAT_LIMIT`.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "float.onnx"
        export_float(network, path)
        found = TextModel(path, tokenizer, description).predict(texts).logits
    worst = max(float(np.abs(found[head] - expected[head]).max()) for head in HEADS)
    if worst > FLOAT_LIMIT:
        raise RuntimeError(
            f"The ONNX export differs from the network by {worst:.4f} in a logit (limit {FLOAT_LIMIT});"
            " check the versions of torch and onnxruntime against constraints.txt."
        )
    return worst


def int8_parity(
    found: Mapping[Head, Floats], expected: Logits, rows: Sequence[LabelledAlert], taxonomy: Taxonomy
) -> dict[str, float]:
    """How much int8 changes macro-F1 and, on average, the most changed probability of a row."""
    parity = {}
    for head in HEADS:
        truth = label_numbers(rows, head, taxonomy)
        before = macro_f1(truth, expected[head].argmax(axis=1))
        parity[f"int8_{head}_macro_f1_change"] = macro_f1(truth, found[head].argmax(axis=1)) - before
        difference = np.abs(softmax(found[head], axis=1) - softmax(expected[head], axis=1))
        parity[f"int8_{head}_mean_probability_change"] = float(difference.max(axis=1).mean())
    return parity


def golden_texts(model: TextModel, texts: Sequence[str]) -> list[str]:
    """A few texts, spread over the split, whose answers do not sit on the fence between two codes."""
    probabilities = model.probabilities(model.predict(texts))
    margins = np.min([np.diff(np.sort(probabilities[head])[:, -2:]).ravel() for head in HEADS], axis=0)
    clear = np.flatnonzero(margins >= GOLDEN_MARGIN)
    if len(clear) < GOLDEN_ROWS:
        return [texts[row] for row in np.argsort(-margins)[:GOLDEN_ROWS]]
    return [texts[row] for row in clear[:: len(clear) // GOLDEN_ROWS][:GOLDEN_ROWS]]
