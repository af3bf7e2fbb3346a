"""One onnxruntime session with a thread plan: onnxruntime ignores OMP_NUM_THREADS and containers."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from triage.errors import InvalidBundle

Array = npt.NDArray[Any]


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class OnnxModel:
    """Base of every model in a bundle: subclasses add what comes before and after the session."""

    def __init__(self, path: Path, threads: int | None = None, taps: Sequence[str] = ()) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads or available_cores()
        options.inter_op_num_threads = 1
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        # Spinning threads would steal the cores that tokenise and answer requests.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            model = path.read_bytes() + _as_outputs(taps) if taps else path
            self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises a family of its own without a common base
            raise InvalidBundle(f"The bundle file {path} is no model that onnxruntime can read: {error}") from error
        self._outputs = [output.name for output in self._session.get_outputs()]

    def run(self, inputs: dict[str, Array]) -> dict[str, Array]:
        """Run the graph once; arrays by the names of the graph's inputs and outputs."""
        values = self._session.run(self._outputs, inputs)
        return {name: np.asarray(value) for name, value in zip(self._outputs, values, strict=True)}


def _as_outputs(names: Sequence[str]) -> bytes:
    """A piece of an ONNX file that makes inner tensors of float32 outputs.

    In Protocol Buffers two messages in a row are one: repeated fields add up. So a graph that consists of outputs
    alone, put behind a model, adds to its outputs, and what runs can be tapped without the package `onnx`.
    """
    float32 = _field(2, _field(1, _number(1, 1)))  # ValueInfoProto.type, TypeProto.tensor_type, elem_type = FLOAT
    outputs = b"".join(_field(12, _field(1, name.encode()) + float32) for name in names)  # GraphProto.output
    return _field(7, outputs)  # ModelProto.graph


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    groups = []
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*groups, value))
