"""Update rules, and the plain ones: what to do with a gradient once it is known.

Every rule moves each parameter by itself. Its method `update` gets the schedule's factor of the learning
rate, the number t of the mini-batch, from 1, the parameter w, its slope g = ∂C/∂w, from (M), and the numbers
that the rule keeps for this parameter; it returns the new w and the new numbers. `start` gives the first.
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
    """Make a class a frozen dataclass and put it on the list of update rules.

    Examples
    --------
    >>> OPTIMIZERS["SGD"] is SGD
    True
    """
    OPTIMIZERS[kind.__name__] = made = dataclass(frozen=True)(kind)
    return made


@rule
class SGD:
    """Stochastic gradient descent, plain or with momentum.

    - plain: w ← w - ηg
    - with momentum μ: v ← μv + g, then w ← w - ηv
    - with Nesterov's momentum: v ← μv + g, then w ← w - η(g + μv)

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
        """Return the velocity v."""
        return (0.0,)

    def update(self, factor: float, t: int, w: float, g: float, v: float) -> Step:
        """Return w and v."""
        eta, mu = factor * self.learning_rate, self.momentum
        if mu == 0:
            return w - eta * g, v
        v = mu * v + g
        return w - eta * (g + mu * v if self.nesterov else v), v


@rule
class Rprop:
    """Resilient propagation: the sign of the slope alone, and for each parameter a step of its own.

    The step grows while the slope keeps its sign; where it changes, the step shrinks and waits once. For full
    batches. Riedmiller, Braun, "A direct adaptive method for faster backpropagation learning", 1993.

    Parameters
    ----------
    learning_rate : float, default 0.01
        The first step.
    eta_minus, eta_plus : float, default 0.5 and 1.2
        How a step shrinks, in (0, 1), and grows, above 1.
    min_step, max_step : float, default 1e-6 and 50
        Its limits.

    Examples
    --------
    >>> Rprop(0.25).update(1.0, 2, 1.0, 8.0, 4.0, 0.25)  # w, slope, the last slope, step
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
        """Return the last slope and the step."""
        return 0.0, self.learning_rate

    def update(self, factor: float, t: int, w: float, g: float, last: float, step: float) -> Step:
        """Return w, the slope and the step."""
        agreement = sign(g) * sign(last)  # the product of tiny slopes may be 0
        change = self.eta_plus if agreement > 0 else self.eta_minus if agreement < 0 else 1.0
        step = min(max(step * change, self.min_step), self.max_step)
        if agreement < 0:
            g = 0.0
        return w - factor * sign(g) * step, g, step
