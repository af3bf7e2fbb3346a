"""A tiny encoder with random weights and a vocabulary of a thousand pieces: two layers, width 32."""

from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers import BertConfig, BertModel

from training.encoder.packed import UnigramVocabulary
from training.encoder.source import wrap_tokenizer
from training.encoder.vocabulary import build_tokenizer

KINDS = ["lampe", "trou", "tag"]
FILLERS = ["rue", "route", "sale", "noir", "casse", "mur", "panne", "vite", "danger", "ici", "encore", "query"]
LETTERS = "abcdefghijklmnopqrstuvwxyzéèêàçùîôûœ'-.,!?:<>0123456789"
# `export_float` traces with ids up to 999.
PIECES = 1024
LONGEST = 160


def tiny_vocabulary() -> UnigramVocabulary:
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -3.0)]
    pieces += [(letter, -8.0) for letter in LETTERS] + [("▁" + word, -5.0) for word in KINDS + FILLERS]
    pieces += [(f"▁mot{number}", -9.0) for number in range(PIECES - len(pieces))]
    return UnigramVocabulary(tuple(pieces), bos=0, eos=2, pad=1, unk=3)


def tiny_encoder(seed: int) -> BertModel:
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=PIECES,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=LONGEST,
        initializer_range=0.3,
        pad_token_id=1,
    )
    encoder = BertModel(config, add_pooling_layer=False)
    # As in `build_network`: a table without a row for padding, and attention that onnxruntime can fuse.
    encoder.embeddings.word_embeddings.padding_idx = None
    encoder.set_attn_implementation("eager")
    return encoder


def write_tiny_encoder(folder: Path, seed: int = 13) -> Path:
    """The encoder as a folder that a configuration can name."""
    plain = folder / "plain"
    tiny_encoder(seed).save_pretrained(plain)
    wrap_tokenizer(build_tokenizer(tiny_vocabulary()), LONGEST).save_pretrained(plain)
    modules = [Transformer(str(plain), max_seq_length=LONGEST), Pooling(32, pooling_mode="mean")]
    SentenceTransformer(modules=modules, device="cpu").save(str(folder / "encoder"))
    return folder / "encoder"
