"""The algorithm in matrix form: one function for each of its steps, for one example at a time.

The labels are those of the notation table in the README. `layers[i]` leads from `activations[i]` to
`activations[i + 1]`; `weighted_inputs[i]` and `local_gradients[i]` are z and δ of the same layer, which the
notes number l = i + 2. The module `per_unit` says the same with indices j and k.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .functions import Activation, Cost, HiddenActivation, VectorActivation
from .matrix import Matrix, Vector, add, hadamard, matmul, outer, transpose


class Layer(NamedTuple):
    """One layer's parameters, w of shape (fan_out, fan_in) and b, or their partial derivatives."""

    w: Matrix
    b: Vector


class Example(NamedTuple):
    """What backpropagation computes for one example.

    Attributes
    ----------
    cost : float
        c.
    weighted_inputs, activations, local_gradients : list of vectors
        z, a and δ of each layer; activations[0] is x.
    gradients : list of Layer
        ∂c/∂w and ∂c/∂b of each layer.
    """

    cost: float
    weighted_inputs: list[Vector]
    activations: list[Vector]
    local_gradients: list[Vector]
    gradients: list[Layer]


def feed_forward(
    layers: Sequence[Layer], phis: Sequence[HiddenActivation | Activation], x: Vector
) -> tuple[list[Vector], list[Vector]]:
    """(F), from the input to the output: z^l = w^l a^(l-1) + b^l, a^l = φ(z^l).

    Parameters
    ----------
    layers : sequence of Layer
        Weights and biases.
    phis : sequence of HiddenActivation or Activation
        φ of each of these layers.
    x : vector
        One example.

    Returns
    -------
    weighted_inputs, activations : lists of vectors
        z of each layer; and a of each layer, beginning with a^1 = x.

    Examples
    --------
    >>> from localgrad.reference.activations import activation
    >>> feed_forward([Layer([[0.5, -1.0]], [0.25])], [activation("relu")], [4.0, 1.0])
    ([[1.25]], [[4.0, 1.0], [1.25]])
    """
    weighted_inputs: list[Vector] = []
    activations = [x]
    for (w, b), phi in zip(layers, phis, strict=True):
        z = add(matmul(w, activations[-1]), b)
        weighted_inputs.append(z)
        activations.append(phi.value(z))
    return weighted_inputs, activations


def output_local_gradient(cost: Cost, phi: Activation, z: Vector, a: Vector, y: Vector) -> Vector:
    """(D1): δ^L = ∇_a c ⊙ φ'(z^L).

    Where φ acts on the layer as a whole, as softmax does, c depends on z_j through every a_k, and ⊙ becomes
    the product with the transposed Jacobian: δ^L = (∂a/∂z)ᵀ ∇_a c. Where a cost and a φ were made for each
    other, both factors collapse into one formula, which `cost.local_gradient` holds.

    Parameters
    ----------
    cost : Cost
        c.
    phi : Activation
        φ of the output layer.
    z, a, y : vectors
        z^L, a^L and the target.

    Returns
    -------
    vector
        δ^L.

    Examples
    --------
    >>> from localgrad.reference.activations import activation
    >>> from localgrad.reference.costs import cost
    >>> output_local_gradient(cost("mse", "sigmoid"), activation("sigmoid"), [0.0], [0.5], [1.0])
    [-0.125]
    """
    if cost.local_gradient is not None:
        return cost.local_gradient(z, a, y)
    if isinstance(phi, VectorActivation):
        return matmul(transpose(phi.jacobian(a)), cost.gradient(a, y))
    return hadamard(cost.gradient(a, y), phi.derivative(z, a))


def hidden_local_gradient(
    phi: HiddenActivation, z: Vector, a: Vector, w_next: Matrix, delta_next: Vector
) -> Vector:
    """(D2): δ^l = φ'(z^l) ⊙ (w^(l+1))ᵀ δ^(l+1).

    Parameters
    ----------
    phi : HiddenActivation
        φ of layer l.
    z, a : vectors
        z^l and a^l.
    w_next : matrix
        w^(l+1).
    delta_next : vector
        δ^(l+1).

    Returns
    -------
    vector
        δ^l.

    Examples
    --------
    >>> from localgrad.reference.activations import activation
    >>> hidden_local_gradient(activation("relu"), [2.0, -1.0], [2.0, 0.0], [[3.0, 4.0]], [0.5])
    [1.5, 0.0]
    """
    return hadamard(phi.derivative(z, a), matmul(transpose(w_next), delta_next))


def weight_gradient(delta: Vector, a_previous: Vector) -> Matrix:
    """(G1): ∂c/∂w^l = δ^l (a^(l-1))ᵀ.

    Parameters
    ----------
    delta : vector
        δ^l.
    a_previous : vector
        a^(l-1).

    Returns
    -------
    matrix
        In the shape of w^l.

    Examples
    --------
    >>> weight_gradient([0.5, -1.0], [2.0, 4.0])
    [[1.0, 2.0], [-2.0, -4.0]]
    """
    return outer(delta, a_previous)


def bias_gradient(delta: Vector) -> Vector:
    """(G2): ∂c/∂b^l = δ^l.

    Parameters
    ----------
    delta : vector
        δ^l.

    Returns
    -------
    vector
        In the shape of b^l.

    Examples
    --------
    >>> bias_gradient([0.5, -1.0])
    [0.5, -1.0]
    """
    return list(delta)


def backprop(
    layers: Sequence[Layer],
    hidden: Sequence[HiddenActivation],
    output: Activation,
    cost: Cost,
    x: Vector,
    y: Vector,
    weight: float = 1.0,
) -> Example:
    """Forward with (F), back with (D1) and (D2), then (G1) and (G2): the whole algorithm for one example.

    Parameters
    ----------
    layers : sequence of Layer
        Weights and biases.
    hidden : sequence of HiddenActivation
        φ of the hidden layers.
    output : Activation
        φ of the output layer.
    cost : Cost
        c.
    x, y : vectors
        The example and its target.
    weight : float, default 1.0
        What this example counts: all is that of the cost weight c.

    Returns
    -------
    Example
        All that was computed.

    Examples
    --------
    >>> from localgrad.reference.activations import activation
    >>> from localgrad.reference.costs import cost
    >>> w, b = [[0.5, -1.0]], [0.25]
    >>> e = backprop([Layer(w, b)], [], activation("identity"), cost("mse", "identity"), [1.0, 2.0], [0.25])
    >>> e.cost, e.local_gradients, e.gradients
    (1.125, [[-1.5]], [Layer(w=[[-1.5, -3.0]], b=[-1.5])])
    """
    z, a = feed_forward(layers, [*hidden, output], x)
    delta = [[weight * d_j for d_j in output_local_gradient(cost, output, z[-1], a[-1], y)]]
    for i in reversed(range(len(hidden))):
        delta.insert(0, hidden_local_gradient(hidden[i], z[i], a[i + 1], layers[i + 1].w, delta[0]))
    gradients = [
        Layer(weight_gradient(delta_l, a_previous), bias_gradient(delta_l))
        for delta_l, a_previous in zip(delta, a[:-1], strict=True)
    ]
    return Example(weight * cost.value(z[-1], a[-1], y), z, a, delta, gradients)


def batch_means(
    examples: Iterable[Example], weights: Sequence[float] | None = None
) -> tuple[float, list[Layer]]:
    """(C) and (M): C = (1/b) Σ_i c_i and ∂C/∂w ≈ (1/b) Σ_i ∂c_i/∂w over the b examples of a mini-batch.

    Parameters
    ----------
    examples : iterable of Example
        At least one. Each is used up before the next is asked for, so that a generator needs little memory.
    weights : vector, optional
        One for each example, by which its cost and gradients are multiplied.

    Returns
    -------
    cost : float
        C.
    gradients : list of Layer
        ∂C/∂w and ∂C/∂b.

    Examples
    --------
    >>> one = Example(1.0, [], [], [], gradients=[Layer([[1.0, 2.0]], [3.0])])
    >>> other = Example(2.0, [], [], [], gradients=[Layer([[3.0, 6.0]], [5.0])])
    >>> batch_means([one, other])
    (1.5, [Layer(w=[[2.0, 4.0]], b=[4.0])])
    """
    cost = 0.0
    gradients: list[Layer] = []
    b = 0
    for example in examples:
        w_i = 1.0 if weights is None else weights[b]
        own = example.gradients if weights is None else [_scaled(w_i, g) for g in example.gradients]
        cost += w_i * example.cost
        gradients = [_add(total, g) for total, g in zip(gradients, own, strict=True)] if b else own
        b += 1
    return cost / b, [_scaled(1 / b, total) for total in gradients]


def _add(one: Layer, other: Layer) -> Layer:
    return Layer([add(u, v) for u, v in zip(one.w, other.w, strict=True)], add(one.b, other.b))


def _scaled(factor: float, layer: Layer) -> Layer:
    return Layer([[factor * v for v in row] for row in layer.w], [factor * v for v in layer.b])
