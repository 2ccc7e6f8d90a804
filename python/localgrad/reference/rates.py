"""Learning rate schedules: the factor of the learning rate for each mini-batch."""

import math
from collections.abc import Callable, Mapping
from typing import Any


class Rates:
    """The factors of the learning rate in one fit.

    Parameters
    ----------
    schedule : callable or object with `start`, optional
        A function of the time in epochs since the start of the fit: 0, 1/steps, 2/steps and so on. If it has
        a method `over`, it is replaced by ``schedule.over(epochs)``. Or an object whose method `start`
        returns a tracker, such as `localgrad.schedules.ReduceOnPlateau`: the attribute `factor` of the
        tracker is the factor of the next epoch, and its method `observe` is called with the cost and metrics
        after each epoch.
    epochs : int
        Number of epochs of the fit.

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
        start = getattr(schedule, "start", None)  # in other schedules, `start` is a number
        self._tracker: Any = start() if callable(start) else None
        self._schedule: Callable[[float], float] | None = None
        if self._tracker is None and schedule is not None:
            if not callable(schedule):
                raise TypeError(f"schedule must be a callable or have a method start, got {schedule!r}")
            self._schedule = schedule

    def of_epoch(self, done: int, steps: int) -> list[float]:
        """Return the factors of the mini-batches of an epoch, after `done` epochs."""
        if self._tracker is not None:
            factors = [float(self._tracker.factor)] * steps
        elif self._schedule is not None:
            factors = [float(self._schedule(done + step / steps)) for step in range(steps)]
        else:
            factors = [1.0] * steps
        for factor in factors:
            if not 0 <= factor < math.inf:
                raise ValueError(f"schedule must return factors finite and at least 0, got {factor}")
        return factors

    def observe(self, logs: Mapping[str, float]) -> None:
        """Pass the cost and metrics of an epoch to the schedule, if it depends on them."""
        if self._tracker is not None:
            self._tracker.observe(dict(logs))
