"""The result of `Network.backprop`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .functions import Activation, Cost, VectorActivation
from .layout import flatten
from .matrix import Matrix, Vector
from .steps import Example, batch_means


@dataclass(frozen=True)
class Trace:
    """All quantities that backpropagation computes, as returned by `Network.backprop`.

    The index i runs over the layers that have weights; i belongs to layer l = i + 2. For a batch, the
    quantities of each example are in a list with one row per example. For a single example, this axis is
    absent.

    Attributes
    ----------
    cost : float
        Mean cost of the examples, (C).
    weighted_inputs : list over i, each of shape (n, sizes[i + 1])
        z of layer i + 2, (F).
    activations : list over i, each of shape (n, sizes[i])
        a of layer i + 1, (F). The first is x, and the last is the output of the network.
    local_gradients : list over i, each of shape (n, sizes[i + 1])
        δ of layer i + 2, (D1) and (D2). Each row belongs to the cost of one example, not to the mean.
    weight_gradients : list over i of matrices of shape (sizes[i + 1], sizes[i])
        Mean of ∂c/∂w over the examples, (G1).
    bias_gradients : list over i of vectors of sizes[i + 1] numbers
        Mean of ∂c/∂b over the examples, (G2).
    input_scale_gradient : vector of sizes[0] numbers, or None
        Mean of ∂c/∂s over the examples; None if the network does not learn input scales.
    gradient : vector
        All gradients, in the order of `Network.parameters`.
    cost_gradient : of shape (n, sizes[-1])
        ∇_a c, the first factor of (D1). It can be infinite, for example that of cross-entropy at an output of
        0.
    activation_derivatives : list over i, each of shape (n, sizes[i + 1])
        φ'(z), the factor in (D1) and (D2). For softmax, the Jacobian of each example, of shape
        (n, sizes[-1], sizes[-1]).
    """

    cost: float
    weighted_inputs: list[Any]
    activations: list[Any]
    local_gradients: list[Any]
    weight_gradients: list[Matrix]
    bias_gradients: list[Vector]
    input_scale_gradient: Vector | None
    gradient: Vector
    cost_gradient: list[Any]
    activation_derivatives: list[Any]


def trace(
    examples: Sequence[Example],
    phis: Sequence[Activation],
    cost: Cost,
    y: Sequence[Vector],
    weights: Vector,
    single: bool,
) -> Trace:
    """Combine the results of several examples.

    Parameters
    ----------
    examples : sequence of Example
        Results of backpropagation, at least one.
    phis : sequence of Activation
        φ of each layer.
    cost : Cost
        The cost c.
    y : sequence of vectors
        Targets of the examples.
    weights : vector
        Weights of the examples in the mean cost and gradients.
    single : bool
        Whether to omit the batch axis.

    Returns
    -------
    Trace
        The combined results.

    Examples
    --------
    >>> from localgrad.reference import Network
    >>> Network([2, 1], init=([[[0.5, -1.0]]], [[0.25]])).backprop([[1.0, 2.0]], [[0.25]]).local_gradients
    [[[-1.5]]]
    """

    def rows(of_each: Sequence[Any]) -> Any:
        return of_each[0] if single else list(of_each)

    def layers(of_each: Sequence[Sequence[Any]]) -> list[Any]:
        return [rows(of_layer) for of_layer in zip(*of_each, strict=True)]

    mean_cost, gradients = batch_means(examples, weights)
    count = len(phis)
    return Trace(
        cost=mean_cost,
        weighted_inputs=layers([e.weighted_inputs for e in examples]),
        activations=layers([e.activations for e in examples]),
        local_gradients=layers([e.local_gradients for e in examples]),
        weight_gradients=[w for w, b in gradients[:count]],
        bias_gradients=[b for w, b in gradients[:count]],
        input_scale_gradient=gradients[count].b if len(gradients) > count else None,
        gradient=flatten(gradients),
        cost_gradient=rows([cost.gradient(e.activations[-1], t) for e, t in zip(examples, y, strict=True)]),
        activation_derivatives=layers([_derivatives(e, phis) for e in examples]),
    )


def _derivatives(e: Example, phis: Sequence[Activation]) -> list[Vector | Matrix]:
    return [
        phi.jacobian(a) if isinstance(phi, VectorActivation) else phi.derivative(z, a)
        for phi, z, a in zip(phis, e.weighted_inputs, e.activations[1:], strict=True)
    ]
