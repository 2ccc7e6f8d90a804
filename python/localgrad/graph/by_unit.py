"""The graph of the units of a small network, whose variables are numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from localgrad._model.model import Model
from localgrad._support.functions import in_terms_of
from localgrad.graph.graph import Graph
from localgrad.trace import Trace


def by_unit(model: Model, trace: Trace | None, max_units: int) -> Graph:
    """Return the graph of the first units of each layer, with the numbers of an example if there is one."""
    building = _Units(model, trace, max_units)
    return Graph(building.nodes, building.edges, None if trace is None else building.derivatives)


def _name(letter: str, layer: int | None, *units: int) -> str:
    raised = "" if layer is None else f"^{layer}"
    between = "," if max(units) > 9 else ""
    return f"{letter}{raised}_{between.join(map(str, units))}"


class _Units:
    def __init__(self, model: Model, trace: Trace | None, max_units: int) -> None:
        self.nodes: dict[str, dict[str, Any]] = {}
        self.edges: list[tuple[str, str]] = []
        self.derivatives: dict[tuple[str, str], float] = {}
        self._model, self._trace, self._most = model, trace, max_units
        self._last = len(model.sizes)
        self._primes = None if trace is None else trace.activation_derivatives
        self._inputs()
        for layer in range(2, self._last + 1):
            for j in self._shown(layer):
                self._weighted_input(layer, j)
            for j in self._shown(layer):
                self._activation(layer, j)
            self._more(layer)
        self._cost()

    def _width(self, layer: int) -> int:
        return self._model.sizes[layer - 1]

    def _shown(self, layer: int) -> range:
        return range(min(self._width(layer), self._most))

    def _add(
        self, name: str, kind: str, layer: int | None, formula: str | None, value: Any, derivative: Any
    ) -> None:
        """Add a node; value and derivative are functions, called only if there is an example."""
        self.nodes[name] = {"kind": kind, "layer": layer, "shape": (), "formula": formula}
        if self._trace is not None:
            self.nodes[name] |= {
                "value": None if value is None else float(value()),
                "derivative": None if derivative is None else float(derivative()),
            }

    def _join(self, u: str, v: str, local: Any = None) -> None:
        self.edges.append((u, v))
        if self._trace is not None and local is not None:
            self.derivatives[u, v] = float(local())

    def _more(self, layer: int) -> None:
        """Add a node for the units that are left out, which depend on all units below."""
        if self._width(layer) > self._most:
            self._add(
                f"more^{layer}", "more", layer, f"{self._width(layer) - self._most} more units", None, None
            )
            for u in self._below(layer) if layer > 1 else ():
                self._join(u, f"more^{layer}")

    def _below(self, layer: int) -> list[str]:
        """Return the nodes that every weighted input of a layer depends on, without parameters."""
        letter, at = ("a", layer - 1) if layer > 2 else ("x", None)
        names = [_name(letter, at, k) for k in self._shown(layer - 1)]
        return names + ([f"more^{layer - 1}"] if self._width(layer - 1) > self._most else [])

    def _inputs(self) -> None:
        t: Any = self._trace
        model = self._model
        scales = model.input_scales
        for k in self._shown(1):
            factor = 1.0 if scales is None else float(scales[k])
            self._add(
                _name("x", None, k),
                "input",
                1,
                None,
                lambda k=k: t.activations[0][k],
                lambda k=k, factor=factor: factor * (model.weights[0][:, k] @ t.local_gradients[0]),
            )
            if scales is not None:
                self._add(
                    _name("s", None, k),
                    "input_scales",
                    1,
                    None,
                    lambda k=k: scales[k],
                    lambda k=k: t.input_scale_gradient[k],
                )
        self._more(1)

    def _weighted_input(self, layer: int, j: int) -> None:
        t: Any = self._trace
        model, i = self._model, layer - 2
        scales = model.input_scales if layer == 2 else None
        z, b = _name("z", layer, j), _name("b", layer, j)
        terms = []
        for k in self._shown(layer - 1):
            w = _name("w", layer, j, k)
            below = _name("a", layer - 1, k) if layer > 2 else _name("x", None, k)
            factor = 1.0 if scales is None else float(scales[k])
            weight = float(model.weights[i][j, k])
            self._add(w, "weights", layer, None, lambda weight=weight: weight,
                      lambda k=k: t.weight_gradients[i][j, k])  # fmt: skip
            self._join(below, z, lambda weight=weight, factor=factor: weight * factor)
            self._join(w, z, lambda k=k, factor=factor: factor * t.activations[i][k])
            if scales is not None:
                s = _name("s", None, k)
                self._join(s, z, lambda k=k, weight=weight: weight * t.activations[i][k])
                below = f"{s} {below}"
            terms.append(f"{w} {below}")
        if self._width(layer - 1) > self._most:
            self._join(f"more^{layer - 1}", z)
            terms.append("…")
        self._add(b, "biases", layer, None, lambda: model.biases[i][j], lambda: t.bias_gradients[i][j])
        self._join(b, z, lambda: 1.0)
        formula = " + ".join([*terms, b])
        self._add(z, "weighted_input", layer, formula, lambda: t.weighted_inputs[i][j],
                  lambda: t.local_gradients[i][j])  # fmt: skip

    def _activation(self, layer: int, j: int) -> None:
        t: Any = self._trace
        i = layer - 2
        primes: Any = self._primes
        function = (*self._model.activation, self._model.output)[i]
        a, z = _name("a", layer, j), _name("z", layer, j)
        of_all = function == "softmax"
        formula = in_terms_of(function, f"z^{layer}") + f"_{j}" if of_all else in_terms_of(function, z)
        self._add(
            a, "activation", layer, formula, lambda: t.activations[i + 1][j], lambda: self._slope(layer, j)
        )
        if of_all:
            for k in self._shown(layer):
                self._join(_name("z", layer, k), a, lambda k=k: primes[i][j, k])
        else:
            self._join(z, a, lambda: primes[i][j])

    def _slope(self, layer: int, j: int) -> float:
        """Return ∂c/∂a."""
        t = self._trace
        assert t is not None
        if layer == self._last:
            return float(t.cost_gradient[j])
        w, delta = self._model.weights[layer - 1][:, j], t.local_gradients[layer - 1]
        return float(w.astype(np.float64) @ delta.astype(np.float64))

    def _cost(self) -> None:
        t: Any = self._trace
        width = self._model.target_width
        names = self._below(self._last + 1)
        for j, name in zip(self._shown(self._last), names, strict=False):
            self._join(name, "c", lambda j=j: t.cost_gradient[j])
        for name in names[len(self._shown(self._last)) :]:
            self._join(name, "c")
        for k in range(min(width, self._most)):
            y = _name("y", None, k)
            self._add(y, "target", None, None, lambda k=k: t._y[0, k], None)
            self._join(y, "c")
        if width > self._most:
            self._add("more", "more", None, f"{width - self._most} more targets", None, None)
            self._join("more", "c")
        formula = in_terms_of(self._model.cost, f"a^{self._last}, y")
        self._add("c", "cost", None, formula, lambda: t.cost, lambda: 1.0)
