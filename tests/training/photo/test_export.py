"""The export: the float graph is the network, the int8 graph nearly so and much smaller, and neither can run code."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from PIL import Image

from models.networks.photo import PhotoHead, PhotoNetwork
from models.photo import EMBEDDING, INPUT, LOGITS, MAPS, PhotoDescription, PhotoModel, Picture, prepare
from training.photo.backbone import load_backbone
from training.photo.export import export_float, export_int8, network_logits, prove_float_export

Draw = Callable[..., Image.Image]
MakeNetwork = Callable[..., PhotoNetwork]

SIZE, LABELS = 64, 9
NAMES = ("road_damage", "waste", "graffiti", "manhole", "traffic_light", "street_light", "street_normal", "irrelevant")


@pytest.fixture(scope="module")
def samples(draw: Draw) -> list[Picture]:
    return [prepare(draw(name, source, number), SIZE) for name in NAMES for source in range(3) for number in range(2)]


@pytest.fixture(scope="module")
def network(samples: list[Picture]) -> PhotoNetwork:
    """ImageNet's stages under a head that knows the classes by their means."""
    backbone = load_backbone("efficientnet-lite0")
    stages = list(backbone.stages)
    head = PhotoHead(backbone.width, LABELS)
    frozen, tuned = torch.nn.Sequential(*stages[:7]), torch.nn.Sequential(*stages[7:])
    network = PhotoNetwork(frozen, tuned, head, backbone.mean, backbone.deviation).eval()
    with torch.inference_mode():
        pooled = network.tuned(network.first(torch.from_numpy(np.stack(samples)))).mean((2, 3))
    head.standardize(pooled)
    with torch.no_grad():
        scaled = (pooled - head.shift) / head.scale
        head.linear.weight[: len(NAMES)] = scaled.reshape(len(NAMES), -1, backbone.width).mean(1) / 60
    return network


@pytest.fixture(scope="module")
def float_file(network: PhotoNetwork, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("float") / "model.onnx"
    export_float(network, SIZE, path)
    return path


@pytest.fixture(scope="module")
def int8_file(network: PhotoNetwork, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("int8") / "model.onnx"
    export_int8(network, SIZE, path)
    return path


def model(path: Path, network: PhotoNetwork) -> PhotoModel:
    width = network.head.linear.in_features
    labels = tuple(f"label_{number}" for number in range(LABELS))
    description = PhotoDescription(size=SIZE, width=width, labels=labels, temperature=1.0, abstains_below=0.5)
    return PhotoModel(path, description, threads=1)


def softmax(logits: np.ndarray) -> np.ndarray:
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def test_the_float_graph_answers_as_the_network(
    network: PhotoNetwork, float_file: Path, samples: list[Picture]
) -> None:
    with torch.inference_mode():
        logits, embedding, maps = (value.numpy() for value in network(torch.from_numpy(np.stack(samples[:8]))))
    found = model(float_file, network).predict(samples[:8])
    np.testing.assert_allclose(found.probabilities, softmax(logits), atol=1e-3)
    np.testing.assert_allclose(found.embeddings, embedding, atol=1e-3)
    np.testing.assert_allclose(found.maps, maps, atol=1e-2)


def test_the_int8_graph_gives_nearly_always_the_label_of_the_network(
    network: PhotoNetwork, int8_file: Path, samples: list[Picture]
) -> None:
    expected = softmax(network_logits(network, samples))
    found = model(int8_file, network).predict(samples).probabilities
    assert (found.argmax(axis=1) == expected.argmax(axis=1)).mean() > 0.95
    assert np.abs(found - expected).max(axis=1).mean() < 0.05


def test_embeddings_of_the_int8_graph_point_where_those_of_the_float_graph_do(
    network: PhotoNetwork, float_file: Path, int8_file: Path, samples: list[Picture]
) -> None:
    one, two = (model(path, network).predict(samples).embeddings for path in (float_file, int8_file))
    cosines = (one * two).sum(axis=1)
    assert np.median(cosines) > 0.97
    assert np.quantile(cosines, 0.1) > 0.9


def test_the_int8_file_is_much_smaller_and_fits_the_bundle(float_file: Path, int8_file: Path) -> None:
    assert int8_file.stat().st_size < 0.35 * float_file.stat().st_size
    assert int8_file.stat().st_size < 8_000_000


def test_every_table_of_weights_has_eight_bits_and_uses_them_in_each_channel(int8_file: Path) -> None:
    tables = [onnx.numpy_helper.to_array(item) for item in onnx.load(int8_file).graph.initializer]
    weights = [table for table in tables if table.ndim > 1 and table.size >= 256 and table.dtype != np.float32]
    assert len(weights) > 40
    assert all(table.dtype == np.int8 for table in weights)
    used = np.concatenate([np.abs(table.astype(int)).reshape(len(table), -1).max(axis=1) for table in weights])
    assert (used == 127).mean() > 0.95  # the others are channels next to nothing
    assert not [table for table in tables if table.dtype == np.float32 and table.size > 2_000]


@pytest.mark.parametrize("kind", ["float", "int8"])
def test_the_graph_takes_and_gives_what_serving_expects(kind: str, float_file: Path, int8_file: Path) -> None:
    graph = onnx.load(float_file if kind == "float" else int8_file).graph
    assert [item.name for item in graph.input] == [INPUT]
    assert graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert [item.name for item in graph.output] == [LOGITS, EMBEDDING, MAPS]


@pytest.mark.parametrize("kind", ["float", "int8"])
def test_the_graph_is_one_file(kind: str, float_file: Path, int8_file: Path) -> None:
    file = float_file if kind == "float" else int8_file
    assert os.listdir(file.parent) == [file.name]  # noqa: PTH208 - names are enough


# Proofs


def test_the_proof_measures_the_worst_difference(make_network: MakeNetwork, samples: list[Picture]) -> None:
    assert 0 <= prove_float_export(make_network(), SIZE, samples[:4]) < 1e-3


def test_the_proof_refuses_a_graph_that_answers_otherwise(make_network: MakeNetwork, samples: list[Picture]) -> None:
    network = make_network()

    class Moody(torch.nn.Module):
        """Answers otherwise while it is traced."""

        def forward(self, features: torch.Tensor) -> torch.Tensor:
            return features + torch.tensor(1.0 if torch.onnx.is_in_onnx_export() else 0.0)

    network.tuned.append(Moody())  # type: ignore[operator]
    with pytest.raises(RuntimeError, match=r"differs from the network by .* check the versions"):
        prove_float_export(network, SIZE, samples[:4])


def test_logits_of_the_network_are_the_same_in_any_company(make_network: MakeNetwork, samples: list[Picture]) -> None:
    together = network_logits(make_network(), samples[:19])
    assert together.shape == (19, LABELS)
    np.testing.assert_allclose(together[18], network_logits(make_network(), samples[18:19])[0], atol=1e-4)
