"""A gentle beginning, and then another schedule."""

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
        raise TypeError(f"{name} must be a schedule that depends on the time alone, got {shown(value)}")
    return schedule_like(value, name)


@settings
class Warmup(Schedule):
    """Rises in a straight line from `start` to 1, then follows another schedule, whose time begins there.

    Parameters
    ----------
    epochs : float
        How long it rises, finite and above 0.
    then : schedule or callable, default Constant()
        What follows, called with the time since the end of the rise; not a `ReduceOnPlateau`. Where it says
        ``epochs=None``, that means the rest of the fit.
    start : float, default 0.0
        The first factor, finite and at least 0.
    by_epoch : bool, default False
        Whether to round the time down to whole epochs.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be.

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
        """Return this schedule for a fit of `epochs` epochs: `then` takes what is left of them.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.schedules.Warmup(2, lg.schedules.Polynomial()).over(10).then.epochs
        8.0
        """
        rest = epochs - self.epochs
        # A fit that ends within the rise never asks what follows.
        return replace(self, then=over(self.then, rest)) if rest > 0 else replace(self, then=Constant())

    def _factors(self, times: Times) -> Times:
        flat = np.ravel(times)
        values = self.start + (1.0 - self.start) * flat / self.epochs
        after = flat >= self.epochs
        values[after] = factors(self.then, flat[after] - self.epochs)
        return values.reshape(np.shape(times))
