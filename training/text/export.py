"""Exports the trained network to ONNX: fused for onnxruntime, then quantised to int8."""

import tempfile
import warnings
from pathlib import Path

import onnx
import torch
from onnxruntime.transformers.fusion_options import FusionOptions
from onnxruntime.transformers.optimizer import optimize_model

from models.networks.text import QuantizedEmbedding, TextNetwork
from models.text import EMBEDDING, LANGUAGE
from training.text.quantize import quantize_per_token
from triage.taxonomy import HEADS

INPUTS = ("input_ids", "attention_mask")
OPSET = 17


def export_float(network: TextNetwork, path: Path) -> None:
    """Write the float32 graph with fused attention, layer norm and GELU."""
    config = network.encoder.config
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.onnx"
        _trace(network, raw)
        options = FusionOptions("bert")
        # Keeps the products of queries, keys and values as plain MatMul nodes, which are quantised later.
        options.use_multi_head_attention = True
        # onnxruntime adds and normalises faster as two operations than as one on a CPU.
        options.enable_skip_layer_norm = False
        options.enable_bias_skip_layer_norm = False
        optimized = optimize_model(
            str(raw),
            model_type="bert",
            num_heads=config.num_attention_heads,
            hidden_size=config.hidden_size,
            opt_level=0,
            optimization_options=options,
        )
        optimized.save_model_to_file(str(path))


def _trace(network: TextNetwork, path: Path) -> None:
    """Write the graph as torch sees it.

    torch's newer exporter writes graphs in which onnxruntime's optimizer finds no attention and
    ends with a cyclic graph (torch 2.15, onnxruntime 1.32), hence the TorchScript one.
    """
    network.eval()
    ids = torch.randint(4, 1000, (2, 16))
    mask = torch.ones_like(ids)
    mask[1, 10:] = 0
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("ignore", message=".*Python", category=Warning, module="transformers")
        warnings.filterwarnings("ignore", category=UserWarning, module="torch.onnx")
        torch.onnx.export(
            network,
            (ids, mask),
            path,
            input_names=list(INPUTS),
            output_names=[*HEADS, LANGUAGE, EMBEDDING],
            dynamic_axes={name: {0: "texts", 1: "tokens"} for name in INPUTS},
            opset_version=OPSET,
            dynamo=False,
        )


def export_int8(network: TextNetwork, path: Path) -> None:
    """Write the int8 graph; the network's embedding table is replaced by its int8 form."""
    embeddings = network.encoder.embeddings
    quantized = QuantizedEmbedding(embeddings.word_embeddings.weight.data)
    setattr(embeddings, "word_embeddings", quantized)  # noqa: B010 - its declared type is a float table
    with tempfile.TemporaryDirectory() as folder:
        fused = Path(folder) / "fused.onnx"
        export_float(network, fused)
        onnx.save(quantize_per_token(onnx.load(fused)), path)
