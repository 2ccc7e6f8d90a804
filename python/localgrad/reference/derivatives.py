"""Derivatives of the outputs with respect to the input: the Jacobian, and its products with vectors.

The outputs depend on the input through one layer after another, so that their Jacobian is a product of
matrices, (J):

    ∂a^L/∂x = D^L w^L D^(L-1) w^(L-1) ... D^2 w^2        D^l = ∂a^l/∂z^l, diagonal unless φ is softmax

It can be multiplied out from the right, as in the forward pass, or from the left, as in the backward pass.
"""

from collections.abc import Sequence

from .functions import Activation, HiddenActivation, VectorActivation
from .matrix import Vector, hadamard, matmul, transpose
from .steps import Layer


def push_forward(
    layers: Sequence[Layer],
    phis: Sequence[HiddenActivation | Activation],
    z: Sequence[Vector],
    a: Sequence[Vector],
    u: Vector,
) -> Vector:
    """Compute ∂a^L/∂a^1 u: the rate at which the outputs change if a^1 changes at the rate u.

    By (F), z^l changes at the rate w^l ȧ^(l-1), and a^l at the rate φ'(z^l) times that.

    Parameters
    ----------
    layers : sequence of Layer
        Weights and biases.
    phis : sequence of HiddenActivation or Activation
        φ of each layer.
    z, a : sequences of vectors
        Weighted inputs and activations of each layer, as returned by `feed_forward`.
    u : vector
        The rate of a^1.

    Returns
    -------
    vector
        The rate of a^L.

    Examples
    --------
    >>> from localgrad.reference.activations import activation
    >>> layers, phis = [Layer([[1.0, 2.0], [3.0, -4.0]], [0.0, 0.0])], [activation("relu")]
    >>> push_forward(layers, phis, [[3.0, -1.0]], [[1.0, 1.0], [3.0, 0.0]], [0.0, 1.0])
    [2.0, -0.0]
    """
    for layer, phi, z_l, a_l in zip(layers, phis, z, a[1:], strict=True):
        u = _times_slope(phi, z_l, a_l, matmul(layer.w, u))
    return u


def pull_back(
    layers: Sequence[Layer],
    phis: Sequence[HiddenActivation | Activation],
    z: Sequence[Vector],
    a: Sequence[Vector],
    v: Vector,
) -> Vector:
    """Compute vᵀ ∂a^L/∂a^1: the gradient of a number whose derivatives with respect to a^L are v.

    This is (D1) with v in place of ∇_a c, then (D2) for all layers and (X).

    Parameters
    ----------
    layers : sequence of Layer
        Weights and biases.
    phis : sequence of HiddenActivation or Activation
        φ of each layer.
    z, a : sequences of vectors
        Weighted inputs and activations of each layer, as returned by `feed_forward`.
    v : vector
        The derivatives with respect to a^L.

    Returns
    -------
    vector
        The derivatives with respect to a^1.

    Examples
    --------
    >>> from localgrad.reference.activations import activation
    >>> layers, phis = [Layer([[1.0, 2.0], [3.0, -4.0]], [0.0, 0.0])], [activation("relu")]
    >>> pull_back(layers, phis, [[3.0, -1.0]], [[1.0, 1.0], [3.0, 0.0]], [10.0, 1.0])
    [10.0, 20.0]
    """
    for i in reversed(range(len(layers))):
        v = matmul(transpose(layers[i].w), _times_slope(phis[i], z[i], a[i + 1], v))
    return v


def _times_slope(phi: HiddenActivation | Activation, z: Vector, a: Vector, v: Vector) -> Vector:
    """Multiply by ∂a/∂z. The Jacobian of softmax is symmetric, so that it need not be transposed."""
    if isinstance(phi, VectorActivation):
        return matmul(phi.jacobian(a), v)
    return hadamard(phi.derivative(z, a), v)
