"""What a schedule makes of the learning rate: a factor before each mini-batch."""

import math
from collections.abc import Callable, Mapping
from typing import Any


class Rates:
    """The factors of one fit.

    Parameters
    ----------
    schedule : callable or object with `start`, optional
        A function of the epochs done since the start of the fit, a fraction: 0, 1/steps, 2/steps and so on.
        If it has a method `over`, that of the fit's epochs gives the function. Or an object whose method
        `start` gives a tracker: its `factor` holds for the coming epoch, and its method `observe` is told of
        the numbers of an epoch after it.
    epochs : int
        How many there will be.

    Examples
    --------
    >>> Rates(lambda epoch: 0.5**epoch, epochs=2).of_epoch(1, steps=2)
    [0.5, 0.3535533905932738]
    >>> Rates(None, epochs=2).of_epoch(1, steps=2)
    [1.0, 1.0]
    """

    def __init__(self, schedule: Any, epochs: int) -> None:
        if hasattr(schedule, "over"):
            schedule = schedule.over(max(epochs, 1))
        start = getattr(schedule, "start", None)  # of some schedules a number
        self._tracker: Any = start() if callable(start) else None
        self._schedule: Callable[[float], float] | None = None
        if self._tracker is None and schedule is not None:
            if not callable(schedule):
                raise TypeError(f"schedule must be a callable or have a method start, got {schedule!r}")
            self._schedule = schedule

    def of_epoch(self, done: int, steps: int) -> list[float]:
        """Return the factor of each of an epoch's mini-batches, when so many epochs are done."""
        if self._tracker is not None:
            factors = [float(self._tracker.factor)] * steps
        elif self._schedule is not None:
            factors = [float(self._schedule(done + step / steps)) for step in range(steps)]
        else:
            factors = [1.0] * steps
        for factor in factors:
            if not 0 <= factor < math.inf:
                raise ValueError(f"schedule must give factors finite and at least 0, got {factor}")
        return factors

    def observe(self, logs: Mapping[str, float]) -> None:
        """Tell the schedule what came of an epoch, if it wants to know."""
        if self._tracker is not None:
            self._tracker.observe(dict(logs))
