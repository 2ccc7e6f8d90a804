"""How a step of an update rule is taken with all parameters."""

import math
from collections.abc import Sequence
from typing import Any

from . import adam, adaptive  # noqa: F401  they put their rules into OPTIMIZERS
from .descent import OPTIMIZERS, Step
from .layout import flatten, unflatten
from .matrix import Vector
from .regularization import Regularization
from .steps import Layer


def rule_of(optimizer: Any) -> Any:
    """Find the update rule of an object with its settings, by the name of the object's class.

    Parameters
    ----------
    optimizer : SGD or the like
        One of this package or any other with the same name and settings, such as those of the core.

    Returns
    -------
    class
        Whose methods take the object in the place of `self`.

    Raises
    ------
    TypeError
        If no class of the object has a name in `OPTIMIZERS`.

    Examples
    --------
    >>> from localgrad.reference import SGD
    >>> rule_of(SGD(0.5)).__name__
    'SGD'
    """
    for kind in type(optimizer).__mro__:
        if kind.__name__ in OPTIMIZERS:
            return OPTIMIZERS[kind.__name__]
    raise TypeError(f"optimizer must be one of {', '.join(OPTIMIZERS)}, got {optimizer!r}")


class Descent:
    """The steps of one fit, and what the update rule remembers from one to the next.

    Parameters
    ----------
    optimizer : SGD or the like
        The settings.
    regularization : Regularization
        Penalties and limits.
    sizes : sequence of int
        The widths of the layers.

    Examples
    --------
    >>> from localgrad.reference import SGD
    >>> descent = Descent(SGD(0.5), Regularization(), [2, 1])
    >>> descent.step([Layer([[1.0, 2.0]], [3.0])], [Layer([[1.0, 0.0]], [-1.0])])
    [Layer(w=[[0.5, 2.0]], b=[3.5])]
    """

    def __init__(self, optimizer: Any, regularization: Regularization, sizes: Sequence[int]) -> None:
        self._rule = rule_of(optimizer)
        self._optimizer = optimizer
        self.learning_rate: float = optimizer.learning_rate
        self._regularization = regularization
        self._sizes = sizes
        self._t = 0
        self._kept: list[Step] = []

    def step(self, layers: Sequence[Layer], gradients: Sequence[Layer], factor: float = 1.0) -> list[Layer]:
        """Take one step with every parameter.

        Parameters
        ----------
        layers : sequence of Layer
            All weights and biases.
        gradients : sequence of Layer
            Their partial derivatives of C, from (M).
        factor : float, default 1.0
            What the schedule multiplies the learning rate by.

        Returns
        -------
        list of Layer
            The new ones.
        """
        w = flatten(layers)
        g = self._regularization.of_gradient(flatten(gradients), w)
        w = self._regularization.before_update(w, factor * self.learning_rate)
        return self._regularization.after_update(unflatten(self._update(w, g, factor), self._sizes))

    @property
    def finite(self) -> bool:
        """Whether all that the rule remembers is: a square may overflow though its slope does not."""
        return all(math.isfinite(v) for kept in self._kept for v in kept)

    def _update(self, w: Vector, g: Vector, factor: float) -> Vector:
        rule, optimizer = self._rule, self._optimizer
        if self._t == 0:
            self._kept = [rule.start(optimizer)] * len(w)
        self._t += 1
        moved = [
            rule.update(optimizer, factor, self._t, w_k, g_k, *kept)
            for w_k, g_k, kept in zip(w, g, self._kept, strict=True)
        ]
        self._kept = [tuple(kept) for _, *kept in moved]
        return [w_k for w_k, *_ in moved]
