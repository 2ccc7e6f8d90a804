"""Backpropagation in matrix form, with one function per equation, for one example at a time.

Backpropagation computes the partial derivatives of the cost c with respect to all weights and biases. It has
three stages:

1. The forward pass, (F), computes the weighted inputs z and the activations a of each layer, from the input
   to the output. All of them are kept, because the derivatives depend on them.
2. The backward pass, (D1) and (D2), computes the local gradients δ = ∂c/∂z of each layer, from the output to
   the first hidden layer. Each δ follows from that of the next layer, so that no derivative is computed
   twice.
3. The gradients, (G1) and (G2), follow from a and δ: the derivative with respect to a weight is δ of the unit
   that it leads to, times a of the unit that it comes from.

For a mini-batch, (C) and (M) average the costs and gradients of its examples.

All derivatives together cost about twice as many operations as the forward pass, regardless of the number of
weights: for each weight, (F), (D2) and (G1) each need one multiplication.

`layers[i]` contains the weights and biases between `activations[i]` and `activations[i + 1]`.
`weighted_inputs[i]` and `local_gradients[i]` are z and δ of the layer with number l = i + 2 in the equations.
The module `per_unit` contains the same algorithm with indices j and k.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .functions import Activation, Cost, HiddenActivation, VectorActivation
from .matrix import Matrix, Vector, add, hadamard, matmul, outer, transpose


class Layer(NamedTuple):
    """The parameters of a layer, w of shape (fan_out, fan_in) and b, or their partial derivatives."""

    w: Matrix
    b: Vector


class Example(NamedTuple):
    """The quantities that backpropagation computes for one example.

    Attributes
    ----------
    cost : float
        The cost c.
    weighted_inputs, activations, local_gradients : list of vectors
        z, a and δ of each layer. activations[0] is the input x, so this list is longer by one.
    gradients : list of Layer
        ∂c/∂w and ∂c/∂b of each layer; last, Layer([], ∂c/∂s) if there are input scales s.
    """

    cost: float
    weighted_inputs: list[Vector]
    activations: list[Vector]
    local_gradients: list[Vector]
    gradients: list[Layer]


def feed_forward(
    layers: Sequence[Layer], phis: Sequence[HiddenActivation | Activation], x: Vector
) -> tuple[list[Vector], list[Vector]]:
    """Compute (F) from the input to the output: z^l = w^l a^(l-1) + b^l, a^l = φ(z^l).

    Parameters
    ----------
    layers : sequence of Layer
        Weights and biases.
    phis : sequence of HiddenActivation or Activation
        φ of each layer.
    x : vector
        One example.

    Returns
    -------
    weighted_inputs, activations : lists of vectors
        z of each layer, and a of each layer, starting with a^1 = x.

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
    """Compute (D1): δ^L = ∇_a c ⊙ φ'(z^L).

    This is the chain rule: z_j changes a_j at the rate φ'(z_j), and a_j changes c at the rate ∂c/∂a_j.

    With softmax, z_j changes all a_k. The rates add up over all k, and ⊙ becomes a product with the
    transposed Jacobian: δ^L = (∂a/∂z)ᵀ ∇_a c. For some combinations of c and φ, such as cross-entropy and
    softmax, the product has a simpler and more accurate form, which is `cost.local_gradient`.

    Parameters
    ----------
    cost : Cost
        The cost c.
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
        return cost.local_gradient(z, a, y)  # the simplified product
    if isinstance(phi, VectorActivation):
        return matmul(transpose(phi.jacobian(a)), cost.gradient(a, y))
    return hadamard(cost.gradient(a, y), phi.derivative(z, a))


def hidden_local_gradient(
    phi: HiddenActivation, z: Vector, a: Vector, w_next: Matrix, delta_next: Vector
) -> Vector:
    """Compute (D2): δ^l = φ'(z^l) ⊙ (w^(l+1))ᵀ δ^(l+1).

    The forward pass multiplies the activations by w^(l+1); the backward pass multiplies the local gradients
    by its transpose. The result, ∂c/∂a^l, is multiplied by φ' to obtain ∂c/∂z^l.

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
    """Compute (G1): ∂c/∂w^l = δ^l (a^(l-1))ᵀ, an outer product.

    Parameters
    ----------
    delta : vector
        δ^l.
    a_previous : vector
        a^(l-1).

    Returns
    -------
    matrix
        The partial derivatives, in the shape of w^l.

    Examples
    --------
    >>> weight_gradient([0.5, -1.0], [2.0, 4.0])
    [[1.0, 2.0], [-2.0, -4.0]]
    """
    return outer(delta, a_previous)


def bias_gradient(delta: Vector) -> Vector:
    """Compute (G2): ∂c/∂b^l = δ^l. A bias is like a weight from a unit whose activation is always 1.

    Parameters
    ----------
    delta : vector
        δ^l.

    Returns
    -------
    vector
        The partial derivatives, in the shape of b^l.

    Examples
    --------
    >>> bias_gradient([0.5, -1.0])
    [0.5, -1.0]
    """
    return list(delta)


def input_scale_gradient(w: Matrix, delta: Vector, a: Vector) -> Vector:
    """Compute ∂c/∂s of the input scales s, with which (F) of the first layer is z = w (s ⊙ a^1) + b.

    By (D2) with φ' = 1, the derivative with respect to s ⊙ a^1 is wᵀ δ. As in (G1), that with respect to the
    factor s_k is its product with the other factor: ∂c/∂s = (wᵀ δ) ⊙ a^1.

    Parameters
    ----------
    w, delta : matrix and vector
        w and δ of the first layer of weights.
    a : vector
        a^1, after noise and dropout, not multiplied by s.

    Returns
    -------
    vector
        The partial derivatives.

    Examples
    --------
    >>> input_scale_gradient([[2.0, 1.0]], [0.5], [3.0, 4.0])
    [3.0, 2.0]
    """
    return hadamard(matmul(transpose(w), delta), a)


def input_gradient(w: Matrix, delta: Vector, scales: Vector | None = None) -> Vector:
    """Compute (X): ∂c/∂x = (w^2)ᵀ δ^2, which is (D2) without φ'; with input scales s, times s.

    Parameters
    ----------
    w, delta : matrix and vector
        w and δ of the first layer of weights.
    scales : vector, optional
        Input scales s: z = w (s ⊙ x) + b depends on x_k through s_k x_k.

    Returns
    -------
    vector
        The partial derivatives with respect to the inputs.

    Examples
    --------
    >>> input_gradient([[2.0, 1.0]], [0.5])
    [1.0, 0.5]
    """
    of_inputs = matmul(transpose(w), delta)
    return of_inputs if scales is None else hadamard(scales, of_inputs)


def backprop(
    layers: Sequence[Layer],
    hidden: Sequence[HiddenActivation],
    output: Activation,
    cost: Cost,
    x: Vector,
    y: Vector,
    weight: float = 1.0,
    scales: Vector | None = None,
) -> Example:
    """Run backpropagation on one example: (F), then (D1) and (D2), then (G1) and (G2).

    Parameters
    ----------
    layers : sequence of Layer
        Weights and biases.
    hidden : sequence of HiddenActivation
        φ of the hidden layers.
    output : Activation
        φ of the output layer.
    cost : Cost
        The cost c.
    x, y : vectors
        The example and its target.
    weight : float, default 1.0
        Weight of this example, by which its cost, and therefore every derivative, is multiplied.
    scales : vector, optional
        Input scales s, by which the inputs are multiplied first.

    Returns
    -------
    Example
        All quantities of the algorithm.

    Examples
    --------
    >>> from localgrad.reference.activations import activation
    >>> from localgrad.reference.costs import cost
    >>> w, b = [[0.5, -1.0]], [0.25]
    >>> e = backprop([Layer(w, b)], [], activation("identity"), cost("mse", "identity"), [1.0, 2.0], [0.25])
    >>> e.cost, e.local_gradients, e.gradients
    (1.125, [[-1.5]], [Layer(w=[[-1.5, -3.0]], b=[-1.5])])
    """
    z, a = feed_forward(layers, [*hidden, output], x if scales is None else hadamard(scales, x))
    # δ of the output layer first; each hidden layer is inserted before the layer it is computed from.
    delta = [[weight * d_j for d_j in output_local_gradient(cost, output, z[-1], a[-1], y)]]
    for i in reversed(range(len(hidden))):
        delta.insert(0, hidden_local_gradient(hidden[i], z[i], a[i + 1], layers[i + 1].w, delta[0]))
    gradients = [
        Layer(weight_gradient(delta_l, a_previous), bias_gradient(delta_l))
        for delta_l, a_previous in zip(delta, a[:-1], strict=True)
    ]
    if scales is not None:
        gradients.append(Layer([], input_scale_gradient(layers[0].w, delta[0], x)))
    return Example(weight * cost.value(z[-1], a[-1], y), z, [x, *a[1:]], delta, gradients)


def batch_means(
    examples: Iterable[Example], weights: Sequence[float] | None = None
) -> tuple[float, list[Layer]]:
    """Compute (C) and (M) of the b examples of a mini-batch: C = (1/b) Σ_i c_i and ∂C/∂w ≈ (1/b) Σ_i ∂c_i/∂w.

    Parameters
    ----------
    examples : iterable of Example
        The examples, at least one. They are processed one by one, so a generator needs little memory.
    weights : vector, optional
        Weight of each example, by which its cost and gradients are multiplied.

    Returns
    -------
    cost : float
        The mean cost C.
    gradients : list of Layer
        ∂C/∂w and ∂C/∂b.

    Examples
    --------
    >>> one = Example(1.0, [], [], [], gradients=[Layer([[1.0, 2.0]], [3.0])])
    >>> other = Example(2.0, [], [], [], gradients=[Layer([[3.0, 6.0]], [5.0])])
    >>> batch_means([one, other])
    (1.5, [Layer(w=[[2.0, 4.0]], b=[4.0])])
    """
    # Add up the examples and divide by b once at the end.
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
