"""What a network answers to many texts, and answers of a teacher looked up by text."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from models.networks.text import TextNetwork
from models.tokenization import TextTokenizer
from training.text.losses import Targets
from triage.taxonomy import HEADS, Head

EVALUATION_TOKENS = 2048

Logits = dict[Head, np.ndarray]


@dataclass(frozen=True, slots=True)
class Answers:
    """Logits per head, shape (texts, codes), and embeddings of unit length, shape (texts, width)."""

    logits: Logits
    embeddings: np.ndarray


def answers_of(network: TextNetwork, tokenizer: TextTokenizer, texts: Sequence[str]) -> Answers:
    """The answers without dropout, in the order of the texts."""
    network.eval()
    rows = tokenizer.encode(texts)
    logits: Logits = {head: np.empty((len(texts), network.codes[head]), np.float32) for head in HEADS}
    embeddings = np.empty((len(texts), network.encoder.config.hidden_size), np.float32)
    device = next(network.parameters()).device
    with torch.inference_mode():
        for batch in tokenizer.batches(rows, EVALUATION_TOKENS):
            outputs = network(torch.from_numpy(batch.ids).to(device), torch.from_numpy(batch.mask).to(device))
            for head, values in zip(HEADS, outputs, strict=False):
                logits[head][batch.positions] = values.cpu().numpy()
            embeddings[batch.positions] = outputs[-1].cpu().numpy()
    return Answers(logits, embeddings)


class TeacherAnswers:
    """Answers found by the key of a text; a teacher without opinions lends its embeddings alone."""

    def __init__(self, keys: Sequence[str], answers: Answers, *, opinions: bool = True) -> None:
        self._position = {key: number for number, key in enumerate(keys)}
        self._answers = answers
        self._opinions = opinions

    def add_to(self, targets: Targets, texts: Sequence[str]) -> Targets:
        """Targets with the answers to their texts; NaN where there is none."""
        positions = [self._position.get(text_key(text), -1) for text in texts]
        taught = {head: _rows(self._answers.logits[head], positions) for head in HEADS} if self._opinions else None
        return replace(targets, taught=taught, anchors=_rows(self._answers.embeddings, positions))


def text_key(text: str) -> str:
    """The digest by which an answer is found."""
    return hashlib.sha256(text.encode()).hexdigest()


def _rows(values: np.ndarray, positions: Sequence[int]) -> torch.Tensor:
    chosen = values[positions].astype(np.float32)
    chosen[[position < 0 for position in positions]] = np.nan
    return torch.from_numpy(chosen)


def as_arrays(texts: Sequence[str], answers: Answers) -> dict[str, np.ndarray]:
    """The answers as plain arrays for a file: half precision is more than a teacher's opinion is worth."""
    keys = np.frombuffer(b"".join(bytes.fromhex(text_key(text)) for text in texts), np.uint8).reshape(len(texts), 32)
    logits = {f"logits.{head}": answers.logits[head].astype(np.float16) for head in HEADS}
    return {"keys": keys, "embeddings": answers.embeddings.astype(np.float16), **logits}
