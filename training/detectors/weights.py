"""Stores the weights of convolutions as int8; sums stay in float32, so no activation is rounded."""

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

_SMALLEST = 1024
_LIMIT = 127


def store_as_int8(model: ModelProto) -> ModelProto:
    """Replace each large kernel by int8 values with one scale per output channel, unpacked by the graph itself.

    A quarter of the size; answers differ by the rounding of weights alone, alike on every processor. The unpacking is
    a cast and a product, which onnxruntime does once when it loads the graph; it would do DequantizeLinear each time.
    """
    graph = model.graph
    kernels = {node.input[1]: _channel_axis(node) for node in graph.node if node.op_type in {"Conv", "ConvTranspose"}}
    unpacked = []
    for item in list(graph.initializer):
        name, values = item.name, numpy_helper.to_array(item)
        if name not in kernels or values.size < _SMALLEST:
            continue
        axis = kernels[name]
        others = tuple(each for each in range(values.ndim) if each != axis)
        scale = np.maximum(np.abs(values).max(axis=others), 1e-12) / _LIMIT
        shape = [-1 if each == axis else 1 for each in range(values.ndim)]
        rounded = np.round(values / scale.reshape(shape)).astype(np.int8)
        item.CopyFrom(numpy_helper.from_array(rounded, f"{name}_int8"))
        factors = scale.astype(np.float32).reshape(shape)
        graph.initializer.append(numpy_helper.from_array(factors, f"{name}_scale"))
        unpacked.append(helper.make_node("Cast", [f"{name}_int8"], [f"{name}_whole"], to=TensorProto.FLOAT))
        unpacked.append(helper.make_node("Mul", [f"{name}_whole", f"{name}_scale"], [name]))
    nodes = [*unpacked, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return model


def _channel_axis(node: NodeProto) -> int:
    return 0 if node.op_type == "Conv" else 1
