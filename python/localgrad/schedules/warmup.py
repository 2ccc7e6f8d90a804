"""A linear warmup before another schedule."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self

import numpy as np

from localgrad._arguments.check import shown
from localgrad._arguments.settings import checked, flag, number, settings
from localgrad.schedules.base import Schedule, Times, factors, over, schedule_like
from localgrad.schedules.decay import Constant
from localgrad.schedules.plateau import ReduceOnPlateau

_CONSTANT = Constant()


def _follower(value: Any, name: str) -> Callable[[float], float]:
    if isinstance(value, ReduceOnPlateau):
        raise TypeError(f"{name} must be a schedule that depends only on the time, got {shown(value)}")
    return schedule_like(value, name)


@settings
class Warmup(Schedule):
    """Linear warmup from `start` to 1, followed by another schedule.

    Parameters
    ----------
    epochs : float
        Duration of the warmup in epochs, finite and above 0.
    then : schedule or callable, default Constant()
        Schedule after the warmup, called with the time since the end of the warmup. If it has
        ``epochs=None``, it lasts for the remaining epochs of the fit. `ReduceOnPlateau` is not supported.
    start : float, default 0.0
        Initial factor, finite and at least 0.
    by_epoch : bool, default False
        Whether to round the time down to whole epochs.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid.

    References
    ----------
    Goyal et al., "Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour", 2017.

    Examples
    --------
    >>> import localgrad as lg
    >>> schedule = lg.schedules.Warmup(2, then=lg.schedules.Cosine())
    >>> schedule.over(12)([0, 1, 2, 7, 12]).round(3)
    array([0. , 0.5, 1. , 0.5, 0. ])
    """

    epochs: float = number(above=0.0)
    then: Callable[[float], float] = checked(_follower, _CONSTANT)
    start: float = number(0.0, at_least=0.0)
    by_epoch: bool = flag(kw_only=True)

    def over(self, epochs: float) -> Self:
        """Return the schedule for a number of epochs, including the warmup; `then` lasts for the rest.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.schedules.Warmup(2, lg.schedules.Polynomial()).over(10).then.epochs
        8.0
        """
        rest = epochs - self.epochs
        # A fit that ends during the warmup never calls `then`.
        return replace(self, then=over(self.then, rest)) if rest > 0 else replace(self, then=Constant())

    def _factors(self, times: Times) -> Times:
        flat = np.ravel(times)
        values = self.start + (1.0 - self.start) * flat / self.epochs
        after = flat >= self.epochs
        values[after] = factors(self.then, flat[after] - self.epochs)
        return values.reshape(np.shape(times))
