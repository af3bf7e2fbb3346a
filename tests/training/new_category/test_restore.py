"""A network comes back from its int8 graph as it went in, but for the rounding."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from models.bundle import Bundle, load_bundle, write_manifest
from models.networks.text import TextNetwork
from models.text import MODEL, TextModel
from training.new_category.restore import restore_network
from training.text.answers import answers_of
from training.text.export import export_int8
from triage.errors import InvalidBundle

TEXTS = ["lampe rue noir", "trou mur vite", "tag"]


def test_every_weight_comes_back_within_half_a_step(bundle: Bundle, network: TextNetwork) -> None:
    restored = restore_network(bundle, TextModel.from_bundle(bundle, 1).description, 0.1).network.state_dict()
    for name, expected in network.state_dict().items():
        step = expected.abs().max() / 63 if expected.ndim > 1 else 0.0
        assert (restored[name] - expected).abs().max() <= step / 2 + 1e-6, name


def test_a_restored_network_answers_as_its_bundle_does(bundle: Bundle) -> None:
    model = TextModel.from_bundle(bundle, 1)
    built = restore_network(bundle, model.description, 0.1)
    found = answers_of(built.network, built.text_tokenizer(), TEXTS).logits
    for head, expected in model.predict(TEXTS).logits.items():
        assert np.abs(found[head] - expected).max() < 0.02


def test_exported_again_it_is_the_same_graph(bundle: Bundle, tmp_path: Path) -> None:
    built = restore_network(bundle, TextModel.from_bundle(bundle, 1).description, 0.1)
    export_int8(built.network, tmp_path / "again.onnx")
    first, second = onnx.load(bundle.path(MODEL)).graph, onnx.load(tmp_path / "again.onnx").graph
    constants = {item.name: onnx.numpy_helper.to_array(item) for item in first.initializer}
    for item in second.initializer:
        again = onnx.numpy_helper.to_array(item)
        assert np.allclose(constants[item.name].astype(float), again.astype(float), rtol=1e-5, atol=1e-7), item.name


def test_a_graph_of_another_program_is_refused(bundle: Bundle, tmp_path: Path) -> None:
    for path in bundle.folder.rglob("*"):
        if path.is_file() and path.name != "manifest.json":
            (tmp_path / path.relative_to(bundle.folder)).parent.mkdir(exist_ok=True)
            (tmp_path / path.relative_to(bundle.folder)).write_bytes(path.read_bytes())
    model = onnx.load(tmp_path / MODEL)
    next(item for item in model.graph.initializer if item.name == "heads.category.bias").name = "other"
    onnx.save(model, tmp_path / MODEL)
    write_manifest(tmp_path, **bundle.manifest.model_dump(exclude={"format_version", "files"}))
    with pytest.raises(InvalidBundle, match="other weights than this project's export writes"):
        restore_network(load_bundle(tmp_path), TextModel.from_bundle(bundle, 1).description, 0.1)
