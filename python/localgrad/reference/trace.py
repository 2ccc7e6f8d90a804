"""Everything that backpropagation computes on its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .functions import Activation, Cost, VectorActivation
from .layout import flatten
from .matrix import Matrix, Vector
from .steps import Example, batch_means


@dataclass(frozen=True)
class Trace:
    """The result of `Network.backprop`, in the notation of the README.

    Index i runs over the layers that have weights and belongs to layer l = i + 2. With a batch,
    what an example has of its own is a list of rows, one for each; for a single example that axis is absent.

    Attributes
    ----------
    cost : float
        (C), the mean over the examples.
    weighted_inputs : list over i, each of shape (n, sizes[i + 1])
        z of layer i + 2, (F).
    activations : list over i, each of shape (n, sizes[i])
        a of layer i + 1: the first is x, the last the output.
    local_gradients : list over i, each of shape (n, sizes[i + 1])
        δ of layer i + 2, (D1) and (D2), each row for its example's own cost.
    weight_gradients : list over i of matrices of shape (sizes[i + 1], sizes[i])
        (G1), the mean over the examples.
    bias_gradients : list over i of vectors of sizes[i + 1] numbers
        (G2), the mean over the examples.
    gradient : vector
        Both, in the order of `Network.parameters`.
    cost_gradient : of shape (n, sizes[-1])
        ∇_a c, the first factor of (D1); infinite where the cost's slope is.
    activation_derivatives : list over i, each of shape (n, sizes[i + 1])
        φ'(z), the second factor of (D1); for softmax the Jacobian of each example, (n, sizes[-1], sizes[-1]).
    """

    cost: float
    weighted_inputs: list[Any]
    activations: list[Any]
    local_gradients: list[Any]
    weight_gradients: list[Matrix]
    bias_gradients: list[Vector]
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
    """Put together what backpropagation computed for some examples.

    Parameters
    ----------
    examples : sequence of Example
        At least one.
    phis : sequence of Activation
        φ of each layer.
    cost : Cost
        c.
    y : sequence of vectors
        The examples' targets.
    weights : vector
        What each example counts in the cost and the gradients.
    single : bool
        Whether to leave out the batch axis.

    Returns
    -------
    Trace

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
    return Trace(
        cost=mean_cost,
        weighted_inputs=layers([e.weighted_inputs for e in examples]),
        activations=layers([e.activations for e in examples]),
        local_gradients=layers([e.local_gradients for e in examples]),
        weight_gradients=[w for w, b in gradients],
        bias_gradients=[b for w, b in gradients],
        gradient=flatten(gradients),
        cost_gradient=rows([cost.gradient(e.activations[-1], t) for e, t in zip(examples, y, strict=True)]),
        activation_derivatives=layers([_derivatives(e, phis) for e in examples]),
    )


def _derivatives(e: Example, phis: Sequence[Activation]) -> list[Vector | Matrix]:
    return [
        phi.jacobian(a) if isinstance(phi, VectorActivation) else phi.derivative(z, a)
        for phi, z, a in zip(phis, e.weighted_inputs, e.activations[1:], strict=True)
    ]
