"""The quantities of one example as symbols with values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from localgrad._arrays.rows import FloatArray
from localgrad._model.model import Model
from localgrad.explain.symbols import Dots, Partial, Prime, Symbol
from localgrad.explain.terms import Sum, Term
from localgrad.trace import Trace


class Quantities:
    """Symbols for the units of a network, with layers l from 1, the input, and units from 0."""

    def __init__(self, model: Model, trace: Trace, max_units: int) -> None:
        self.model, self.trace, self._max_units = model, trace, max_units
        self.sizes = model.sizes
        self.last = len(model.sizes)  # L
        self.functions = (*model.activation, model.output)
        self.of_softmax = model.output == "softmax"
        self._primes = trace.activation_derivatives

    def shown(self, width: int) -> range:
        """Return the units of a layer that are written out."""
        return range(min(width, self._max_units))

    def hidden(self, width: int, what: str = "units") -> Iterator[str]:
        """Return a line about what is left out, if anything."""
        more = width - len(self.shown(width))
        if more:
            yield f"... {more} more {what.removesuffix('s') if more == 1 else what}"

    def sum_over(self, width: int, of: Callable[[int], Term], end: Sequence[Term] = ()) -> Sum:
        """Return the sum of the terms of all units, of which the first are written out, and the end."""
        terms = [of(k) for k in self.shown(width)]
        if len(terms) < width:
            rest = math.fsum(of(k).value for k in range(len(terms), width))
            terms.append(Dots(width - len(terms), rest))
        return Sum([*terms, *end], of_products=not end and len(terms) > 1)

    def x(self, k: int, values: FloatArray) -> Symbol:
        """Return x_k as it was passed."""
        return Symbol("x", float(values[k]), None, (k,))

    def y(self, k: int) -> Symbol:
        """Return the target y_k."""
        return Symbol("y", float(self.trace._y[0, k]), None, (k,))

    def a(self, layer: int, j: int) -> Symbol:
        """Return a^l_j."""
        return Symbol("a", float(self.trace.activations[layer - 1][j]), layer, (j,))

    def z(self, layer: int, j: int) -> Symbol:
        """Return z^l_j."""
        return Symbol("z", float(self.trace.weighted_inputs[layer - 2][j]), layer, (j,))

    def w(self, layer: int, j: int, k: int) -> Symbol:
        """Return w^l_jk."""
        return Symbol("w", float(self.model.weights[layer - 2][j, k]), layer, (j, k))

    def b(self, layer: int, j: int) -> Symbol:
        """Return b^l_j."""
        return Symbol("b", float(self.model.biases[layer - 2][j]), layer, (j,))

    def s(self, k: int) -> Symbol | None:
        """Return the learned scale s_k of an input, if there is one."""
        scales = self.model.input_scales
        return None if scales is None else Symbol("s", float(scales[k]), None, (k,))

    def below(self, layer: int, k: int) -> Term:
        """Return what the weights of a layer multiply: a^(l-1)_k, or s_k a^1_k."""
        scale = self.s(k) if layer == 2 else None
        return self.a(layer - 1, k) if scale is None else scale * self.a(1, k)

    def delta(self, layer: int, j: int) -> Symbol:
        """Return δ^l_j."""
        return Symbol("δ", float(self.trace.local_gradients[layer - 2][j]), layer, (j,))

    def jacobian(self, j: int, k: int) -> Symbol:
        """Return ∂a^L_k/∂z^L_j of a softmax output."""
        return Partial(self.z(self.last, j), float(self._primes[-1][k, j]), self.a(self.last, k))

    def prime(self, layer: int, j: int) -> Symbol:
        """Return φ′(z^l_j)."""
        return Prime(self.z(layer, j), float(self._primes[layer - 2][j]))

    def slope(self, layer: int, j: int) -> Symbol:
        """Return ∂c/∂a^l_j, of the output layer or, by the sum in (D2), of a hidden layer."""
        if layer == self.last:
            value = float(self.trace.cost_gradient[j])
        else:
            w, delta = self.model.weights[layer - 1], self.trace.local_gradients[layer - 1]
            value = float(w[:, j].astype(np.float64) @ delta.astype(np.float64))
        return Partial(self.a(layer, j), value)

    def gradient_of(self, parameter: Symbol) -> Symbol:
        """Return ∂c/∂ of a weight w^l_jk or a bias b^l_j."""
        arrays = self.trace.weight_gradients if parameter.letter == "w" else self.trace.bias_gradients
        layer, *units = map(int, (parameter.layer or 0, *parameter.units))
        return Partial(parameter, float(arrays[layer - 2][tuple(units)]))

    def gradient_of_scale(self, k: int) -> Symbol:
        """Return ∂c/∂s_k."""
        gradient = self.trace.input_scale_gradient
        scale = self.s(k)
        assert gradient is not None
        assert scale is not None
        return Partial(scale, float(gradient[k]))
