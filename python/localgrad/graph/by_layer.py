"""The graph of the layers of a network, whose variables are vectors and matrices."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from localgrad._model.model import Model
from localgrad._support.functions import in_terms_of
from localgrad.graph.graph import Graph
from localgrad.trace import Trace


def by_layer(model: Model, trace: Trace | None) -> Graph:
    """Return the graph, with the arrays of an example if there is one."""
    building = _Layers(model, trace)
    return Graph(building.nodes, building.edges, None if trace is None else building.derivatives)


class _Layers:
    def __init__(self, model: Model, trace: Trace | None) -> None:
        self.nodes: dict[str, dict[str, Any]] = {}
        self.edges: list[tuple[str, str]] = []
        self.derivatives: dict[tuple[str, str], Any] = {}
        sizes, scales = model.sizes, model.input_scales
        self._add("x", "input", 1, (sizes[0],))
        below, variables = "x", ["x"]
        if scales is not None:
            self._add("s", "input_scales", 1, (sizes[0],))
            below, variables = "(s ⊙ x)", ["x", "s"]
        functions = (*model.activation, model.output)
        for layer, (fan_in, fan_out) in enumerate(pairwise(sizes), start=2):
            w, b, z, a = (f"{letter}^{layer}" for letter in "wbza")
            self._add(w, "weights", layer, (fan_out, fan_in))
            self._add(b, "biases", layer, (fan_out,))
            self._add(z, "weighted_input", layer, (fan_out,), f"{w} {below} + {b}", [*variables, w, b])
            self._add(a, "activation", layer, (fan_out,), in_terms_of(functions[layer - 2], z), [z])
            below, variables = a, [a]
        self._add("y", "target", None, (model.target_width,))
        self._add("c", "cost", None, (), in_terms_of(model.cost, f"{below}, y"), [below, "y"])
        if trace is not None:
            self._put_values(model, trace)

    def _add(
        self,
        name: str,
        kind: str,
        layer: int | None,
        shape: tuple[int, ...],
        formula: str | None = None,
        inputs: list[str] | None = None,
    ) -> None:
        self.nodes[name] = {"kind": kind, "layer": layer, "shape": shape, "formula": formula}
        self.edges.extend((one, name) for one in inputs or ())

    def _put_values(self, model: Model, trace: Trace) -> None:
        scales, primes = model.input_scales, trace.activation_derivatives
        last = len(model.sizes)
        x = trace.activations[0]
        read = x if scales is None else scales * x
        slope = np.array(model.weights[0]).T @ trace.local_gradients[0]  # by s ⊙ x
        self._put("x", x, slope if scales is None else scales * slope)
        for layer in range(2, last + 1):
            i = layer - 2
            w, b, z, a = (f"{letter}^{layer}" for letter in "wbza")
            below = f"a^{layer - 1}" if layer > 2 else "x"
            matrix, delta = np.array(model.weights[i]), trace.local_gradients[i]
            upper = (
                trace.cost_gradient
                if layer == last
                else (np.array(model.weights[i + 1]).T @ trace.local_gradients[i + 1])
            )
            self._put(w, matrix, np.array(trace.weight_gradients[i]))
            self._put(b, np.array(model.biases[i]), np.array(trace.bias_gradients[i]))
            self._put(z, trace.weighted_inputs[i], delta)
            self._put(a, trace.activations[i + 1], upper)
            self.derivatives[below, z] = matrix if scales is None or layer > 2 else matrix * scales
            self.derivatives[w, z] = read if layer == 2 else trace.activations[i]
            self.derivatives[b, z] = 1.0
            self.derivatives[z, a] = primes[i]
        if scales is not None:
            self._put("s", np.array(scales), np.array(trace.input_scale_gradient))
            self.derivatives["s", "z^2"] = np.array(model.weights[0]) * x
        self._put("y", trace._y[0], None)
        self._put("c", trace.cost, 1.0)
        self.derivatives[f"a^{last}", "c"] = trace.cost_gradient

    def _put(self, name: str, value: Any, derivative: Any) -> None:
        self.nodes[name] |= {"value": value, "derivative": derivative}
