"""The update rules RMSprop and Adagrad.

They divide the derivative of each parameter by the size of its past derivatives, so that parameters with
small and with large derivatives change at a similar rate.
"""

import math

from .descent import Step, rule
from .ranges import settings_must_be

__all__ = ["Adagrad", "RMSprop"]


@rule
class RMSprop:
    """RMSprop: divides the derivative by its running root mean square.

    - v ← αv + (1 - α)g², d = √v + ε
    - if centered, also ḡ ← αḡ + (1 - α)g, and d = √(v - ḡ²) + ε
    - w ← w - ηg/d, or with momentum μ: u ← μu + g/d, w ← w - ηu

    Tieleman, Hinton, Coursera 2012, lecture 6.5. The centered form is from Graves 2013.

    Parameters
    ----------
    learning_rate : float, default 0.01
        Learning rate η.
    alpha : float, default 0.99
        Decay rate α of the running means, in [0, 1).
    epsilon : float, default 1e-8
        Constant ε that prevents division by 0, above 0.
    momentum : float, default 0.0
        Momentum μ, in [0, 1).
    centered : bool, default False
        Whether to divide by the standard deviation instead of the root mean square.

    Examples
    --------
    >>> RMSprop(0.5, alpha=0.75, epsilon=1.0).update(1.0, 1, 2.0, 2.0, *RMSprop().start())  # v = 1, d = 2
    (1.5, 1.0, 0.0, 0.0)
    """

    learning_rate: float = 0.01
    alpha: float = 0.99
    epsilon: float = 1e-8
    momentum: float = 0.0
    centered: bool = False

    def __post_init__(self) -> None:
        settings_must_be("finite and at least 0", self, "learning_rate")
        settings_must_be("finite and above 0", self, "epsilon")
        settings_must_be("in [0, 1)", self, "alpha", "momentum")

    def start(self) -> Step:
        """Return the initial values of v, ḡ and the velocity u."""
        return 0.0, 0.0, 0.0

    def update(self, factor: float, t: int, w: float, g: float, v: float, mean: float, u: float) -> Step:
        """Return the new w, v, ḡ and u."""
        eta, alpha = factor * self.learning_rate, self.alpha
        v = alpha * v + (1 - alpha) * g * g
        variance = v
        if self.centered:
            mean = alpha * mean + (1 - alpha) * g
            variance = max(v - mean * mean, 0.0)  # rounding can make the difference negative
        d = math.sqrt(variance) + self.epsilon
        if self.momentum == 0:
            return w - eta * g / d, v, mean, u
        u = self.momentum * u + g / d
        return w - eta * u, v, mean, u


@rule
class Adagrad:
    """Adagrad: divides the derivative by the root of the sum of all its past squares.

    s ← s + g², w ← w - η_t g/(√s + ε) with η_t = η/(1 + (t - 1) lr_decay). Duchi, Hazan, Singer 2011.

    Parameters
    ----------
    learning_rate : float, default 0.01
        Learning rate η.
    lr_decay : float, default 0.0
        Decay of the learning rate per mini-batch, at least 0.
    initial_accumulator : float, default 0.0
        Initial value of s, at least 0.
    epsilon : float, default 1e-10
        Constant ε that prevents division by 0, above 0.

    Examples
    --------
    >>> Adagrad(0.5, lr_decay=1.0, epsilon=1.0).update(1.0, 2, 1.0, 4.0, 9.0)  # 0.25 * 4 / (5 + 1)
    (0.8333333333333334, 25.0)
    """

    learning_rate: float = 0.01
    lr_decay: float = 0.0
    initial_accumulator: float = 0.0
    epsilon: float = 1e-10

    def __post_init__(self) -> None:
        settings_must_be("finite and at least 0", self, "learning_rate", "lr_decay", "initial_accumulator")
        settings_must_be("finite and above 0", self, "epsilon")

    def start(self) -> Step:
        """Return the initial value of s."""
        return (self.initial_accumulator,)

    def update(self, factor: float, t: int, w: float, g: float, s: float) -> Step:
        """Return the new w and s."""
        eta = factor * self.learning_rate / (1 + (t - 1) * self.lr_decay)
        s += g * g
        return w - eta * g / (math.sqrt(s) + self.epsilon), s
