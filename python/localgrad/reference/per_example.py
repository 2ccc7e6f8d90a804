"""Quantities of the gradients of single examples that follow from δ and a, without those gradients.

By (G1) and (G2), the gradient of a layer is the outer product of δ^l and (a^(l-1), 1), where the 1 belongs
to the bias. The norm of an outer product is the product of the norms, and the inner product of two outer
products is the product of the inner products.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .matrix import Matrix, Vector, dot, hadamard, total
from .steps import Example


@dataclass(frozen=True)
class GradientNorms:
    """Norms of the gradients of examples, as returned by `Network.gradient_norms`.

    Attributes
    ----------
    layers : matrix of shape (n, len(sizes) - 1)
        Norm of the gradient of each layer, one row per example. If the network learns input scales, there is
        one more column, which belongs to them.
    total : vector of n numbers
        Norms of the whole gradients.
    """

    layers: Matrix
    total: Vector


@dataclass(frozen=True)
class GradientNoise:
    """The noise scale of gradients, as returned by `Network.gradient_noise_scale`.

    Attributes
    ----------
    scale : float
        variance / squared_norm; infinite if `squared_norm` is not above 0, and 0 if all gradients are equal.
    variance : float
        Estimate of tr Σ, the total variance of the gradients.
    squared_norm : float
        Estimate of the squared norm of the expected gradient.
    """

    scale: float
    variance: float
    squared_norm: float

    def __float__(self) -> float:
        return self.scale


def gradient_norms(e: Example, scales: Vector | None = None) -> Vector:
    """Compute (N) of each layer: ‖∂c/∂(w^l, b^l)‖ = ‖δ^l‖ √(1 + ‖a^(l-1)‖²).

    Parameters
    ----------
    e : Example
        The quantities of one example.
    scales : vector, optional
        Input scales s, by which a^1 is multiplied.

    Returns
    -------
    vector
        The norms; last, that of ∂c/∂s, if there are input scales.

    Examples
    --------
    >>> e = Example(0.0, [], [[2.0, 2.0], [3.0]], [[5.0]], [])
    >>> gradient_norms(e)
    [15.0]
    """
    inputs = _inputs(e, scales)
    norms = [
        math.hypot(*delta) * math.hypot(1.0, *a) for delta, a in zip(e.local_gradients, inputs, strict=True)
    ]
    return norms if scales is None else [*norms, math.hypot(*e.gradients[-1].b)]


def inner_product(e: Example, other: Example, scales: Vector | None = None) -> float:
    """Compute (K) of two examples: g · g' = Σ_l (δ^l · δ'^l) (1 + a^(l-1) · a'^(l-1)).

    Parameters
    ----------
    e, other : Example
        The quantities of the two examples.
    scales : vector, optional
        Input scales s, by which a^1 is multiplied. The product of their gradients is added.

    Returns
    -------
    float
        The inner product of the gradients.

    Examples
    --------
    >>> e = Example(0.0, [], [[2.0, 2.0], [3.0]], [[5.0]], [])
    >>> other = Example(0.0, [], [[1.0, 3.0], [4.0]], [[-1.0]], [])
    >>> inner_product(e, other)
    -45.0
    """
    inputs = zip(_inputs(e, scales), _inputs(other, scales), strict=True)
    deltas = zip(e.local_gradients, other.local_gradients, strict=True)
    product = total(
        dot(delta, delta_other) * (1 + dot(a, a_other))
        for (delta, delta_other), (a, a_other) in zip(deltas, inputs, strict=True)
    )
    return product if scales is None else product + dot(e.gradients[-1].b, other.gradients[-1].b)


def gradient_noise(norms: Sequence[float], mean_norm: float) -> GradientNoise:
    """Estimate the simple noise scale tr Σ / ‖G‖² (McCandlish et al. 2018).

    On average, the squared norm of the mean of n gradients is ‖G‖² + tr Σ / n, and that of one gradient is
    ‖G‖² + tr Σ. These are two equations for the two unknowns.

    Parameters
    ----------
    norms : sequence of float
        Norms of the gradients of at least two examples.
    mean_norm : float
        Norm of their mean.

    Returns
    -------
    GradientNoise
        The estimates.

    Examples
    --------
    >>> gradient_noise([1.0, 3.0], 2.0)  # the gradients 1 and 3
    GradientNoise(scale=0.6666666666666666, variance=2.0, squared_norm=3.0)
    """
    n = len(norms)
    of_one = total(norm**2 for norm in norms) / n
    variance = max(of_one - mean_norm**2, 0.0) * n / (n - 1)
    squared_norm = mean_norm**2 - variance / n
    if variance == 0:
        return GradientNoise(0.0, variance, squared_norm)
    return GradientNoise(variance / squared_norm if squared_norm > 0 else math.inf, variance, squared_norm)


def _inputs(e: Example, scales: Vector | None) -> list[Vector]:
    """Return a of the layers before the weights, with the input scales."""
    x, *hidden = e.activations[:-1]
    return [x if scales is None else hadamard(scales, x), *hidden]
