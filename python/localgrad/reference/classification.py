"""Costs for classification.

The arguments of each function are the name of the output activation and the parameters of the cost.
"""

import math
from dataclasses import replace

from .functions import Cost, a_cost, same_class
from .matrix import Vector, dot, total
from .ranges import must_be
from .regression import of_terms, ratio


def smoothed(y: Vector, smoothing: float, classes: int) -> Vector:
    """Return the targets with label smoothing s: (1 - s) y + s/K for K classes. Szegedy et al. 2016.

    Examples
    --------
    >>> smoothed([0.0, 1.0], 0.5, classes=2)
    [0.25, 0.75]
    """
    return [(1 - smoothing) * y_k + smoothing / classes for y_k in y] if smoothing else y


@a_cost(0.0)
def cross_entropy(output: str, smoothing: float) -> Cost:
    """Return cross-entropy for softmax or sigmoid outputs, whose activations are probabilities.

    For softmax, c = -Σ_k y_k log a_k; for sigmoid, c = -Σ_k [y_k log a_k + (1 - y_k) log(1 - a_k)].

    In (D1), the factor a (1 - a) = φ'(z) of sigmoid cancels the denominators of ∇_a c, and δ^L = a - y
    remains. The same happens for softmax. This is not only simpler: a unit that is wrong by a lot, with a
    close to 0 or 1, has a small φ' but a large δ, so it still learns.

    Examples
    --------
    >>> cross_entropy("softmax", 0.0).local_gradient([0.0, 0.0], [0.5, 0.5], [0.0, 1.0])
    [0.5, -0.5]
    """
    must_be("in [0, 1)", smoothing, "the smoothing of cross_entropy")
    if output not in ("softmax", "sigmoid"):
        raise ValueError(f"output must be softmax or sigmoid for the cost 'cross_entropy', got {output!r}")
    of_softmax = output == "softmax"

    def target(y: Vector) -> Vector:
        return smoothed(y, smoothing, len(y) if of_softmax else 2)

    value = softmax_value if of_softmax else sigmoid_value
    gradient = softmax_gradient if of_softmax else sigmoid_gradient
    delta = softmax_delta if of_softmax else sigmoid_delta
    return Cost(
        lambda z, a, y: value(z, target(y)),
        lambda a, y: gradient(a, target(y)),
        lambda z, a, y: delta(a, target(y)),
        limits=(0.0, 1.0),
    )


def softmax_value(z: Vector, y: Vector) -> float:
    """Return -Σ_k y_k log a_k, where log a_k = z_k - log Σ_j e^z_j and 0 log 0 = 0.

    The largest z is subtracted from all z first, as in softmax, because adding a logarithm to large numbers
    loses digits. The differences are computed from halves, which do not overflow, so that y_k = 0 times a
    difference is 0 and not NaN.

    Examples
    --------
    >>> softmax_value([1e4, 0.0], [0.0, 1.0]), softmax_value([1e308, -1e308], [1.0, 0.0])
    (10000.0, 0.0)
    """
    largest = max(z)
    half_log = 0.5 * math.log(total(math.exp(z_j - largest) for z_j in z))
    return dot([2 * y_k for y_k in y], [0.5 * largest - 0.5 * z_k + half_log for z_k in z])


def softmax_gradient(a: Vector, y: Vector) -> Vector:
    """Return ∇_a c, that is ∂c/∂a_k = -y_k / a_k.

    Examples
    --------
    >>> softmax_gradient([0.25, 0.75], [1.0, 0.0])
    [-4.0, -0.0]
    """
    return [-ratio(y_k, a_k) for a_k, y_k in zip(a, y, strict=True)]


def softmax_delta(a: Vector, y: Vector) -> Vector:
    """Return δ of (D1) in simplified form: a_j Σ_k y_k - y_j, which is a - y if Σ_k y_k = 1.

    It follows from δ_j = Σ_k ∂c/∂a_k ∂a_k/∂z_j with ∂c/∂a_k = -y_k/a_k and ∂a_k/∂z_j = a_k ([j = k] - a_j):
    a_k cancels.

    Examples
    --------
    >>> softmax_delta([0.25, 0.75], [1.0, 0.0])
    [-0.75, 0.75]
    """
    mass = total(y)
    return [a_j * mass - y_j for a_j, y_j in zip(a, y, strict=True)]


def sigmoid_value(z: Vector, y: Vector) -> float:
    """Return -Σ_k [y_k log a_k + (1 - y_k) log(1 - a_k)], computed from z.

    With -log(1 - a_k) = log(1 + e^z_k) and -log a_k = log(1 + e^z_k) - z_k, each term is
    log(1 + e^z_k) - y_k z_k. The first summand is computed as in `softplus`.

    Examples
    --------
    >>> sigmoid_value([1e4], [0.0]), sigmoid_value([1e4], [1.0])
    (10000.0, 0.0)
    """
    return total(
        max(z_k, 0.0) - y_k * z_k + math.log1p(math.exp(-abs(z_k))) for z_k, y_k in zip(z, y, strict=True)
    )


def sigmoid_gradient(a: Vector, y: Vector) -> Vector:
    """Return ∇_a c, that is ∂c/∂a_k = (1 - y_k)/(1 - a_k) - y_k/a_k.

    Examples
    --------
    >>> sigmoid_gradient([0.5], [1.0])
    [-2.0]
    """
    return [ratio(1 - y_k, 1 - a_k) - ratio(y_k, a_k) for a_k, y_k in zip(a, y, strict=True)]


def sigmoid_delta(a: Vector, y: Vector) -> Vector:
    """Return δ of (D1) in simplified form: [(1 - y)/(1 - a) - y/a] a (1 - a) = a - y.

    Examples
    --------
    >>> sigmoid_delta([0.5], [1.0])
    [-0.5]
    """
    return [a_k - y_k for a_k, y_k in zip(a, y, strict=True)]


@a_cost(0.0)
def binary_cross_entropy(output: str, smoothing: float) -> Cost:
    """Return cross-entropy for multi-label classification: each sigmoid output predicts a separate label.

    Unlike `cross_entropy`, it does not accept one class label for several outputs, and its accuracy is the
    fraction of outputs that are correct.

    Examples
    --------
    >>> binary_cross_entropy("sigmoid", 0.0).correct([0.9, 0.2, 0.6, 0.4], [1.0, 0.0, 0.0, 0.0])
    0.75
    """
    must_be("in [0, 1)", smoothing, "the smoothing of binary_cross_entropy")
    if output != "sigmoid":
        raise ValueError(f"output must be sigmoid for the cost 'binary_cross_entropy', got {output!r}")

    def share(a: Vector, y: Vector) -> float:
        return [(a_k >= 0.5) == (y_k >= 0.5) for a_k, y_k in zip(a, y, strict=True)].count(True) / len(a)

    return replace(cross_entropy("sigmoid", smoothing), labels_of_many=False, correct=share)


@a_cost()
def hinge(output: str) -> Cost:
    """Return the hinge cost Σ_j max(0, 1 - y_j a_j) with targets from -1 to 1.

    An output on the correct side with a margin of at least 1 costs nothing. With several outputs, each class
    is separated from all others (one-vs-rest).

    Examples
    --------
    >>> c, a, y = hinge("identity"), [2.0, 0.5], [1.0, -1.0]
    >>> c.value([], a, y), c.gradient(a, y)
    (1.5, [0.0, 1.0])
    """
    if output == "softmax":
        raise ValueError(f"output must be an elementwise activation for the cost 'hinge', got {output!r}")
    return of_terms(
        lambda a_j, y_j: max(0.0, 1 - y_j * a_j),
        lambda a_j, y_j: -y_j if 1 - y_j * a_j > 0 else 0.0,
        labels=(-1.0, 1.0),
        limits=(-1.0, 1.0),
        correct=lambda a, y: same_class(a, y, threshold=0.0),
    )
