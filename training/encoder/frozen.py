"""Embeddings of the encoder as it comes, before any training on alerts; kept on disk, since they take minutes."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from evaluation.metrics import Floats
from models.reading import as_read
from models.tokenization import PREFIX
from training.encoder.source import load_encoder

_BATCH = 64


def frozen_embeddings(encoder: str, texts: Sequence[str], cache: Path, advance: Callable[[int], None]) -> Floats:
    """Embeddings of masked texts, shape (texts, width), unit length.

    Args:
        encoder: as `load_encoder` takes it.
        texts: masked texts.
        cache: a folder, made if need be; the file in it is named by the digest of weights and texts.
        advance: called with the number of texts that were read.
    """
    loaded = load_encoder(encoder)
    read = [PREFIX + as_read(text) for text in texts]
    kept = cache / f"{encoder.replace('/', '-')}-{_digest(loaded.source.sha256, read)}.npy"
    if kept.is_file():
        advance(len(texts))
        return np.asarray(np.load(kept, allow_pickle=False))
    blocks = []
    for start in range(0, len(read), _BATCH):
        part = read[start : start + _BATCH]
        blocks.append(np.asarray(loaded.model.encode(part, batch_size=_BATCH, normalize_embeddings=True)))
        advance(len(part))
    embeddings = np.concatenate(blocks)
    cache.mkdir(parents=True, exist_ok=True)
    scratch = kept.with_suffix(".part")
    with scratch.open("wb") as stream:
        np.save(stream, embeddings, allow_pickle=False)
    scratch.replace(kept)
    return embeddings


def _digest(weights: str, texts: Sequence[str]) -> str:
    total = hashlib.sha256(weights.encode())
    for text in texts:
        total.update(text.encode() + b"\0")
    return total.hexdigest()[:16]
