"""The update rules SGD and Rprop, and what all update rules have in common.

An update rule changes each parameter w independently of the others, using its derivative g = ∂C/∂w from (M).
Each rule has two methods:

- `start` returns the initial state of one parameter, a tuple of numbers such as its velocity;
- `update` takes the factor of the learning rate schedule, the number t = 1, 2, ... of the mini-batch, w, g
  and the state, and returns the new w followed by the new state.
"""

from dataclasses import dataclass
from typing import Any, TypeVar, dataclass_transform

from .ranges import settings_must_be
from .regression import sign

__all__ = ["SGD", "Rprop"]

Step = tuple[float, ...]
R = TypeVar("R")

OPTIMIZERS: dict[str, Any] = {}


@dataclass_transform(frozen_default=True)
def rule(kind: type[R]) -> type[R]:
    """Make a class a frozen dataclass and register it in `OPTIMIZERS`.

    Examples
    --------
    >>> OPTIMIZERS["SGD"] is SGD
    True
    """
    OPTIMIZERS[kind.__name__] = made = dataclass(frozen=True)(kind)
    return made


@rule
class SGD:
    """Stochastic gradient descent, optionally with momentum.

    - without momentum: w ← w - ηg
    - with momentum μ: v ← μv + g, then w ← w - ηv
    - with Nesterov momentum μ: v ← μv + g, then w ← w - η(g + μv)

    The velocity v is a sum of past gradients with decreasing weights. It averages out directions that
    alternate between mini-batches and builds up speed in directions that stay the same.

    Parameters
    ----------
    learning_rate : float, default 0.1
        Learning rate η, finite and at least 0.
    momentum : float, default 0.0
        Momentum μ, in [0, 1).
    nesterov : bool, default False
        Whether to use Nesterov momentum. Requires a momentum above 0.

    Raises
    ------
    ValueError
        If a setting is out of range.

    Examples
    --------
    >>> SGD(0.5)
    SGD(learning_rate=0.5, momentum=0.0, nesterov=False)
    >>> SGD(0.25, momentum=0.5).update(1.0, 1, 1.0, 2.0, 4.0)
    (0.0, 4.0)
    """

    learning_rate: float = 0.1
    momentum: float = 0.0
    nesterov: bool = False

    def __post_init__(self) -> None:
        settings_must_be("finite and at least 0", self, "learning_rate")
        settings_must_be("in [0, 1)", self, "momentum")
        if self.nesterov and self.momentum == 0:
            raise ValueError(f"momentum must be above 0 for nesterov=True, got {self.momentum}")

    def start(self) -> Step:
        """Return the initial velocity v."""
        return (0.0,)

    def update(self, factor: float, t: int, w: float, g: float, v: float) -> Step:
        """Return the new w and v."""
        eta, mu = factor * self.learning_rate, self.momentum
        if mu == 0:
            return w - eta * g, v
        v = mu * v + g
        return w - eta * (g + mu * v if self.nesterov else v), v


@rule
class Rprop:
    """Resilient backpropagation (Rprop): a separate step size for each parameter.

    Only the sign of the derivative g is used, not its size. The step size grows as long as g keeps its sign.
    If the sign changes, the last step went past a minimum: the step size shrinks, and the parameter is not
    changed in this step. Intended for full batches. Riedmiller, Braun, "A direct adaptive method for faster
    backpropagation learning", 1993.

    Parameters
    ----------
    learning_rate : float, default 0.01
        Initial step size.
    eta_minus, eta_plus : float, default 0.5 and 1.2
        Factors by which a step size shrinks, in (0, 1), and grows, above 1.
    min_step, max_step : float, default 1e-6 and 50
        Minimum and maximum step size.

    Examples
    --------
    >>> Rprop(0.25).update(1.0, 2, 1.0, 8.0, 4.0, 0.25)  # w, g, previous g, step size
    (0.7, 8.0, 0.3)
    >>> Rprop(0.25).update(1.0, 2, 1.0, -8.0, 4.0, 0.25)
    (1.0, 0.0, 0.125)
    """

    learning_rate: float = 0.01
    eta_minus: float = 0.5
    eta_plus: float = 1.2
    min_step: float = 1e-6
    max_step: float = 50.0

    def __post_init__(self) -> None:
        settings_must_be("finite and at least 0", self, "learning_rate")
        settings_must_be("finite and above 0", self, "min_step", "max_step")
        settings_must_be("in (0, 1)", self, "eta_minus")
        settings_must_be("finite and above 1", self, "eta_plus")
        if self.min_step > self.max_step:
            raise ValueError(f"min_step must be at most max_step {self.max_step}, got {self.min_step}")

    def start(self) -> Step:
        """Return the initial values of the previous g and the step size."""
        return 0.0, self.learning_rate

    def update(self, factor: float, t: int, w: float, g: float, last: float, step: float) -> Step:
        """Return the new w, g and the step size."""
        agreement = sign(g) * sign(last)  # g * last could be rounded to 0
        change = self.eta_plus if agreement > 0 else self.eta_minus if agreement < 0 else 1.0
        step = min(max(step * change, self.min_step), self.max_step)
        if agreement < 0:
            g = 0.0  # no step now; and in the next step, the signs count as neither equal nor opposite
        return w - factor * sign(g) * step, g, step
