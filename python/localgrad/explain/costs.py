"""The formulas of costs c and their derivatives ∂c/∂a.

Each entry is a function of the outputs a, the targets y, the name of the output activation and the parameters
in the name of the cost. It returns the terms whose sum is the cost, and ∂c/∂a of each output.
"""

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

from localgrad._support.functions import function_of
from localgrad.explain.activations import magnitude, tanh
from localgrad.explain.functions import HALF, Call, Cases, Comparison, exp
from localgrad.explain.terms import Like, Number, Term, term

Terms: TypeAlias = Sequence[Term]
Formulas: TypeAlias = tuple[list[Like], list[Like]]


def log(v: Term) -> Term:
    """Return log(v), which is minus infinity for 0."""
    return Call("log", lambda value: math.log(value) if value > 0 else -math.inf, v)


def _of_each(c: Callable[[Term, Term], tuple[Like, Like]]) -> Callable[..., Formulas]:
    """Return the formulas of a cost Σ_k c(a_k, y_k), from a function that returns c and ∂c/∂a_k."""

    def formulas(a: Terms, y: Terms, output: str) -> Formulas:
        pairs = [c(*pair) for pair in zip(a, y, strict=True)]
        return [one for one, _ in pairs], [slope for _, slope in pairs]

    return formulas


def _sides(a: Term, y: Term, above: Like, below: Like) -> Cases:
    return Cases((above, Comparison(a, ">", y)), (below, Comparison(a, "<", y)), (0, Comparison(a, "=", y)))


def _huber(a: Terms, y: Terms, output: str, delta: float = 1.0) -> Formulas:
    def one(a: Term, y: Term) -> tuple[Like, Like]:
        r = magnitude(y - a)
        near, far = Comparison(r, "≤", delta), Comparison(r, ">", delta)
        slope = delta if a.value > y.value else -delta
        linear = delta * (r - delta / 2) if delta != 1 else r - HALF
        return Cases((HALF * (y - a) ** 2, near), (linear, far)), Cases((a - y, near), (slope, far))

    return _of_each(one)(a, y, output)


def _cross_entropy(a: Terms, y: Terms, output: str, smoothing: float = 0.0) -> Formulas:
    if output == "softmax":
        return _of_each(lambda a, y: (-(y * log(a)), -(y / a)))(a, y, output)
    return _of_each(lambda a, y: (-(y * log(a)) - (1 - y) * log(1 - a), (1 - y) / (1 - a) - y / a))(
        a, y, output
    )


def _hinge(a: Term, y: Term) -> tuple[Like, Like]:
    margin = 1 - y * a
    slope = Cases((-y, Comparison(margin, ">", 0)), (0, Comparison(margin, "≤", 0)))
    return Call("max", max, Number(0), margin), slope


def _poisson(a: Terms, y: Terms, output: str) -> Formulas:
    if output == "identity":
        return _of_each(lambda a, y: (exp(a) - y * a, exp(a) - y))(a, y, output)
    return _of_each(lambda a, y: (a - y * log(a), 1 - y / a))(a, y, output)


def _quantile(a: Terms, y: Terms, output: str, *levels: float) -> Formulas:
    levels = levels or (0.5,)
    costs: list[Like] = []
    slopes: list[Like] = []
    for j, a_j in enumerate(a):
        q, y_j = levels[j // len(y)], y[j % len(y)]
        above, below = Comparison(y_j, ">", a_j), Comparison(y_j, "≤", a_j)
        costs.append(Cases((q * (y_j - a_j), above), ((1 - q) * (a_j - y_j), below)))
        slopes.append(_sides(a_j, y_j, 1 - q, -q))
    return costs, slopes


def _gaussian_nll(a: Terms, y: Terms, output: str) -> Formulas:
    means, variances = a[: len(y)], a[len(y) :]
    costs: list[Like] = []
    of_means: list[Like] = []
    of_variances: list[Like] = []
    for mu, s, t in zip(means, variances, y, strict=True):
        costs.append(HALF * (s + (t - mu) ** 2 * exp(-s)))
        of_means.append((mu - t) * exp(-s))
        of_variances.append(HALF * (1 - (t - mu) ** 2 * exp(-s)))
    return costs, of_means + of_variances


FORMULAS: dict[str, Callable[..., Formulas]] = {
    "mse": _of_each(lambda a, y: (HALF * (y - a) ** 2, a - y)),
    "mae": _of_each(lambda a, y: (magnitude(y - a), _sides(a, y, 1, -1))),
    "log_cosh": _of_each(lambda a, y: (log(Call("cosh", math.cosh, y - a)), tanh(a - y))),
    "huber": _huber,
    "cross_entropy": _cross_entropy,
    "binary_cross_entropy": _cross_entropy,
    "hinge": _of_each(_hinge),
    "poisson": _poisson,
    "quantile": _quantile,
    "gaussian_nll": _gaussian_nll,
}


def formulas(cost: str, a: Terms, y: Terms, output: str) -> tuple[list[Term], list[Term]] | None:
    """Return the terms of a cost and ∂c/∂a of each output; None if the formula is not known."""
    name, parameters = function_of(cost)
    if name not in FORMULAS:
        return None
    costs, slopes = FORMULAS[name](a, y, function_of(output)[0], *parameters)
    return [term(one) for one in costs], [term(one) for one in slopes]


def smoothing_of(cost: str) -> float:
    """Return the label smoothing of a cost."""
    name, parameters = function_of(cost)
    return parameters[0] if parameters and name.endswith("cross_entropy") else 0.0
