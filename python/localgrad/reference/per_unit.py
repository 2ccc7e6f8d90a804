"""Backpropagation unit by unit: the sums over j and k that follow from the chain rule.

The cost c is a function of the activations a_k of the output layer. These are functions of the weighted
inputs z_j, which in turn are functions of the weights w_jk, the biases b_j and the activations of the
previous layer. By the chain rule,

    δ_j = ∂c/∂z_j = Σ_k ∂c/∂a_k ∂a_k/∂z_j            and        ∂c/∂w_jk = ∂c/∂z_j ∂z_j/∂w_jk

The functions of this module evaluate these formulas one unit at a time, with explicit loops. The module
`steps` writes them with vectors and matrices and computes the same numbers.
"""

from collections.abc import Sequence

from .functions import Activation, Cost, UnitActivation, VectorActivation
from .matrix import Matrix, Vector
from .steps import Example, Layer


def weighted_input(w: Matrix, b: Vector, a_previous: Vector, j: int) -> float:
    """Compute (F) of one unit: z_j = Σ_k w_jk a_k + b_j, where k runs over the units of the previous layer.

    Parameters
    ----------
    w, b : matrix and vector
        Weights and biases of this layer.
    a_previous : vector
        Activations of the previous layer.
    j : int
        Index of the unit.

    Returns
    -------
    float
        z_j.

    Examples
    --------
    >>> weighted_input([[0.5, -1.0]], [0.25], [4.0, 1.0], j=0)
    1.25
    """
    z_j = 0.0
    for k in range(len(a_previous)):
        z_j += w[j][k] * a_previous[k]
    return z_j + b[j]


def output_delta(cost: Cost, phi: Activation, z: Vector, a: Vector, y: Vector, j: int) -> float:
    """Compute (D1) of one unit: δ_j = Σ_k ∂c/∂a_k ∂a_k/∂z_j, where k runs over the units of the output layer.

    If φ is elementwise, a_k depends only on z_k, and the sum has a single term, δ_j = ∂c/∂a_j φ'(z_j). The
    simplified formulas of `Cost.local_gradient` are not used here, so comparing with `steps` tests them.

    Parameters
    ----------
    cost : Cost
        The cost c.
    phi : Activation
        φ of the output layer.
    z, a, y : vectors
        z^L, a^L and the target.
    j : int
        Index of the unit.

    Returns
    -------
    float
        δ_j.

    Examples
    --------
    >>> from localgrad.reference.activations import activation
    >>> from localgrad.reference.costs import cost
    >>> output_delta(cost("mse", "sigmoid"), activation("sigmoid"), [0.0], [0.5], [1.0], j=0)
    -0.125
    """
    dc_da = cost.gradient(a, y)
    if not isinstance(phi, VectorActivation):
        return dc_da[j] * phi.phi_prime(z[j], a[j])
    da_dz = phi.jacobian(a)
    delta_j = 0.0
    for k in range(len(a)):
        delta_j += dc_da[k] * da_dz[k][j]
    return delta_j


def hidden_delta(
    phi: UnitActivation, z_j: float, a_j: float, w_next: Matrix, delta_next: Vector, j: int
) -> float:
    """Compute (D2) of one unit: δ_j = φ'(z_j) Σ_k w_kj δ_k, where k runs over the units of the next layer.

    z_j influences c only through a_j, and a_j influences it through all z_k of the next layer. Therefore
    δ_j = φ'(z_j) ∂c/∂a_j and ∂c/∂a_j = Σ_k ∂c/∂z_k ∂z_k/∂a_j, where ∂z_k/∂a_j is the weight w_kj from unit j
    to unit k.

    Parameters
    ----------
    phi : UnitActivation
        φ of this layer.
    z_j, a_j : float
        Weighted input and activation of this unit.
    w_next, delta_next : matrix and vector
        Weights and local gradients of the next layer.
    j : int
        Index of the unit.

    Returns
    -------
    float
        δ_j.

    Examples
    --------
    >>> from localgrad.reference.activations import activation
    >>> hidden_delta(activation("relu"), 2.0, 2.0, [[3.0, 4.0], [5.0, 6.0]], [0.5, 1.0], j=1)
    8.0
    """
    dc_da_j = 0.0
    for k in range(len(delta_next)):
        dc_da_j += w_next[k][j] * delta_next[k]
    return phi.phi_prime(z_j, a_j) * dc_da_j


def weight_partial(delta: Vector, a_previous: Vector, j: int, k: int) -> float:
    """Compute (G1) of one weight: ∂c/∂w_jk = δ_j a_k, because ∂z_j/∂w_jk = a_k.

    Parameters
    ----------
    delta, a_previous : vectors
        δ of this layer and a of the previous layer.
    j, k : int
        Indices of the weight from unit k of the previous layer to unit j.

    Returns
    -------
    float
        ∂c/∂w_jk.

    Examples
    --------
    >>> weight_partial([0.5, -1.0], [2.0, 4.0], j=1, k=0)
    -2.0
    """
    return delta[j] * a_previous[k]


def bias_partial(delta: Vector, j: int) -> float:
    """Compute (G2) of one bias: ∂c/∂b_j = δ_j, because ∂z_j/∂b_j = 1.

    Parameters
    ----------
    delta : vector
        δ of this layer.
    j : int
        Index of the unit.

    Returns
    -------
    float
        ∂c/∂b_j.

    Examples
    --------
    >>> bias_partial([0.5, -1.0], j=1)
    -1.0
    """
    return delta[j]


def backprop(
    layers: Sequence[Layer],
    hidden: Sequence[UnitActivation],
    output: Activation,
    cost: Cost,
    x: Vector,
    y: Vector,
) -> Example:
    """Run backpropagation on one example, unit by unit.

    Parameters
    ----------
    layers, hidden, output, cost, x, y
        As for `steps.backprop`.

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
    # The forward pass, from the input to the output.
    phis = [*hidden, output]
    z: list[Vector] = []
    a = [x]
    for (w, b), phi in zip(layers, phis, strict=True):
        z.append([weighted_input(w, b, a[-1], j) for j in range(len(b))])
        a.append(phi.value(z[-1]))

    # The backward pass, from the output to the first hidden layer.
    delta = [[output_delta(cost, output, z[-1], a[-1], y, j) for j in range(len(z[-1]))]]
    for i in reversed(range(len(hidden))):
        phi, w_next, delta_next = hidden[i], layers[i + 1].w, delta[0]
        units = enumerate(zip(z[i], a[i + 1], strict=True))
        delta.insert(0, [hidden_delta(phi, z_j, a_j, w_next, delta_next, j) for j, (z_j, a_j) in units])

    # The partial derivatives with respect to each weight and each bias.
    gradients = [
        Layer(
            [[weight_partial(delta[i], a[i], j, k) for k in range(len(a[i]))] for j in range(len(delta[i]))],
            [bias_partial(delta[i], j) for j in range(len(delta[i]))],
        )
        for i in range(len(layers))
    ]
    return Example(cost.value(z[-1], a[-1], y), z, a, delta, gradients)
