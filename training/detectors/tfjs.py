"""Turns NanoDet's TensorFlow.js graph into ONNX without TensorFlow.

TensorFlow weighs 600 MB, and tf2onnx reads this format no more with numpy 2; the graph needs seven operations. The
result was compared with the original in TensorFlow (docs/privacy.md says how near it is).
"""

import json
from typing import Any, Final

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from models.onnx import Array
from triage.errors import InvalidConfiguration

# Where the heads end, by stride, before TensorFlow reshapes them for the one picture size that it knows.
_HEADS: Final = {
    8: "PartitionedCall/transpose_99",
    16: "PartitionedCall/transpose_105",
    32: "PartitionedCall/transpose_111",
}
_DTYPES: Final = {"float32": np.float32, "int32": np.int32}


def convert_graph(graph: bytes, weights: bytes) -> ModelProto:
    """The ONNX form of the network.

    Args:
        graph: `nanodet.json`.
        weights: `nanodet.bin`, float16 where the graph says so.

    Returns:
        A model that takes `picture` (1 × 3 × height × width, multiples of 32) and gives `stride8`, `stride16` and
        `stride32` (1 × 124 × height/stride × width/stride: 80 class logits, then 4 × 11 distance bins).

    Raises:
        InvalidConfiguration: the graph has an operation that this conversion does not know.
    """
    return _Conversion(json.loads(graph), weights).model()


class _Conversion:
    """Walks back from the heads; every tensor keeps ONNX's order, so TensorFlow's transposes fall away."""

    def __init__(self, document: dict[str, Any], weights: bytes) -> None:
        self._nodes = {node["name"]: node for node in document["modelTopology"]["node"]}
        self._constants = _read_weights(document["weightsManifest"], weights)
        self._made: dict[str, NodeProto] = {}
        self._initializers: list[TensorProto] = []

    def model(self) -> ModelProto:
        for stride, name in _HEADS.items():
            self._made[self._tensor(name)].output[0] = f"stride{stride}"
        picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, "height", "width"])
        outputs = [
            helper.make_tensor_value_info(
                f"stride{stride}", TensorProto.FLOAT, [1, 124, f"rows{stride}", f"columns{stride}"]
            )
            for stride in _HEADS
        ]
        graph = helper.make_graph(list(self._made.values()), "street", [picture], outputs, self._initializers)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)

    def _tensor(self, name: str) -> str:
        """The ONNX tensor of a TensorFlow node, made when first asked for."""
        name = name.partition(":")[0]
        node = self._nodes[name]
        match node["op"]:
            case "Placeholder":
                return "picture"
            case "Transpose" | "Pad" | "PadV2":
                return self._tensor(node["input"][0])
        if name not in self._made:
            self._made[name] = self._convert(node)
        return name

    def _convert(self, node: dict[str, Any]) -> NodeProto:
        inputs, name = node["input"], node["name"]
        match node["op"]:
            case "Conv2D":
                made = self._convolution(node, name)
            case "Add" if inputs[1] in self._constants:
                made = self._convolution(self._nodes[inputs[0]], name, bias=inputs[1])
            case "Add":
                made = helper.make_node("Add", [self._tensor(each) for each in inputs], [name])
            case "LeakyRelu":
                slope = node["attr"]["alpha"]["f"]
                made = helper.make_node("LeakyRelu", [self._tensor(inputs[0])], [name], alpha=slope)
            case "ConcatV2":
                made = helper.make_node("Concat", [self._tensor(each) for each in inputs[:-1]], [name], axis=1)
            case "MaxPool":
                made = self._window("MaxPool", node, [self._tensor(inputs[0])], name)
                made.attribute.append(helper.make_attribute("kernel_shape", _sides(node, "ksize")))
            case "ResizeBilinear":
                made = self._resize(node)
            case operation:
                raise InvalidConfiguration(
                    f"The graph has the operation {operation}, which the conversion does not know; use the version of"
                    " the package that training/detectors/sources.py names."
                )
        return made

    def _convolution(self, node: dict[str, Any], name: str, bias: str | None = None) -> NodeProto:
        source, kernel = node["input"]
        # TensorFlow orders kernels as height, width, in, out.
        inputs = [self._tensor(source), self._initializer(kernel, self._constants[kernel].transpose(3, 2, 0, 1))]
        if bias is not None:
            inputs.append(self._initializer(bias, self._constants[bias]))
        return self._window("Conv", node, inputs, name)

    def _window(self, operation: str, node: dict[str, Any], inputs: list[str], name: str) -> NodeProto:
        pads = self._padding(node["input"][0])
        return helper.make_node(operation, inputs, [name], strides=_sides(node, "strides"), pads=pads)

    def _padding(self, name: str) -> list[int]:
        """What the Pad before a convolution or a maximum adds, as ONNX wants it: top, left, bottom, right."""
        node = self._nodes[name]
        while node["op"] == "Transpose":
            node = self._nodes[node["input"][0]]
        if node["op"] not in {"Pad", "PadV2"}:
            return [0, 0, 0, 0]
        (_, _), (_, _), (top, bottom), (left, right) = self._constants[node["input"][1]].tolist()
        return [top, left, bottom, right]

    def _resize(self, node: dict[str, Any]) -> NodeProto:
        source = self._tensor(node["input"][0])
        target = int(self._constants[node["input"][1]][0])
        factor = target / self._side(node["input"][0])
        scales = self._initializer(f"{node['name']}/scales", np.array([1, 1, factor, factor], dtype=np.float32))
        return helper.make_node(
            "Resize", [source, "", scales], [node["name"]], mode="linear", coordinate_transformation_mode="half_pixel"
        )

    def _side(self, name: str) -> float:
        """Height of a tensor for the picture size that TensorFlow's graph was made for."""
        node = self._nodes[name.partition(":")[0]]
        if node["op"] == "Placeholder":
            return float(node["attr"]["shape"]["shape"]["dim"][2]["size"])
        if node["op"] == "ResizeBilinear":
            return float(self._constants[node["input"][1]][0])
        stride = _sides(node, "strides")[0] if node["op"] in {"Conv2D", "MaxPool"} else 1
        return self._side(node["input"][0]) / stride

    def _initializer(self, name: str, value: Array) -> str:
        if all(each.name != name for each in self._initializers):
            self._initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name


def _sides(node: dict[str, Any], attribute: str) -> list[int]:
    """Height and width of a TensorFlow attribute that lists batch, height, width, channels."""
    _, height, width, _ = (int(value) for value in node["attr"][attribute]["list"]["i"])
    return [height, width]


def _read_weights(manifest: list[dict[str, Any]], content: bytes) -> dict[str, Array]:
    values: dict[str, Array] = {}
    position = 0
    for item in (item for group in manifest for item in group["weights"]):
        stored = np.dtype(item.get("quantization", {}).get("dtype", item["dtype"]))
        count = int(np.prod(item["shape"]))
        raw = np.frombuffer(content, stored, count, position)
        values[item["name"]] = raw.reshape(item["shape"]).astype(_DTYPES[item["dtype"]])
        position += count * stored.itemsize
    return values
