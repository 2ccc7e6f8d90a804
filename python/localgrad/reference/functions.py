"""Activation functions φ and costs c, with their derivatives.

`ACTIVATIONS` and `COSTS` are the only lists of names: a new function is one new entry.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from .matrix import Matrix, Vector, dot


@dataclass(frozen=True)
class UnitActivation:
    """An activation that acts unit by unit: a_j = φ(z_j).

    Attributes
    ----------
    phi : callable
        φ of one weighted input z.
    phi_prime : callable
        φ'(z), given z and a = φ(z), for it is often shorter in a.
    init : str
        The initialisation that "auto" stands for before this activation.

    Examples
    --------
    >>> square = UnitActivation(phi=lambda z: z * z, phi_prime=lambda z, a: 2 * z)
    >>> square.value([1.0, 3.0])
    [1.0, 9.0]
    """

    phi: Callable[[float], float]
    phi_prime: Callable[[float, float], float]
    init: str = "xavier"

    def value(self, z: Vector) -> Vector:
        """Return a = φ(z)."""
        return [self.phi(z_j) for z_j in z]

    def derivative(self, z: Vector, a: Vector) -> Vector:
        """Return φ'(z), given z and a = φ(z)."""
        return [self.phi_prime(z_j, a_j) for z_j, a_j in zip(z, a, strict=True)]


@dataclass(frozen=True)
class VectorActivation:
    """An activation of a whole layer, where every a_j depends on every z_k. For output layers only.

    Attributes
    ----------
    value : callable
        a = φ(z), vector to vector.
    jacobian : callable
        The matrix of ∂a_j/∂z_k, given a.
    init : str
        The initialisation that "auto" stands for before this activation.

    Examples
    --------
    >>> ACTIVATIONS["softmax"].value([0.0, 0.0])
    [0.5, 0.5]
    """

    value: Callable[[Vector], Vector]
    jacobian: Callable[[Vector], Matrix]
    init: str = "xavier"


Activation = UnitActivation | VectorActivation


@dataclass(frozen=True)
class Cost:
    """The cost c of one example.

    Attributes
    ----------
    value : callable
        c(z, a, y). Given z as well, since a may have been rounded to 0 or 1 and its logarithm lost.
    gradient : callable
        ∇_a c(a, y), the first factor of (D1).
    local_gradient : callable, optional
        δ^L(a, y), where the two factors of (D1) collapse into something simpler and more accurate.

    Examples
    --------
    >>> COSTS["mse"]["identity"].value([3.0], [3.0], [1.0])
    2.0
    """

    value: Callable[[Vector, Vector, Vector], float]
    gradient: Callable[[Vector, Vector], Vector]
    local_gradient: Callable[[Vector, Vector], Vector] | None = None


def _sigmoid(z: float) -> float:
    """1 / (1 + e^-z), written so that exp never overflows."""
    if z >= 0:
        return 1 / (1 + math.exp(-z))
    e = math.exp(z)
    return e / (1 + e)


def _softmax(z: Vector) -> Vector:
    """a_j = e^z_j / Σ_k e^z_k. Subtracting the largest z changes nothing but keeps exp from overflowing."""
    largest = max(z)
    exponentials = [math.exp(z_j - largest) for z_j in z]
    total = _sum(exponentials)
    return [e / total for e in exponentials]


def _softmax_jacobian(a: Vector) -> Matrix:
    """∂a_j/∂z_k = a_j (1 - a_k) where j = k, -a_j a_k elsewhere."""
    return [[a_j * ((j == k) - a_k) for k, a_k in enumerate(a)] for j, a_j in enumerate(a)]


def _quadratic(z: Vector, a: Vector, y: Vector) -> float:
    """(C): c = ½ Σ_k (y_k - a_k)²."""
    error = _minus(y, a)
    return 0.5 * dot(error, error)


def _softmax_cross_entropy(z: Vector, a: Vector, y: Vector) -> float:
    """Cost -Σ_k y_k log a_k, with log a_k = z_k - log Σ_j e^z_j."""
    largest = max(z)
    log_total = largest + math.log(_sum([math.exp(z_j - largest) for z_j in z]))
    return dot(y, [log_total - z_k for z_k in z])


def _softmax_cross_entropy_gradient(a: Vector, y: Vector) -> Vector:
    """∂c/∂a_k = -y_k / a_k."""
    return [-_ratio(y_k, a_k) for a_k, y_k in zip(a, y, strict=True)]


def _softmax_cross_entropy_delta(a: Vector, y: Vector) -> Vector:
    """(D1) collapsed: Σ_k (-y_k/a_k) a_k ((j = k) - a_j) = a_j Σ_k y_k - y_j, which is a - y if Σ y = 1."""
    total = _sum(y)
    return [a_j * total - y_j for a_j, y_j in zip(a, y, strict=True)]


def _sigmoid_cross_entropy(z: Vector, a: Vector, y: Vector) -> float:
    """Cost -Σ_k [y_k log a_k + (1 - y_k) log(1 - a_k)], from z: -log(1 - a_k) is log(1 + e^z_k)."""
    return _sum(
        [max(z_k, 0.0) - y_k * z_k + math.log1p(math.exp(-abs(z_k))) for z_k, y_k in zip(z, y, strict=True)]
    )


def _sigmoid_cross_entropy_gradient(a: Vector, y: Vector) -> Vector:
    """∂c/∂a_k = (1 - y_k)/(1 - a_k) - y_k/a_k."""
    return [_ratio(1 - y_k, 1 - a_k) - _ratio(y_k, a_k) for a_k, y_k in zip(a, y, strict=True)]


def _minus(u: Vector, v: Vector) -> Vector:
    return [u_k - v_k for u_k, v_k in zip(u, v, strict=True)]


def _sum(v: Vector) -> float:
    total = 0.0
    for v_k in v:
        total += v_k
    return total


def _ratio(p: float, q: float) -> float:
    """Quotient p / q, where 0 / 0 is 0 (a term that is absent) and p / 0 infinite."""
    if p == 0:
        return 0.0
    return p / q if q != 0 else math.copysign(math.inf, p)


ACTIVATIONS: dict[str, Activation] = {
    "identity": UnitActivation(lambda z: z, lambda z, a: 1.0),
    "sigmoid": UnitActivation(_sigmoid, lambda z, a: a * (1 - a)),
    "tanh": UnitActivation(math.tanh, lambda z, a: 1 - a * a),
    # At the kink relu'(0) = 0.
    "relu": UnitActivation(lambda z: max(z, 0.0), lambda z, a: 1.0 if z > 0 else 0.0, init="he"),
    "softmax": VectorActivation(_softmax, _softmax_jacobian),
}

# By the name of the cost, then by the activation of the output layer: cross-entropy reads a as a probability,
# so that only two kinds of output have one. With sigmoid, a (1 - a) cancels the denominators of ∇_a c in (D1)
# and a - y is left; with softmax likewise.
COSTS: dict[str, dict[str, Cost]] = {
    "mse": dict.fromkeys(ACTIVATIONS, Cost(_quadratic, _minus)),
    "cross_entropy": {
        "softmax": Cost(
            _softmax_cross_entropy, _softmax_cross_entropy_gradient, _softmax_cross_entropy_delta
        ),
        "sigmoid": Cost(_sigmoid_cross_entropy, _sigmoid_cross_entropy_gradient, _minus),
    },
}
