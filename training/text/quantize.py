"""Quantises the matrix products of an ONNX graph to int8, with one activation scale per token.

onnxruntime's own dynamic quantisation scales activations over the whole batch, so that the answer
to an alert depends on which others happened to come with it, and one outlier costs all precision.
Here every token has a scale of its own (Dettmers et al., 2022, "LLM.int8()", vector-wise
quantisation): an alert is answered alike alone, padded, or in any batch.
"""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, helper, numpy_helper

# Seven bits: processors without VNNI add pairs of products in sixteen bits, and must not saturate.
WEIGHT_LIMIT = 63
ACTIVATION_LIMIT = 127
_ZERO, _LIMIT, _FLOOR = "token_zero", "token_limit", "token_floor"


def quantize_per_token(model: ModelProto) -> ModelProto:
    """Replace each product with a constant matrix by its int8 form; products of one input are joined."""
    graph = model.graph
    weights = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    groups: dict[str, list[NodeProto]] = defaultdict(list)
    for node in graph.node:
        if node.op_type == "MatMul" and weights.get(node.input[1], np.empty(0)).ndim == 2:
            groups[node.input[0]].append(node)
    replaced = {id(node) for nodes in groups.values() for node in nodes}
    nodes: list[NodeProto] = []
    for node in graph.node:
        if id(node) not in replaced:
            nodes.append(node)
        elif node is groups[node.input[0]][0]:
            nodes.extend(_product(graph, groups[node.input[0]], weights))
    _constants(graph)
    _replace_nodes(graph, nodes)
    return model


def _product(graph: GraphProto, nodes: list[NodeProto], weights: dict[str, np.ndarray]) -> Iterator[NodeProto]:
    source, name = nodes[0].input[0], nodes[0].output[0]
    matrix = np.concatenate([weights[node.input[1]] for node in nodes], axis=1)
    scale = np.maximum(np.abs(matrix).max(axis=0), 1e-8) / WEIGHT_LIMIT
    quantized = np.round(matrix / scale).astype(np.int8)
    graph.initializer.append(numpy_helper.from_array(quantized, f"{name}_weight"))
    graph.initializer.append(numpy_helper.from_array((scale / ACTIVATION_LIMIT).astype(np.float32), f"{name}_scale"))
    # x ≈ (q − 128) · peak / 127 for each token, hence x · W ≈ (q − 128) · Wq · peak · scale / 127.
    yield helper.make_node("Abs", [source], [f"{name}_abs"])
    yield helper.make_node("ReduceMax", [f"{name}_abs"], [f"{name}_raw_peak"], axes=[-1], keepdims=1)
    yield helper.make_node("Max", [f"{name}_raw_peak", _FLOOR], [f"{name}_peak"])
    yield helper.make_node("Div", [_LIMIT, f"{name}_peak"], [f"{name}_factor"])
    yield helper.make_node("Mul", [source, f"{name}_factor"], [f"{name}_scaled"])
    yield helper.make_node("QuantizeLinear", [f"{name}_scaled", f"{_LIMIT}_one", _ZERO], [f"{name}_tokens"])
    yield helper.make_node(
        "MatMulIntegerToFloat",
        [f"{name}_tokens", f"{name}_weight", f"{_LIMIT}_one", f"{name}_scale", _ZERO],
        [f"{name}_sized"],
        f"{name}_matmul",
        domain="com.microsoft",
    )
    outputs = [node.output[0] for node in nodes]
    if len(nodes) == 1:
        yield helper.make_node("Mul", [f"{name}_sized", f"{name}_peak"], outputs)
        return
    yield helper.make_node("Mul", [f"{name}_sized", f"{name}_peak"], [f"{name}_joined"])
    sizes = np.array([weights[node.input[1]].shape[1] for node in nodes], np.int64)
    graph.initializer.append(numpy_helper.from_array(sizes, f"{name}_sizes"))
    yield helper.make_node("Split", [f"{name}_joined", f"{name}_sizes"], outputs, axis=-1)


def _constants(graph: GraphProto) -> None:
    for name, value in (
        (_ZERO, np.array(128, np.uint8)),
        (_LIMIT, np.array(ACTIVATION_LIMIT, np.float32)),
        (f"{_LIMIT}_one", np.array(1, np.float32)),
        (_FLOOR, np.array(1e-8, np.float32)),
    ):
        graph.initializer.append(numpy_helper.from_array(value, name))


def _replace_nodes(graph: GraphProto, nodes: list[NodeProto]) -> None:
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    kept = [item for item in graph.initializer if item.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
