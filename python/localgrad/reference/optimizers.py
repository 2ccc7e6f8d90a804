"""Gradient descent: what to do with a gradient once it is known."""

import math
from dataclasses import dataclass
from typing import Protocol

from .matrix import Vector
from .steps import Layer


class Descent(Protocol):
    """What `fit` asks of an optimiser: its settings."""

    @property
    def learning_rate(self) -> float:
        """η."""

    @property
    def momentum(self) -> float:
        """μ."""

    @property
    def nesterov(self) -> bool:
        """Whether the momentum is Nesterov's."""


@dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent, plain or with momentum; see `descend`.

    Parameters
    ----------
    learning_rate : float, default 0.1
        η, finite and at least 0.
    momentum : float, default 0.0
        μ, in [0, 1).
    nesterov : bool, default False
        Whether to look ahead along the velocity; needs a momentum above 0.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    Examples
    --------
    >>> SGD(0.5)
    SGD(learning_rate=0.5, momentum=0.0, nesterov=False)
    """

    learning_rate: float = 0.1
    momentum: float = 0.0
    nesterov: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.learning_rate < math.inf:
            raise ValueError(f"learning_rate must be finite and at least 0, given {self.learning_rate}")
        if not 0 <= self.momentum < 1:
            raise ValueError(f"momentum must be in [0, 1), given {self.momentum}")
        if self.nesterov and self.momentum == 0:
            raise ValueError(f"nesterov=True needs a momentum above 0, given {self.momentum}")


def descend(w: Vector, g: Vector, v: Vector, optimizer: Descent) -> tuple[Vector, Vector]:
    """Take one step downhill.

    - plain: w ← w - ηg
    - with momentum μ: v ← μv + g, then w ← w - ηv
    - with Nesterov's momentum: v ← μv + g, then w ← w - η(g + μv)

    Parameters
    ----------
    w : vector
        Some of the parameters: a row of weights, or biases.
    g : vector
        Their partial derivatives ∂C/∂w, from (M).
    v : vector
        Their velocity, 0 before the first step.
    optimizer : SGD or the like
        η, μ and the kind of momentum.

    Returns
    -------
    w, v : vectors
        The new ones.

    Examples
    --------
    >>> descend([1.0], [2.0], [4.0], SGD(0.25))
    ([0.5], [4.0])
    >>> descend([1.0], [2.0], [4.0], SGD(0.25, momentum=0.5))
    ([0.0], [4.0])
    """
    eta, mu = optimizer.learning_rate, optimizer.momentum
    if mu == 0:
        return [w_k - eta * g_k for w_k, g_k in zip(w, g, strict=True)], v
    v = [mu * v_k + g_k for v_k, g_k in zip(v, g, strict=True)]
    step = [g_k + mu * v_k for g_k, v_k in zip(g, v, strict=True)] if optimizer.nesterov else v
    return [w_k - eta * s_k for w_k, s_k in zip(w, step, strict=True)], v


def descend_layer(layer: Layer, gradient: Layer, velocity: Layer, optimizer: Descent) -> tuple[Layer, Layer]:
    """Take one step with every row of w and with b.

    Parameters
    ----------
    layer, gradient, velocity : Layer
        w, g and v of `descend`, for a whole layer.
    optimizer : SGD or the like
        The settings.

    Returns
    -------
    layer, velocity : Layer
        The new ones.

    Examples
    --------
    >>> still = Layer([[0.0, 0.0]], [0.0])
    >>> descend_layer(Layer([[1.0, 2.0]], [3.0]), Layer([[1.0, 0.0]], [-1.0]), still, SGD(0.5))[0]
    Layer(w=[[0.5, 2.0]], b=[3.5])
    """
    rows = zip((*layer.w, layer.b), (*gradient.w, gradient.b), (*velocity.w, velocity.b), strict=True)
    moved = [descend(w, g, v, optimizer) for w, g, v in rows]
    *w, b = [new_w for new_w, _ in moved]
    *v_w, v_b = [new_v for _, new_v in moved]
    return Layer(w, b), Layer(v_w, v_b)
