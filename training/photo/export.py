"""Exports the photo network to ONNX, float32 and int8, and proves that both answer as it does."""

import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

from evaluation.metrics import Floats
from models.networks.photo import PhotoNetwork
from models.onnx import OnnxModel
from models.photo import EMBEDDING, INPUT, LOGITS, MAPS, Picture

OPSET = 17
FLOAT_LIMIT = 0.01
READ_AT_ONCE = 8
# Biases and tables of a few numbers stay as they are.
_LEAST_DIMENSIONS, _LEAST_SIZE = 2, 256
_LIMIT = 127


def export_float(network: PhotoNetwork, size: int, path: Path) -> None:
    """Write the float32 graph, which takes pictures as bytes."""
    network.eval()
    example = torch.zeros(2, size, size, 3, dtype=torch.uint8)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("ignore", category=UserWarning, module="torch.onnx")
        warnings.filterwarnings("ignore", category=torch.jit._trace.TracerWarning)
        torch.onnx.export(
            network,
            (example,),
            path,
            input_names=[INPUT],
            output_names=[LOGITS, EMBEDDING, MAPS],
            dynamic_axes={name: {0: "photos"} for name in (INPUT, LOGITS, EMBEDDING, MAPS)},
            opset_version=OPSET,
            dynamo=False,
        )


def export_int8(network: PhotoNetwork, size: int, path: Path) -> None:
    """Write the graph with its weights as int8, each channel on its own scale; it computes in float32.

    Activations in int8 as well change the label of 7 to 12 % of pictures and lose up to 4 points of
    accuracy (`../README.md`), for no gain in time on one picture that decoding would not hide.
    """
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.onnx"
        export_float(network, size, raw)
        model = onnx.load(raw)
    graph = model.graph
    kept = []
    dequantized = []
    for item in graph.initializer:
        weight = numpy_helper.to_array(item)
        if weight.ndim < _LEAST_DIMENSIONS or weight.size < _LEAST_SIZE:
            kept.append(item)
            continue
        axes = tuple(range(1, weight.ndim))
        scale = np.maximum(np.abs(weight).max(axis=axes), 1e-8) / _LIMIT
        rounded = np.round(weight / scale.reshape(-1, *[1] * len(axes))).astype(np.int8)
        names = [f"{item.name}_int8", f"{item.name}_scale"]
        kept += [
            numpy_helper.from_array(rounded, names[0]),
            numpy_helper.from_array(scale.astype(np.float32).reshape(-1, *[1] * len(axes)), names[1]),
        ]
        # Plain nodes are worked out once, when the graph is loaded; DequantizeLinear would be at each photo.
        dequantized += [
            helper.make_node("Cast", names[:1], [f"{item.name}_whole"], to=onnx.TensorProto.FLOAT),
            helper.make_node("Mul", [f"{item.name}_whole", names[1]], [item.name]),
        ]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    nodes = [*dequantized, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, path)


def prove_float_export(network: PhotoNetwork, size: int, pictures: Sequence[Picture]) -> float:
    """The worst difference in a logit between the network and its float32 export.

    Raises:
        RuntimeError: the difference is larger than `FLOAT_LIMIT`.
    """
    stacked = np.stack(pictures)
    with torch.inference_mode():
        expected = network.eval()(torch.from_numpy(stacked))[0].numpy()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "float.onnx"
        export_float(network, size, path)
        found = OnnxModel(path).run({INPUT: stacked})[LOGITS]
    worst = float(np.abs(found - expected).max())
    if worst > FLOAT_LIMIT:
        raise RuntimeError(
            f"The ONNX export differs from the network by {worst:.4f} in a logit (limit {FLOAT_LIMIT});"
            " check the versions of torch and onnxruntime against constraints.txt."
        )
    return worst


def network_logits(network: PhotoNetwork, pictures: Sequence[Picture]) -> Floats:
    """What the network answers to pictures, shape (pictures, labels)."""
    with torch.inference_mode():
        parts = [network.eval()(torch.from_numpy(batch))[0].numpy() for batch in _batches(pictures)]
    return np.concatenate(parts)


def _batches(pictures: Sequence[Picture]) -> Iterator[np.ndarray]:
    for start in range(0, len(pictures), READ_AT_ONCE):
        yield np.stack(pictures[start : start + READ_AT_ONCE])
