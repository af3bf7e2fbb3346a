"""Exports the pair network to two ONNX graphs and proves that they answer as it does."""

import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.duplicates.network import PairNetwork as ExportedNetwork
from models.networks.pairs import PairNetwork

OPSET = 17
LIMIT = 1e-3


def export_network(network: PairNetwork, states: int, encoder: Path, comparison: Path) -> ExportedNetwork:
    """Write both graphs and load them.

    Args:
        network: the fitted one.
        states: width of what the encoder reads.
        encoder: path of the graph from states to narrow states.
        comparison: path of the graph from two texts to a logit.

    Raises:
        RuntimeError: the exported graphs answer otherwise.
    """
    network.eval()
    width = network.encoder.project.out_features
    one, two = torch.randn(2, 7, width), torch.randn(2, 5, width)
    masks = torch.ones(2, 7), torch.ones(2, 5)
    names = ["one", "one_mask", "two", "two_mask"]
    axes = {name: {0: "pairs", 1: f"{name[:3]}_tokens"} for name in names}
    _export(
        network.encoder,
        (torch.randn(2, 7, states),),
        encoder,
        ["states"],
        "narrow",
        {"states": {0: "texts", 1: "tokens"}},
    )
    _export(network.comparison, (one, masks[0], two, masks[1]), comparison, names, "logit", axes)
    exported = ExportedNetwork(encoder, comparison)
    _prove(network, exported, states)
    return exported


def _export(
    module: nn.Module,
    example: tuple[torch.Tensor, ...],
    path: Path,
    inputs: list[str],
    output: str,
    axes: dict[str, dict[int, str]],
) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("ignore", category=UserWarning, module="torch.onnx")
        torch.onnx.export(
            module,
            example,
            path,
            input_names=inputs,
            output_names=[output],
            dynamic_axes={**axes, output: axes[inputs[0]] if output == "narrow" else {0: "pairs"}},
            opset_version=OPSET,
            dynamo=False,
        )


def _prove(network: PairNetwork, exported: ExportedNetwork, states: int) -> None:
    random = np.random.default_rng(3)
    raw = [random.normal(size=(length, states)).astype(np.float32) for length in (3, 9, 1)]
    narrow = [exported.encode(text) for text in raw]
    found = exported.compare([narrow[0], narrow[2]], [narrow[1], narrow[0]])
    with torch.inference_mode():
        own = [network.encoder(torch.from_numpy(text[None])) for text in raw]
        expected = [
            network.comparison(own[a], torch.ones(own[a].shape[:2]), own[b], torch.ones(own[b].shape[:2])).item()
            for a, b in ((0, 1), (2, 0))
        ]
    worst = float(np.abs(found - np.array(expected)).max())
    if worst > LIMIT:
        raise RuntimeError(
            f"The exported pair network differs by {worst:.4f} in a logit (limit {LIMIT}); check the versions of torch"
            " and onnxruntime against constraints.txt."
        )
