"""One update by gradient descent, and the cost after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from localgrad._arrays.rows import FloatArray
from localgrad._data.examples import Examples
from localgrad.explain.backward import parameters
from localgrad.explain.forward import NAN, generic
from localgrad.explain.quantities import Quantities
from localgrad.explain.sections import Equation, Section
from localgrad.explain.symbols import Partial, Symbol
from localgrad.explain.terms import Term
from localgrad.trace import Trace

__all__ = ["Update"]


@dataclass(frozen=True)
class Update:
    """The parameters and costs after one update.

    Attributes
    ----------
    learning_rate : float
        η.
    parameters : ndarray of shape (num_parameters,)
        All parameters after the update.
    cost : float
        The cost of the example with these parameters.
    cost_of_weights : float
        The cost after an update of the weights alone, without biases and input scales.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([1, 1], init=([[[1.0]]], [[0.0]]), dtype="float64")
    >>> net.explain([1.0], [2.0], learning_rate=0.25).update
    Update(learning_rate=0.25, parameters=array([1.25, 0.25]), cost=0.125, cost_of_weights=0.28125)
    """

    learning_rate: float
    parameters: FloatArray
    cost: float
    cost_of_weights: float

    @classmethod
    def _of(cls, data: Examples, trace: Trace, learning_rate: float) -> Update:
        """Update a copy of the network, w ← w - η ∂c/∂w, and compute the cost."""
        model = data.model.copy()
        before = np.array(data.model.parameters)
        after = before - (learning_rate * trace.gradient).astype(before.dtype)
        costs = []
        for values in (np.where(_weights(model.sizes, len(before)), after, before), after):
            model.parameters[...] = values
            costs.append(replace(data, model=model).evaluate(1)["cost"])
        return cls(learning_rate, after, costs[1], costs[0])


def _weights(sizes: Sequence[int], count: int) -> FloatArray:
    """Return which parameters are weights."""
    found = np.zeros(count, bool)
    start = 0
    for fan_in, fan_out in pairwise(sizes):
        found[start : start + fan_in * fan_out] = True
        start += (fan_in + 1) * fan_out
    return found


def explained(q: Quantities, update: Update) -> Iterator[Section]:
    """Explain the update of every parameter, and the cost after it."""
    eta = Symbol("η", update.learning_rate)
    w, b = generic("w", "l", ("j", "k")), generic("b", "l", ("j",))
    rule = [Equation(one, [one - eta * Partial(one, NAN)], sign="←") for one in (w, b)]
    for layer in range(q.last, 1, -1):
        section = Section("", f"Update of layer {layer} with learning rate η", rule)
        for one in parameters(q, layer):
            if isinstance(one, str):
                section.lines.append(one)
            else:
                section.lines.append(_step(eta, *one))
        yield section
    if q.model.input_scales is not None:
        section = Section("", "Update of the input scales")
        for k in q.shown(q.sizes[0]):
            scale = q.s(k)
            assert scale is not None
            section.lines.append(_step(eta, scale, q.gradient_of_scale(k)))
        section.lines.extend(q.hidden(q.sizes[0], "inputs"))
        yield section
    yield Section(
        "",
        "Cost of this example after the update",
        lines=[
            "With the weights updated and all other parameters unchanged:",
            Equation(Symbol("c", NAN), [], update.cost_of_weights),
            "With all parameters updated:",
            Equation(Symbol("c", NAN), [], update.cost),
        ],
    )


def _step(eta: Term, parameter: Symbol, gradient: Symbol) -> Equation:
    after = parameter.value - eta.value * gradient.value
    return Equation(parameter, [parameter - eta * gradient], after, sign="←")
