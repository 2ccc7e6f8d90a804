"""Schedules: the factor of the learning rate, or of another setting, for each mini-batch."""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Factors(NamedTuple):
    """The factors of one mini-batch."""

    learning_rate: float = 1.0
    dropout: float = 1.0
    weight_decay: float = 1.0
    label_smoothing: float = 1.0


class Schedules:
    """The schedules of one fit.

    Parameters
    ----------
    schedule : mapping or schedule, optional
        Schedules, as described in `Rates`, for some of the fields of `Factors`; or that of the learning rate.
    values : mapping
        The settings, by the same names; the largest number of those that have several.
    epochs : int
        Number of epochs of the fit.

    Examples
    --------
    >>> schedules = Schedules({"dropout": lambda epoch: 0.5**epoch}, {"dropout": 0.5}, epochs=2)
    >>> schedules.of_epoch(1, steps=2)[0]
    Factors(learning_rate=1.0, dropout=0.5, weight_decay=1.0, label_smoothing=1.0)
    >>> schedules.used(schedules.of_epoch(1, steps=2)[0])
    {'dropout': 0.25}
    """

    def __init__(self, schedule: Any, values: Mapping[str, float], epochs: int) -> None:
        if schedule is None:
            schedule = {}
        elif not isinstance(schedule, Mapping):
            schedule = {"learning_rate": schedule}
        for name in schedule:
            if name not in Factors._fields:
                raise ValueError(f"schedule must have keys {', '.join(Factors._fields)}, got {name!r}")
            if name != "learning_rate" and not values[name]:
                raise ValueError(f"schedule[{name!r}] requires {name} above 0, got {values[name]}")
        self._values = values
        self._rates = {name: Rates(one, epochs) for name, one in schedule.items()}

    def of_epoch(self, done: int, steps: int) -> list[Factors]:
        """Return the factors of the mini-batches of an epoch, after `done` epochs."""
        columns = {name: rates.of_epoch(done, steps) for name, rates in self._rates.items()}
        return [Factors(**{name: column[step] for name, column in columns.items()}) for step in range(steps)]

    def used(self, factors: Factors) -> dict[str, float]:
        """Return the scheduled settings in a mini-batch with these factors."""
        return {name: getattr(factors, name) * self._values[name] for name in self._rates}

    def observe(self, logs: Mapping[str, float]) -> None:
        """Pass the cost and metrics of an epoch to the schedules that depend on them."""
        for rates in self._rates.values():
            rates.observe(logs)


class Rates:
    """The factors of one setting in one fit.

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
