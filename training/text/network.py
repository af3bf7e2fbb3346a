"""Builds the text network: the encoder with its vocabulary cut and one head per question."""

import copy
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BertModel

from models.networks.text import TextNetwork
from models.text import EncoderSize
from models.tokenization import TextTokenizer
from training.config import TextConfig
from training.encoder.source import EncoderSource, load_encoder
from training.encoder.vocabulary import build_tokenizer, choose_pieces, cut_vocabulary
from triage.errors import InvalidConfiguration
from triage.taxonomy import HEADS, Taxonomy


@dataclass(frozen=True, slots=True)
class BuiltNetwork:
    """The untrained network with its tokenizer and where its encoder came from."""

    network: TextNetwork
    tokenizer: Tokenizer
    source: EncoderSource
    teacher: str = ""  # the SHA-256 of the weights that it learned from

    def size(self) -> EncoderSize:
        """The sizes of the encoder, as the bundle describes them."""
        config = self.network.encoder.config
        return EncoderSize(
            width=config.hidden_size,
            layers=config.num_hidden_layers,
            attention_heads=config.num_attention_heads,
            feed_forward=config.intermediate_size,
        )

    def text_tokenizer(self) -> TextTokenizer:
        """The tokenizer as serving reads it, from a file."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "tokenizer.json"
            self.tokenizer.save(str(path))
            return TextTokenizer(path)


def build_network(config: TextConfig, taxonomy: Taxonomy, texts: Sequence[str]) -> BuiltNetwork:
    """Load the encoder, cut its vocabulary (keeping what `texts` need) and its layers, add heads."""
    torch.manual_seed(config.seed)  # draws the heads
    loaded = load_encoder(config.encoder)
    kept = choose_pieces(loaded.vocabulary, config.vocabulary_size, texts)
    encoder = loaded.model[0].model
    table = encoder.embeddings.word_embeddings.weight.data[torch.tensor(kept)]
    encoder.embeddings.word_embeddings = nn.Embedding.from_pretrained(table, freeze=config.freeze_embeddings)
    encoder.config.vocab_size = len(kept)
    encoder.pooler = None
    # The fused attention of onnxruntime is recognised in the graph of eager attention only.
    encoder.set_attn_implementation("eager")
    _keep_first(encoder, config.layers)
    codes = {head: len(taxonomy.codes(head)) for head in HEADS}
    network = TextNetwork(encoder, codes, config.dropout)
    return BuiltNetwork(network, build_tokenizer(cut_vocabulary(loaded.vocabulary, kept)), loaded.source)


def student_of(teacher: BuiltNetwork, layers: int | None) -> BuiltNetwork:
    """A copy of a trained network that keeps its heads and its first layers.

    The first layers do better than evenly spaced ones: in a trial with six of twelve, validation
    macro-F1 of the category was 0.77 against 0.73 after five epochs.
    """
    network = copy.deepcopy(teacher.network)
    _keep_first(network.encoder, layers)
    return replace(teacher, network=network)


def _keep_first(encoder: BertModel, layers: int | None) -> None:
    if layers and layers > len(encoder.encoder.layer):
        raise InvalidConfiguration(
            f"The encoder has {len(encoder.encoder.layer)} layers; set `layers` to as many or fewer, not {layers}."
        )
    if layers:
        encoder.encoder.layer = encoder.encoder.layer[:layers]
        encoder.config.num_hidden_layers = layers
