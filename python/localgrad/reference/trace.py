"""The results of `Network.forward` and `Network.backprop`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .functions import Activation, Cost, VectorActivation
from .layout import flatten
from .matrix import Matrix, Vector
from .steps import Example, batch_means


@dataclass(frozen=True)
class ForwardTrace:
    """The quantities of the forward pass, as returned by `Network.forward`.

    The index i runs over the layers that have weights; i belongs to layer l = i + 2. For a batch, the
    quantities of each example are in a list with one row per example. For a single example, this axis is
    absent.

    Attributes
    ----------
    weighted_inputs : list over i, each of shape (n, sizes[i + 1])
        z of layer i + 2, (F).
    activations : list over i, each of shape (n, sizes[i])
        a of layer i + 1, (F). The first is x, and the last is the output of the network.
    activation_derivatives : list over i, each of shape (n, sizes[i + 1])
        φ'(z), the factor in (D1) and (D2). For softmax, the Jacobian of each example, of shape
        (n, sizes[-1], sizes[-1]).
    """

    weighted_inputs: list[Any]
    activations: list[Any]
    activation_derivatives: list[Any]


@dataclass(frozen=True)
class Trace(ForwardTrace):
    """All quantities that backpropagation computes, as returned by `Network.backprop`.

    Attributes
    ----------
    weighted_inputs, activations, activation_derivatives
        As in `ForwardTrace`.
    cost : float
        Mean cost of the examples, (C).
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
    input_gradient : of shape (n, sizes[0]), or None
        ∂c/∂x of each example's own cost, (X); None unless it was asked for.
    per_example_gradients : of shape (n, number of parameters), or None
        Gradient of each example's own cost, in the order of `Network.parameters`; None unless it was asked
        for.
    """

    cost: float
    local_gradients: list[Any]
    weight_gradients: list[Matrix]
    bias_gradients: list[Vector]
    input_scale_gradient: Vector | None
    gradient: Vector
    cost_gradient: list[Any]
    input_gradient: list[Any] | None
    per_example_gradients: list[Any] | None


def forward_trace(
    examples: Sequence[tuple[list[Vector], list[Vector]]], phis: Sequence[Activation], single: bool
) -> ForwardTrace:
    """Combine the weighted inputs and activations of several examples.

    Parameters
    ----------
    examples : sequence of (weighted_inputs, activations)
        Results of the forward pass; there may be none.
    phis : sequence of Activation
        φ of each layer.
    single : bool
        Whether to omit the batch axis.

    Returns
    -------
    ForwardTrace
        The combined results.

    Examples
    --------
    >>> from localgrad.reference import Network
    >>> Network([2, 1], init=([[[0.5, -1.0]]], [[0.25]])).forward([[1.0, 2.0]]).weighted_inputs
    [[[-1.25]]]
    """
    count = len(phis)
    return ForwardTrace(
        _layers([z for z, a in examples], count, single),
        _layers([a for z, a in examples], count + 1, single),
        _layers([_derivatives(z, a, phis) for z, a in examples], count, single),
    )


def trace(
    examples: Sequence[Example],
    phis: Sequence[Activation],
    cost: Cost,
    y: Sequence[Vector],
    weights: Vector,
    single: bool,
    input_gradients: Sequence[Vector] | None = None,
    per_example: bool = False,
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
    input_gradients : sequence of vectors, optional
        ∂c/∂x of the examples.
    per_example : bool, default False
        Whether to include the gradient of each example.

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

    forward = forward_trace([(e.weighted_inputs, e.activations) for e in examples], phis, single)
    mean_cost, gradients = batch_means(examples, weights)
    count = len(phis)
    return Trace(
        **vars(forward),
        cost=mean_cost,
        local_gradients=_layers([e.local_gradients for e in examples], count, single),
        weight_gradients=[w for w, b in gradients[:count]],
        bias_gradients=[b for w, b in gradients[:count]],
        input_scale_gradient=gradients[count].b if len(gradients) > count else None,
        gradient=flatten(gradients),
        cost_gradient=rows([cost.gradient(e.activations[-1], t) for e, t in zip(examples, y, strict=True)]),
        input_gradient=None if input_gradients is None else rows(input_gradients),
        per_example_gradients=rows([flatten(e.gradients) for e in examples]) if per_example else None,
    )


def _layers(of_each: Sequence[Sequence[Any]], count: int, single: bool) -> list[Any]:
    """Return the quantities of each of `count` layers, given those of each example."""
    layers = [[of_example[i] for of_example in of_each] for i in range(count)]
    return [rows[0] for rows in layers] if single else layers


def _derivatives(z: list[Vector], a: list[Vector], phis: Sequence[Activation]) -> list[Vector | Matrix]:
    return [
        phi.jacobian(a_l) if isinstance(phi, VectorActivation) else phi.derivative(z_l, a_l)
        for phi, z_l, a_l in zip(phis, z, a[1:], strict=True)
    ]
