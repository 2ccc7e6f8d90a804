"""Costs for regression.

The arguments of each function are the name of the output activation and the parameters of the cost.
"""

import math
from collections.abc import Callable
from typing import Any

from .activations import sigmoid, softplus
from .functions import Cost, a_cost
from .matrix import Vector, total
from .ranges import must_be


def of_terms(c: Callable[[float, float], float], slope: Callable[[float, float], float], **rest: Any) -> Cost:
    """Return the cost Σ_k c(a_k, y_k) with the derivative `slope` = ∂c/∂a_k.

    `rest` contains the other attributes of `Cost`.

    Examples
    --------
    >>> linear = of_terms(lambda a, y: y - a, lambda a, y: -1.0)
    >>> linear.value([], [3.0, 1.0], [5.0, 2.0]), linear.gradient([3.0, 1.0], [5.0, 2.0])
    (3.0, [-1.0, -1.0])
    """
    return Cost(
        lambda z, a, y: total(c(a_k, y_k) for a_k, y_k in zip(a, y, strict=True)),
        lambda a, y: [slope(a_k, y_k) for a_k, y_k in zip(a, y, strict=True)],
        **rest,
    )


def of_errors(c: Callable[[float], float], slope: Callable[[float], float]) -> Cost:
    """Return the cost Σ_k c(e_k) of the errors e = a - y with the derivative `slope` = c'.

    Examples
    --------
    >>> cubic = of_errors(lambda e: abs(e) ** 3, lambda e: 3 * e * abs(e))
    >>> cubic.value([], [3.0, 1.0], [1.0, 1.0]), cubic.gradient([3.0, 1.0], [1.0, 1.0])
    (8.0, [12.0, 0.0])
    """
    return of_terms(lambda a_k, y_k: c(a_k - y_k), lambda a_k, y_k: slope(a_k - y_k))


@a_cost()
def mse(output: str) -> Cost:
    """Return the quadratic cost (C), c = ½ Σ_k (y_k - a_k)². The factor ½ makes the gradient a - y.

    Examples
    --------
    >>> mse("identity").gradient([3.0], [1.0])
    [2.0]
    """
    return of_errors(lambda e: 0.5 * (e * e), lambda e: e)


@a_cost()
def mae(output: str) -> Cost:
    """Return the absolute error Σ_k abs(a_k - y_k). At the kink a_k = y_k, the derivative is taken as 0.

    Examples
    --------
    >>> mae("identity").gradient([3.0, 1.0, 0.0], [1.0, 1.0, 1.0])
    [1.0, 0.0, -1.0]
    """
    return of_errors(abs, sign)


@a_cost(1.0)
def huber(output: str, delta: float) -> Cost:
    """Return the Huber cost: e²/2 for abs(e) <= delta, otherwise delta (abs(e) - delta/2). Huber 1964.

    It is linear for large errors, so that outliers have less influence than with `mse`.

    Examples
    --------
    >>> huber("identity", 2.0).value([], [1.0, 5.0], [0.0, 0.0])  # 1/2 + 2 (5 - 1)
    8.5
    """
    must_be("above 0", delta, "the delta of huber")
    return of_errors(
        lambda e: 0.5 * (e * e) if abs(e) <= delta else delta * (abs(e) - 0.5 * delta),
        lambda e: min(max(e, -delta), delta),
    )


@a_cost()
def log_cosh(output: str) -> Cost:
    """Return the cost Σ_k log cosh(e_k) with errors e = a - y.

    For large errors, log cosh e is computed as abs(e) + log(1 + exp(-2 abs(e))) - log 2, which does not
    overflow. For small errors, this would subtract almost equal numbers, and ½ log(1 + sinh² e) is used.

    Examples
    --------
    >>> log_cosh("identity").value([], [1e4], [0.0]) == 1e4 - math.log(2)
    True
    >>> log_cosh("identity").value([], [1e-10], [0.0])
    5.0000000000000005e-21
    """

    def value(e: float) -> float:
        if abs(e) < 0.5:
            return 0.5 * math.log1p(math.sinh(e) ** 2)
        return abs(e) + math.log1p(math.exp(-2 * abs(e))) - math.log(2)

    return of_errors(value, lambda e: math.tanh(e))


@a_cost(0.5, any_number=True)
def quantile(output: str, *levels: float) -> Cost:
    """Return the pinball cost Σ_j max(q e_j, (q - 1) e_j) with e = y - a. Koenker, Bassett 1978.

    It is minimal if a is the q-quantile of y. There is one head of outputs per level q: with m targets,
    output h m + t predicts quantile q_h of target t.

    Examples
    --------
    >>> two = quantile("identity", 0.25, 0.75)
    >>> two.value([], [0.0, 0.0], [4.0]), two.gradient([0.0, 5.0], [4.0])
    (4.0, [-0.25, 0.25])
    """
    _no_softmax("quantile", output)
    for q in levels:
        must_be("in (0, 1)", q, "the levels of quantile")

    def errors(a: Vector, y: Vector) -> list[tuple[float, float]]:
        return [(levels[j // len(y)], y[j % len(y)] - a_j) for j, a_j in enumerate(a)]

    return Cost(
        lambda z, a, y: total(max(q * e, (q - 1) * e) for q, e in errors(a, y)),
        lambda a, y: [-q if e > 0 else 1 - q if e < 0 else 0.0 for q, e in errors(a, y)],
        heads=len(levels),
    )


@a_cost()
def gaussian_nll(output: str) -> Cost:
    """Return the Gaussian negative log-likelihood ½ Σ_t [s_t + (y_t - μ_t)² exp(-s_t)]. Nix, Weigend 1994.

    The outputs are the means μ_1, ..., μ_m of m targets, followed by the logarithms s_1, ..., s_m of their
    variances. The constant of the likelihood is omitted.

    Examples
    --------
    >>> c, a, y = gaussian_nll("identity"), [1.0, 0.0], [3.0]
    >>> c.value([], a, y), c.gradient(a, y)
    (2.0, [-2.0, -1.5])
    """
    if output != "identity":
        raise ValueError(f"output must be identity for the cost 'gaussian_nll', got {output!r}")

    def errors(a: Vector, y: Vector) -> list[tuple[float, float, float]]:
        """Return, for each target, the error, s, and the error in units of the standard deviation."""
        units = zip(a[: len(y)], a[len(y) :], y, strict=True)
        return [(mu - y_t, s, times_exp(mu - y_t, -0.5 * s)) for mu, s, y_t in units]

    def gradient(a: Vector, y: Vector) -> Vector:
        of_means = [times_exp(e, -s) for e, s, _ in errors(a, y)]
        of_variances = [0.5 * (1 - d * d) for *_, d in errors(a, y)]
        return of_means + of_variances

    return Cost(lambda z, a, y: 0.5 * total(s + d * d for _, s, d in errors(a, y)), gradient, heads=2)


@a_cost()
def poisson(output: str) -> Cost:
    """Return the Poisson negative log-likelihood Σ_k rate_k - y_k log(rate_k) for counts y.

    The rate is e^a for identity outputs and a for softplus outputs. The constant of the likelihood is
    omitted.

    Examples
    --------
    >>> poisson("identity").gradient([0.0], [3.0]), poisson("softplus").gradient([2.0], [3.0])
    ([-2.0], [-0.5])
    """
    counts = (0.0, math.inf)
    if output == "identity":
        return of_terms(lambda a, y: exp(a) - y * a, lambda a, y: exp(a) - y, limits=counts)
    if output != "softplus":
        raise ValueError(f"output must be identity or softplus for the cost 'poisson', got {output!r}")

    def of_rate(z: Vector, a: Vector, y: Vector) -> float:
        return total(softplus(z_k) - y_k * _log_softplus(z_k) for z_k, y_k in zip(z, y, strict=True))

    def delta(z: Vector, a: Vector, y: Vector) -> Vector:
        """Return (1 - y/a) φ'(z) as φ'(z) - y φ'(z)/a. For z → -∞, φ'(z) and a vanish; their ratio is 1."""
        return [
            sigmoid(z_k) - y_k * (sigmoid(z_k) / a_k if z_k > SMALL else 1.0)
            for z_k, a_k, y_k in zip(z, a, y, strict=True)
        ]

    return Cost(
        of_rate,
        lambda a, y: [1 - ratio(y_k, a_k) for a_k, y_k in zip(a, y, strict=True)],
        delta,
        limits=counts,
    )


SMALL = -40.0  # for z below this, log(1 + e^z) and e^z are the same float


def _log_softplus(z: float) -> float:
    return math.log(softplus(z)) if z > SMALL else z


def sign(v: float) -> float:
    """Return the sign: -1, 0 or 1.

    Examples
    --------
    >>> sign(-2.5), sign(0.0), sign(1e-300)
    (-1.0, 0.0, 1.0)
    """
    return float((v > 0) - (v < 0))


def exp(v: float) -> float:
    """Return e^v, or infinity if it overflows (`math.exp` raises an error then).

    Examples
    --------
    >>> exp(0.0), exp(1e4)
    (1.0, inf)
    """
    try:
        return math.exp(v)
    except OverflowError:
        return math.inf


def times_exp(r: float, v: float) -> float:
    """Return r e^v, multiplying in four steps so that e^v alone may overflow; 0 if r is 0.

    Examples
    --------
    >>> times_exp(2.0, 0.0), times_exp(0.0, 1e4), times_exp(1e-300, 1000.0) > 1e134
    (2.0, 0.0, True)
    """
    if r == 0:
        return 0.0
    for _ in range(4):
        r *= exp(0.25 * v)
    return r


def ratio(p: float, q: float) -> float:
    """Return p / q, where 0 / 0 is 0, because the term is absent, and p / 0 is infinite.

    Examples
    --------
    >>> ratio(1.0, 4.0), ratio(0.0, 0.0), ratio(-1.0, 0.0)
    (0.25, 0.0, -inf)
    """
    if p == 0:
        return 0.0
    return p / q if q != 0 else math.copysign(math.inf, p)


def _no_softmax(name: str, output: str) -> None:
    if output == "softmax":
        raise ValueError(f"output must be an elementwise activation for the cost {name!r}, got {output!r}")
