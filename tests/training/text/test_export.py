"""The export: the float graph is the network, the int8 graph nearly so, and neither can run code."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from models.text import EMBEDDING, LANGUAGE, TextModel, TextOutput
from models.tokenization import MAX_TOKENS
from training.text.export import export_float, export_int8
from training.text.proof import prove_float_export
from triage.taxonomy import HEADS

TEXTS = [
    "lampe noir rue",
    "trou",
    "tag mur sale encore vite danger ici route casse panne " * 3,
    "inconnu 漢字 ? !",
    "x " * 500,
]


@pytest.fixture(scope="module")
def expected(make_tiny: Any) -> dict[str, np.ndarray]:
    """What the network answers to each text alone: logits per head, and the embedding."""
    tiny = make_tiny()
    rows = tiny.tokenizer().encode(TEXTS)
    with torch.inference_mode():
        outputs = [tiny.network(torch.tensor([ids]), torch.ones((1, len(ids)), dtype=torch.long)) for ids in rows]
    names = (*HEADS, LANGUAGE, EMBEDDING)
    return {name: torch.cat([output[number] for output in outputs]).numpy() for number, name in enumerate(names)}


@pytest.fixture(scope="module")
def float_file(make_tiny: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("float") / "model.onnx"
    export_float(make_tiny().network, path)
    return path


@pytest.fixture(scope="module")
def int8_file(make_tiny: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("int8") / "model.onnx"
    export_int8(make_tiny().network, path)
    return path


@pytest.fixture(scope="module")
def float_model(make_tiny: Any, float_file: Path) -> TextModel:
    tiny = make_tiny()
    return TextModel(float_file, tiny.tokenizer_file, tiny.description, threads=1)


@pytest.fixture(scope="module")
def int8_model(make_tiny: Any, int8_file: Path) -> TextModel:
    tiny = make_tiny()
    return TextModel(int8_file, tiny.tokenizer_file, tiny.description, threads=1)


def values(output: TextOutput, name: str) -> np.ndarray:
    return np.asarray(output.embeddings if name == "embedding" else output.logits[name])  # type: ignore[index]


@pytest.mark.parametrize("name", [*HEADS, "embedding"])
def test_the_float_graph_answers_as_the_network(
    float_model: TextModel, expected: dict[str, np.ndarray], name: str
) -> None:
    np.testing.assert_allclose(values(float_model.predict(TEXTS), name), expected[name], atol=1e-3)


@pytest.mark.parametrize("name", [*HEADS, "embedding"])
def test_padding_does_not_change_an_answer_of_the_float_graph(float_model: TextModel, name: str) -> None:
    together = values(float_model.predict(TEXTS, max_batch_tokens=1_000_000), name)
    for number, text in enumerate(TEXTS):
        np.testing.assert_allclose(values(float_model.predict([text]), name)[0], together[number], atol=1e-3)


def test_probabilities_of_the_int8_graph_are_close_to_those_of_the_float_graph(
    float_model: TextModel, int8_model: TextModel
) -> None:
    exact = float_model.probabilities(float_model.predict(TEXTS))
    found = int8_model.probabilities(int8_model.predict(TEXTS))
    for head in HEADS:
        np.testing.assert_allclose(found[head], exact[head], atol=0.05)


def test_embeddings_of_the_int8_graph_point_where_those_of_the_float_graph_do(
    float_model: TextModel, int8_model: TextModel
) -> None:
    cosines = (float_model.predict(TEXTS).embeddings * int8_model.predict(TEXTS).embeddings).sum(axis=1)
    assert cosines.min() > 0.98


@pytest.mark.parametrize("kind", ["float", "int8"])
def test_attention_is_fused_in_every_layer(kind: str, float_file: Path, int8_file: Path) -> None:
    graph = onnx.load(float_file if kind == "float" else int8_file).graph
    fused = [node for node in graph.node if node.op_type in {"MultiHeadAttention"}]
    assert len(fused) == 2


@pytest.mark.parametrize("kind", ["float", "int8"])
def test_the_graph_takes_and_gives_what_serving_expects(kind: str, float_file: Path, int8_file: Path) -> None:
    graph = onnx.load(float_file if kind == "float" else int8_file).graph
    assert [item.name for item in graph.input] == ["input_ids", "attention_mask"]
    assert [item.name for item in graph.output] == [*HEADS, LANGUAGE, EMBEDDING]


@pytest.mark.parametrize("kind", ["float", "int8"])
def test_the_graph_is_one_file(kind: str, float_file: Path, int8_file: Path) -> None:
    file = float_file if kind == "float" else int8_file
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_the_int8_file_is_a_good_deal_smaller(float_file: Path, int8_file: Path) -> None:
    assert int8_file.stat().st_size < 0.6 * float_file.stat().st_size


def test_weights_use_seven_bits(int8_file: Path) -> None:
    tensors = [
        onnx.numpy_helper.to_array(tensor)
        for tensor in onnx.load(int8_file).graph.initializer
        if tensor.name.endswith("_weight") and tensor.data_type == onnx.TensorProto.INT8
    ]
    assert tensors
    assert all(np.abs(tensor.astype(int)).max() <= 63 for tensor in tensors)


def test_a_text_of_any_length_fits(float_model: TextModel) -> None:
    (ids,) = float_model.tokenizer.encode(["lampe " * 4000])
    assert len(ids) == MAX_TOKENS
    assert np.isfinite(float_model.predict(["lampe " * 4000, ""]).embeddings).all()


def test_the_proof_measures_the_worst_difference(make_tiny: Any, expected: dict[str, np.ndarray]) -> None:
    tiny = make_tiny()
    worst = prove_float_export(tiny.network, tiny.tokenizer_file, tiny.description, TEXTS, expected)  # type: ignore[arg-type]
    assert 0 <= worst < 1e-3


def test_the_proof_refuses_a_graph_that_answers_otherwise(make_tiny: Any, expected: dict[str, np.ndarray]) -> None:
    tiny = make_tiny()
    shifted = {name: value + 0.2 for name, value in expected.items()}
    with pytest.raises(RuntimeError, match=r"differs from the network by 0\.2"):
        prove_float_export(tiny.network, tiny.tokenizer_file, tiny.description, TEXTS, shifted)  # type: ignore[arg-type]
