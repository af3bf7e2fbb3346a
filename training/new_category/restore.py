"""Reads the text network of a bundle back from its int8 graph, so that training can go on from any bundle.

A weight comes back within half of one of its 127 steps. Exported again unchanged, it has the same int8 value and scale.
"""

import re
from collections.abc import Iterator

import numpy as np
import onnx
import torch
from onnx import GraphProto, numpy_helper
from tokenizers import Tokenizer
from torch import Tensor
from transformers import BertConfig, BertModel

from models.bundle import Bundle
from models.networks.text import TextNetwork
from models.text import MODEL, TOKENIZER, TextDescription
from training.encoder.source import EncoderSource
from training.text.network import BuiltNetwork
from triage.errors import InvalidBundle
from triage.taxonomy import HEADS

Arrays = dict[str, np.ndarray]

_PRODUCT = re.compile(r"/encoder/(encoder/layer\.\d+/[\w/]+)/MatMul_output_0_weight")
_BIASES = re.compile(r"Attention_(\d+)_qkv_bias")
_SELF = ("query", "key", "value")
_TABLE = "encoder.embeddings.word_embeddings"


def restore_network(bundle: Bundle, description: TextDescription, dropout: float) -> BuiltNetwork:
    """The text network of a bundle with its tokenizer.

    Raises:
        InvalidBundle: the graph was not written by this project's export.
    """
    graph = onnx.load(bundle.path(MODEL)).graph
    arrays = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    weights = {name: torch.from_numpy(values.copy()) for name, values in _weights(arrays)}
    size = description.encoder
    config = BertConfig(
        vocab_size=len(weights[f"{_TABLE}.weight"]),
        hidden_size=size.width,
        num_hidden_layers=size.layers,
        num_attention_heads=size.attention_heads,
        intermediate_size=size.feed_forward,
        max_position_embeddings=len(weights["encoder.embeddings.position_embeddings.weight"]),
        type_vocab_size=len(weights["encoder.embeddings.token_type_embeddings.weight"]),
        layer_norm_eps=_epsilon(graph),
        pad_token_id=None,
    )
    encoder = BertModel(config, add_pooling_layer=False)
    encoder.set_attn_implementation("eager")  # as `training.text.network` says
    network = TextNetwork(encoder, {head: len(description.codes[head]) for head in HEADS}, dropout)
    _fill(network, weights, bundle)
    network.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    source = EncoderSource("bundle", bundle.manifest.version, bundle.manifest.files[MODEL].sha256)
    return BuiltNetwork(network, Tokenizer.from_file(str(bundle.path(TOKENIZER))), source)


def _fill(network: TextNetwork, weights: dict[str, Tensor], bundle: Bundle) -> None:
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise InvalidBundle(
            f"The text model of {bundle.folder} has other weights than this project's export writes; train the text"
            " part again with: triage train text"
        ) from error


def _weights(arrays: Arrays) -> Iterator[tuple[str, np.ndarray]]:
    """Every weight by its name in the network."""
    for name, values in arrays.items():
        if found := _PRODUCT.fullmatch(name):
            yield from _product(found[1], values * (arrays[f"{name[:-7]}_scale"] * 127))
        elif found := _BIASES.fullmatch(name):
            for part, bias in zip(_SELF, np.split(values, 3), strict=True):
                yield f"encoder.encoder.layer.{found[1]}.attention.self.{part}.bias", bias
        elif name == f"{_TABLE}.weight":
            yield name, values * arrays[f"{_TABLE}.scale"]
        elif name != f"{_TABLE}.scale" and name.startswith(("encoder.", "heads.", "language.")):
            yield name, values


def _product(path: str, matrix: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """The matrices that the export joined; torch keeps each the other way round."""
    name = f"encoder.{path.replace('/', '.')}"
    if not name.endswith(f".{_SELF[0]}"):
        yield f"{name}.weight", np.ascontiguousarray(matrix.T, np.float32)
        return
    for part, piece in zip(_SELF, np.split(matrix, 3, axis=1), strict=True):
        yield f"{name.removesuffix(_SELF[0])}{part}.weight", np.ascontiguousarray(piece.T, np.float32)


def _epsilon(graph: GraphProto) -> float:
    found = (
        attribute.f
        for node in graph.node
        if node.op_type == "LayerNormalization"
        for attribute in node.attribute
        if attribute.name == "epsilon"
    )
    return float(next(found, 1e-12))
