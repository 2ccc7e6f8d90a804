"""Application of an update rule to all parameters of a network."""

import math
from collections.abc import Sequence
from typing import Any

from . import adam, adaptive  # noqa: F401  importing them fills OPTIMIZERS
from .descent import OPTIMIZERS, Step
from .layout import flatten, unflatten
from .matrix import Vector
from .regularization import Regularization
from .steps import Layer


def rule_of(optimizer: Any) -> Any:
    """Return the update rule for an optimizer, by the name of its class.

    Parameters
    ----------
    optimizer : SGD or another update rule
        An object of this package, or any object whose class has the same name and settings, such as the
        optimizers of `localgrad.optimizers`.

    Returns
    -------
    class
        Class in `OPTIMIZERS` whose methods can be called with `optimizer` as `self`.

    Raises
    ------
    TypeError
        If the name of the class is not in `OPTIMIZERS`.

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
    """Gradient descent in one fit, including the state of the update rule.

    Parameters
    ----------
    optimizer : SGD or another update rule
        The update rule and its settings.
    regularization : Regularization
        Penalties, weight decay and limits.
    sizes : sequence of int
        Widths of the layers.

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

    def step(
        self, layers: Sequence[Layer], gradients: Sequence[Layer], factor: float = 1.0, decay: float = 1.0
    ) -> list[Layer]:
        """Update every parameter once.

        Parameters
        ----------
        layers : sequence of Layer
            Weights and biases.
        gradients : sequence of Layer
            Partial derivatives of C with respect to them, from (M).
        factor, decay : float, default 1.0
            Factors of the learning rate and of the weight decay from the schedules.

        Returns
        -------
        list of Layer
            The new weights and biases.
        """
        # The order is: penalties and clipping of the gradient, weight decay, update, max-norm.
        w = flatten(layers)
        g = self._regularization.of_gradient(flatten(gradients), w)
        w = self._regularization.before_update(w, factor * self.learning_rate * decay)
        return self._regularization.after_update(unflatten(self._update(w, g, factor), self._sizes))

    @property
    def finite(self) -> bool:
        """Whether the state of the update rule is finite. Squares can overflow even if g does not."""
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
