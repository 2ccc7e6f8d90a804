"""Penalties, gradient clipping, weight decay and max-norm, which keep weights or steps small.

Their strengths do not depend on the batch size, and the penalties are not included in the reported cost.
Vectors contain one number per parameter, in the order of `layout`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import compress, pairwise
from typing import Any

from .matrix import Vector
from .ranges import must_be
from .regression import sign
from .steps import Layer


def penalized(g: Vector, w: Vector, l1: Vector, l2: Vector) -> Vector:
    """Add the derivative of the penalty Σ l1 abs(w) + ½ l2 w²: g + l1 sign(w) + l2 w.

    Examples
    --------
    >>> penalized([1.0, 1.0], [-2.0, 0.0], l1=[0.25, 0.25], l2=[0.5, 0.5])
    [-0.25, 1.0]
    """
    return [g_k + l2_k * w_k + l1_k * sign(w_k) for g_k, w_k, l1_k, l2_k in zip(g, w, l1, l2, strict=True)]


def clipped(g: Vector, limit: float) -> Vector:
    """Clip each component to [-limit, limit].

    Examples
    --------
    >>> clipped([3.0, -0.5, -2.0], 1.0)
    [1.0, -0.5, -1.0]
    """
    return [min(max(g_k, -limit), limit) for g_k in g]


def norm(u: Vector) -> tuple[float, float]:
    """Return r and a power of two s. The Euclidean norm of u is r s; this product may overflow.

    Examples
    --------
    >>> norm([3.0, 4.0]), norm([1.5e308, 1.5e308])[1] == 2.0**1023
    ((1.25, 4.0), True)
    """
    largest = max((abs(u_k) for u_k in u), default=0.0)
    if largest == 0 or not math.isfinite(largest):
        return largest, 1.0
    # Dividing by a power of two is exact; then no square can overflow.
    scale = 2.0 ** max(math.frexp(largest)[1] - 1, -1022)
    return math.hypot(*(u_k / scale for u_k in u)), scale


def shortened(g: Vector, limit: float) -> Vector:
    """Scale the gradient so that its norm is at most `limit`: g min(1, limit/(‖g‖ + 1e-6)).

    The constant 1e-6 is reduced to a thousandth of `limit` if it is larger. Pascanu, Mikolov, Bengio 2013.

    Examples
    --------
    >>> [round(g_k, 5) for g_k in shortened([3.0, 4.0], 2.5)], shortened([3.0, 4.0], 6.0)
    ([1.5, 2.0], [3.0, 4.0])
    >>> [round(g_k, 5) for g_k in shortened([1.2e308, 1.6e308], 2.5)]
    [1.5, 2.0]
    """
    # 1e-6 prevents division by 0, as in PyTorch.
    root, scale = norm(g)
    factor = limit / (root + min(1e-6, 1e-3 * limit) / scale)  # still to be divided by the scale
    if factor >= scale:
        return g
    return [factor * (g_k / scale) for g_k in g]


def decayed(w: Vector, weight_decay: Vector, eta: Vector) -> Vector:
    """Apply weight decay: w (1 - η weight_decay), with the learning rate η of each parameter.

    With SGD without momentum, this is equivalent to an L2 penalty. With adaptive rules such as Adam it is
    not, because these would divide the derivative of a penalty by the size of past gradients. Loshchilov,
    Hutter 2019.

    Examples
    --------
    >>> decayed([8.0, 8.0], [0.5, 0.0], eta=[0.5, 0.5])
    [6.0, 8.0]
    """
    return [w_k * (1 - eta_k * decay) for w_k, decay, eta_k in zip(w, weight_decay, eta, strict=True)]


def limited(layer: Layer, limit: float) -> Layer:
    """Scale the incoming weights of each unit so that their norm is at most `limit`. Srivastava et al. 2014.

    Examples
    --------
    >>> limited(Layer([[3.0, 4.0], [0.0, 0.0]], [9.0, 9.0]), 2.5)
    Layer(w=[[1.5, 2.0], [0.0, 0.0]], b=[9.0, 9.0])
    """
    rows = []
    for w_j in layer.w:
        root, scale = norm(w_j)
        rows.append([limit / root * (w_jk / scale) for w_jk in w_j] if root > limit / scale else w_j)
    return Layer(rows, layer.b)


@dataclass(frozen=True)
class Regularization:
    """The regularization of one fit.

    Attributes
    ----------
    l1, l2, weight_decay : vector
        Strength for each parameter; see `spread`.
    max_norm, clip_value, clip_norm : float
        Limits; infinity for no limit.

    Examples
    --------
    >>> Regularization(clip_value=1.0).of_gradient([3.0], [5.0])
    [1.0]
    """

    l1: Vector = field(default_factory=list)
    l2: Vector = field(default_factory=list)
    weight_decay: Vector = field(default_factory=list)
    max_norm: float = math.inf
    clip_value: float = math.inf
    clip_norm: float = math.inf

    def of_gradient(self, g: Vector, w: Vector) -> Vector:
        """Return the gradient for the update rule: penalties are added first, then it is clipped."""
        if any(self.l1) or any(self.l2):
            g = penalized(g, w, self.l1, self.l2)
        if self.clip_value < math.inf:
            g = clipped(g, self.clip_value)
        if self.clip_norm < math.inf:
            g = shortened(g, self.clip_norm)
        return g

    def before_update(self, w: Vector, eta: Vector) -> Vector:
        """Return the parameters after weight decay."""
        return decayed(w, self.weight_decay, eta) if any(self.weight_decay) else w

    def after_update(self, layers: Sequence[Layer]) -> list[Layer]:
        """Return the layers with the norms of weights limited to `max_norm`."""
        return [limited(layer, self.max_norm) if self.max_norm < math.inf else layer for layer in layers]

    def of_some(self, which: Sequence[bool]) -> "Regularization":
        """Return the regularization of some parameters, without the others."""
        l1, l2, decay = (list(compress(one, which)) for one in (self.l1, self.l2, self.weight_decay))
        return replace(self, l1=l1, l2=l2, weight_decay=decay)


def per_layer(value: Any, name: str, layers: int) -> Vector:
    """Return one number of at least 0 for each layer of weights, given one for all or one for each.

    Examples
    --------
    >>> per_layer(0.5, "l2", 2), per_layer([1, 2], "l2", 2)
    ([0.5, 0.5], [1.0, 2.0])
    """
    values = list(value) if hasattr(value, "__len__") else [value] * layers
    if len(values) != layers:
        raise ValueError(
            f"{name} must be a number or {layers} numbers, one for each layer, got {len(values)}"
        )
    return [must_be("finite and at least 0", one, name) for one in values]


def spread(strength: Any, name: str, sizes: Sequence[int], penalize_biases: bool, scales: int = 0) -> Vector:
    """Return the strength for each parameter: that of its layer for weights, and 0 for biases by default.

    Parameters
    ----------
    strength : float or sequence of float
        Strength for all layers, or for each.
    name : str
        Name of the argument for error messages.
    sizes : sequence of int
        Widths of the layers.
    penalize_biases : bool
        Whether the strength of a layer also applies to its biases.
    scales : int, default 0
        Number of input scales, whose strength is 0.

    Returns
    -------
    vector
        One strength per parameter.

    Examples
    --------
    >>> spread([0.5, 0.25], "l2", [2, 1, 1], penalize_biases=False)
    [0.5, 0.5, 0.0, 0.25, 0.0]
    """
    strengths = per_layer(strength, name, len(sizes) - 1)
    biases = strengths if penalize_biases else [0.0] * len(strengths)
    return _of_parameters(strengths, biases, sizes) + [0.0] * scales


def lr_factors(weights: Any, biases: Any, sizes: Sequence[int]) -> Vector:
    """Return the factor of the learning rate for each weight and bias.

    Parameters
    ----------
    weights, biases : float or sequence of float
        Factor for the weights and the biases of all layers, or of each.
    sizes : sequence of int
        Widths of the layers.

    Returns
    -------
    vector
        One factor per parameter.

    Examples
    --------
    >>> lr_factors([0.0, 0.5], 1.0, [2, 1, 1])
    [0.0, 0.0, 1.0, 0.5, 1.0]
    """
    count = len(sizes) - 1
    of_weights = per_layer(weights, "weight_lr_factor", count)
    of_biases = per_layer(biases, "bias_lr_factor", count)
    return _of_parameters(of_weights, of_biases, sizes)


def _of_parameters(weights: Vector, biases: Vector, sizes: Sequence[int]) -> Vector:
    flat: Vector = []
    for w, b, (fan_in, fan_out) in zip(weights, biases, pairwise(sizes), strict=True):
        flat += [w] * (fan_in * fan_out) + [b] * fan_out
    return flat


def limit(value: float | None, name: str) -> float:
    """Check a limit and return it as a float; None becomes infinity.

    Examples
    --------
    >>> limit(None, "max_norm"), limit(3, "max_norm")
    (inf, 3.0)
    """
    if value is None:
        return math.inf
    if not 0 < value < math.inf:
        raise ValueError(f"{name} must be finite and above 0, or None, got {value}")
    return float(value)
