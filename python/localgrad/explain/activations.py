"""The formulas of activation functions φ and their derivatives φ′.

Each entry is a function of z, a = φ(z) and the parameters in the name. Activations without an entry are
explained by their values alone.
"""

import math
from collections.abc import Callable
from typing import TypeAlias

from localgrad._support.functions import function_of
from localgrad.explain.functions import HALF, Call, Cases, Comparison, exp
from localgrad.explain.symbols import Constant
from localgrad.explain.terms import Like, Number, Term, term

Pair: TypeAlias = tuple[Like, Like]

# Of selu, by Klambauer et al. 2017.
_SCALE, _ALPHA = Constant("λ", 1.0507009873554805), Constant("α", 1.6732632423543772)
_ROOT = Constant("√(2/π)", math.sqrt(2 / math.pi))


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def _softplus(z: float) -> float:
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


def sigmoid(z: Term) -> Term:
    """Return sigmoid(z) by its name."""
    return Call("sigmoid", _sigmoid, z)


def tanh(z: Term) -> Term:
    """Return tanh(z)."""
    return Call("tanh", math.tanh, z)


def magnitude(z: Term) -> Term:
    """Return abs(z)."""
    return Call("abs", abs, z)


def _linear_below(z: Term, a: Term, slope: float) -> Pair:
    above, below = Comparison(z, ">", 0), Comparison(z, "≤", 0)
    return Cases((z, above), (slope * z, below)), Cases((1, above), (slope, below))


def _elu(z: Term, a: Term, alpha: Like, scale: Term | None = None) -> Pair:
    above, below = Comparison(z, ">", 0), Comparison(z, "≤", 0)
    factor = (lambda t: term(t)) if scale is None else (lambda t: scale * t)
    outer = term(alpha) if alpha != 1 else None
    bent = exp(z) - 1 if outer is None else outer * (exp(z) - 1)
    slope = exp(z) if outer is None else outer * exp(z)
    one: Like = 1 if scale is None else scale
    return Cases((factor(z), above), (factor(bent), below)), Cases((one, above), (factor(slope), below))


def _gelu(z: Term, a: Term) -> Pair:
    phi = Call("Φ", lambda t: 0.5 * math.erfc(-t / math.sqrt(2)), z)
    return z * phi, phi + z * (exp(-(z**2 / 2)) / Constant("√(2π)", math.sqrt(2 * math.pi)))


def _gelu_tanh(z: Term, a: Term) -> Pair:
    u = _ROOT * (z + 0.044715 * z**3)
    slope = _ROOT * (1 + 0.134145 * z**2)
    return HALF * z * (1 + tanh(u)), HALF * (1 + tanh(u)) + HALF * z * (1 - tanh(u) ** 2) * slope


def _mish(z: Term, a: Term) -> Pair:
    t = tanh(Call("softplus", _softplus, z))
    return z * t, t + z * (1 - t**2) * sigmoid(z)


def _hard(z: Term, inside: Like, slope: Like, low: float, high: float, ends: tuple[float, float]) -> Pair:
    below, above = Comparison(z, "≤", low), Comparison(z, "≥", high)
    between = Comparison(magnitude(z), "<", high)
    return (
        Cases((ends[0], below), (ends[1], above), (inside, between)),
        Cases((0, below), (0, above), (slope, between)),
    )


FORMULAS: dict[str, Callable[..., Pair]] = {
    "identity": lambda z, a: (z, 1),
    "sigmoid": lambda z, a: (1 / (1 + exp(-z)), a * (1 - a)),
    "tanh": lambda z, a: (tanh(z), 1 - a**2),
    "relu": lambda z, a: (
        Call("max", max, z, Number(0)),
        Cases((1, Comparison(z, ">", 0)), (0, Comparison(z, "≤", 0))),
    ),
    "leaky_relu": lambda z, a, slope=0.01: _linear_below(z, a, slope),
    "elu": lambda z, a, alpha=1.0: _elu(z, a, alpha),
    "selu": lambda z, a: _elu(z, a, _ALPHA, _SCALE),
    "gelu": _gelu,
    "gelu_tanh": _gelu_tanh,
    "silu": lambda z, a: (z * sigmoid(z), sigmoid(z) + z * sigmoid(z) * (1 - sigmoid(z))),
    "mish": _mish,
    "softplus": lambda z, a: (Call("log", math.log, 1 + exp(z)), sigmoid(z)),
    "softsign": lambda z, a: (z / (1 + magnitude(z)), 1 / (1 + magnitude(z)) ** 2),
    "hard_sigmoid": lambda z, a: _hard(z, (z + 3) / 6, Number(1) / 6, -3, 3, (0, 1)),
    "hard_tanh": lambda z, a: _hard(z, z, 1, -1, 1, (-1, 1)),
}


def formulas(activation: str, z: Term, a: Term) -> tuple[Term | None, Term | None]:
    """Return φ(z) and φ′(z) of an activation that acts on each unit; None if its formula is not known."""
    name, parameters = function_of(activation)
    if name not in FORMULAS:
        return None, None
    phi, prime = FORMULAS[name](z, a, *parameters)
    return term(phi), term(prime)
