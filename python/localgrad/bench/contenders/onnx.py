"""ONNX Runtime, for prediction only."""

from collections.abc import Callable
from typing import Any

import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from localgrad.bench.workload import FloatArray, Workload

_ACTIVATIONS = {"sigmoid": "Sigmoid", "tanh": "Tanh"}


class Session:
    """A session with one Gemm node and one activation node per layer."""

    def __init__(self, work: Workload) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = work.n_threads or 0
        # Threads that spin while they wait would slow down the next contender.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        self._session = onnxruntime.InferenceSession(
            _model(work), options, providers=["CPUExecutionProvider"]
        )

    def train(self, epochs: int, shuffle: bool = True) -> float:
        """Raise NotImplementedError."""
        raise NotImplementedError

    def parameters(self) -> FloatArray:
        """Raise NotImplementedError."""
        raise NotImplementedError

    def prediction(self, X: FloatArray) -> Callable[[], Any]:
        """Return a function that runs the session."""
        return lambda: self._session.run(None, {"x": X})[0]


def _model(work: Workload) -> bytes:
    net = work.initial
    nodes, constants, last = [], [], "x"
    for i, (w, b) in enumerate(zip(net.weights, net.biases, strict=True)):
        constants += [numpy_helper.from_array(w.T.copy(), f"w{i}"), numpy_helper.from_array(b, f"b{i}")]
        nodes.append(helper.make_node("Gemm", [last, f"w{i}", f"b{i}"], [f"z{i}"]))
        last = f"z{i}"
        if i < len(net.activation):
            nodes.append(helper.make_node(_ACTIVATIONS[net.activation[i]], [last], [f"a{i}"]))
            last = f"a{i}"
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", net.sizes[0]])],
        [helper.make_tensor_value_info(last, TensorProto.FLOAT, ["n", net.sizes[-1]])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
