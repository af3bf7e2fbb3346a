"""Tensors inside a graph as further outputs: what comes out beside them stays the same."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from models.bundle import load_bundle
from models.onnx import OnnxModel, _as_outputs
from models.text import EMBEDDING, MAX_TAPPED_TOKENS, MODEL, TextModel
from training.duplicates.reading import tap_names
from triage.errors import InvalidBundle
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS

SHIPPED = PROJECT_ROOT / "models" / "pretrained"
TAPS = tap_names([1, 3])
TEXTS = ("lampe", "Le lampadaire devant le 12 rue Monge est éteint depuis lundi", "trou " * 100, "", "lampe")


@pytest.fixture(scope="module")
def tapped() -> TextModel:
    return TextModel.from_bundle(load_bundle(SHIPPED), threads=1, taps=TAPS)


@pytest.fixture(scope="module")
def plain() -> TextModel:
    return TextModel.from_bundle(load_bundle(SHIPPED), threads=1)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A graph that doubles, then adds one; the doubled tensor is inside."""
    shape = ["rows", 2]
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "x"], ["doubled"]), helper.make_node("Add", ["doubled", "one"], ["y"])],
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0])],
    )
    path = tmp_path / "small.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def test_a_tap_is_an_output_more_and_changes_no_other(small: Path) -> None:
    rows = np.array([[1, 2], [3, 4]], np.float32)
    before = OnnxModel(small, threads=1).run({"x": rows})
    after = OnnxModel(small, threads=1, taps=["doubled"]).run({"x": rows})
    assert list(after) == ["y", "doubled"]
    np.testing.assert_array_equal(after["y"], before["y"])
    np.testing.assert_array_equal(after["doubled"], 2 * rows)


def test_what_is_appended_is_what_the_package_onnx_would_write(small: Path) -> None:
    long = "/encoder/" + "x" * 300  # its length takes two bytes
    found = onnx.load_from_string(small.read_bytes() + _as_outputs(["doubled", long])).graph.output[1:]
    expected = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("doubled", long)]
    assert [item.SerializeToString() for item in found] == [item.SerializeToString() for item in expected]


def test_a_tensor_that_the_graph_lacks_is_refused(small: Path) -> None:
    with pytest.raises(InvalidBundle, match=r"small\.onnx is no model that onnxruntime can read"):
        OnnxModel(small, threads=1, taps=["tripled"])


def test_the_shipped_text_model_answers_the_same_with_taps(plain: TextModel, tapped: TextModel) -> None:
    before, after = plain.predict(TEXTS), tapped.predict(TEXTS)
    assert not before.states
    for head in HEADS:
        np.testing.assert_allclose(after.logits[head], before.logits[head], atol=1e-4)
    np.testing.assert_allclose(after.embeddings, before.embeddings, atol=1e-4)
    np.testing.assert_allclose(after.unknown_language, before.unknown_language, atol=1e-4)


def test_states_are_those_of_each_token_one_tap_after_the_other(tapped: TextModel) -> None:
    width = tapped.description.encoder.width
    states = tapped.predict(TEXTS).states
    lengths = [min(len(row), MAX_TAPPED_TOKENS) for row in tapped.tokenizer.encode(TEXTS)]
    assert [found.shape for found in states] == [(length, 2 * width) for length in lengths]
    assert max(lengths) == MAX_TAPPED_TOKENS
    # Layer norm: no state is empty, and two layers are not the same.
    assert all(np.abs(found).max() > 0.1 for found in states if len(found))
    assert np.abs(states[1][:, :width] - states[1][:, width:]).max() > 0.1


def test_states_of_a_text_do_not_depend_on_who_stands_beside_it(tapped: TextModel) -> None:
    together = tapped.predict(TEXTS).states
    for text, found in zip(TEXTS, together, strict=True):
        np.testing.assert_allclose(tapped.predict([text]).states[0], found, atol=0.02)
    np.testing.assert_allclose(together[0], together[-1], atol=1e-5)


def test_no_texts_have_no_states(tapped: TextModel) -> None:
    assert list(tapped.predict([]).states) == []


def test_states_are_the_tensors_of_the_graph_itself(tapped: TextModel, tmp_path: Path) -> None:
    model = onnx.load(SHIPPED / MODEL)
    model.graph.output.append(helper.make_tensor_value_info(TAPS[1], TensorProto.FLOAT, None))
    onnx.save(model, tmp_path / "edited.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "edited.onnx", providers=["CPUExecutionProvider"])
    [row] = tapped.tokenizer.encode([TEXTS[1]])
    ids = np.array([row], np.int64)
    feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
    types = {item.name: item.type for item in session.get_inputs()}
    feed = {name: value.astype(np.int32 if "int32" in types[name] else np.int64) for name, value in feed.items()}
    embedding, states = session.run([EMBEDDING, TAPS[1]], feed)
    found = tapped.predict([TEXTS[1]])
    np.testing.assert_allclose(found.embeddings, embedding, atol=1e-4)
    np.testing.assert_allclose(found.states[0][:, states.shape[2] :], states[0], atol=1e-3)
