"""Application of an update rule to all parameters of a network."""

import math
from collections.abc import Sequence
from itertools import compress
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
    lr_factor : vector
        Factor of the learning rate for each parameter. Parameters with factor 0 are frozen: they are left out
        of everything here, including the norm of the gradient.

    Examples
    --------
    >>> from localgrad.reference import SGD
    >>> descent = Descent(SGD(0.5), Regularization(), [2, 1], lr_factor=[1.0, 1.0, 1.0])
    >>> descent.step([Layer([[1.0, 2.0]], [3.0])], [Layer([[1.0, 0.0]], [-1.0])])
    [Layer(w=[[0.5, 2.0]], b=[3.5])]
    """

    def __init__(
        self,
        optimizer: Any,
        regularization: Regularization,
        sizes: Sequence[int],
        lr_factor: Vector,
    ) -> None:
        self._rule = rule_of(optimizer)
        self._optimizer = optimizer
        self.learning_rate: float = optimizer.learning_rate
        self._trained = [f > 0 for f in lr_factor]
        self._lr_factor = list(compress(lr_factor, self._trained))
        self._weights_trained = [any(map(any, factors.w)) for factors in unflatten(lr_factor, sizes)]
        self._regularization = regularization.of_some(self._trained)
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
        w = list(compress(flatten(layers), self._trained))
        g = self._regularization.of_gradient(list(compress(flatten(gradients), self._trained)), w)
        factors = [factor * f for f in self._lr_factor]
        w = self._regularization.before_update(w, [f * self.learning_rate * decay for f in factors])
        moved = iter(self._update(w, g, factors))
        new = [
            next(moved) if trained else old
            for old, trained in zip(flatten(layers), self._trained, strict=True)
        ]
        updated = unflatten(new, self._sizes)
        bounded = self._regularization.after_update(updated)
        which = zip(bounded, updated, self._weights_trained, strict=True)
        return [one if trained else other for one, other, trained in which]

    @property
    def finite(self) -> bool:
        """Whether the state of the update rule is finite. Squares can overflow even if g does not."""
        return all(math.isfinite(v) for kept in self._kept for v in kept)

    def _update(self, w: Vector, g: Vector, factors: Vector) -> Vector:
        rule, optimizer = self._rule, self._optimizer
        if self._t == 0:
            self._kept = [rule.start(optimizer)] * len(w)
        self._t += 1
        moved = [
            rule.update(optimizer, factor, self._t, w_k, g_k, *kept)
            for w_k, g_k, factor, kept in zip(w, g, factors, self._kept, strict=True)
        ]
        self._kept = [tuple(kept) for _, *kept in moved]
        return [w_k for w_k, *_ in moved]
