"""The base class of schedules, and functions that evaluate them."""

from __future__ import annotations  # so that help() shows ArrayLike by its name

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self, TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

import localgrad._core as _core
from localgrad._arguments.check import real, shown
from localgrad._arguments.settings import Settings

Times: TypeAlias = NDArray[np.float64]


class Schedule(Settings, ABC):
    """Base class of schedules that depend only on the time.

    Examples
    --------
    >>> import localgrad as lg
    >>> isinstance(lg.schedules.Constant(), lg.schedules.Schedule)
    True
    """

    by_epoch: bool  # declared by each class, as its last field

    @overload
    def __call__(self, epoch: float) -> float: ...
    @overload
    def __call__(self, epoch: ArrayLike) -> Any: ...
    def __call__(self, epoch: ArrayLike) -> Any:
        """Return the factor at a time in epochs, or an array of factors for an array of times.

        Examples
        --------
        >>> import localgrad as lg
        >>> schedule = lg.schedules.Polynomial(10)
        >>> schedule(5)
        0.5
        >>> schedule([0, 5, 10])
        array([1. , 0.5, 0. ])
        """
        times = np.asarray(epoch, np.float64)
        with np.errstate(all="ignore"):  # training raises an error if a factor is infinite or NaN
            values = np.asarray(self._factors(np.floor(times) if self.by_epoch else times))
        return float(values) if times.ndim == 0 else values

    def over(self, epochs: float) -> Self:
        """Return the schedule with ``epochs=None`` replaced by a number of epochs.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.schedules.Polynomial().over(20)
        Polynomial(epochs=20.0, power=1.0, final=0.0, by_epoch=False)
        """
        if getattr(self, "epochs", epochs) is not None:
            return self
        settings: dict[str, Any] = {"epochs": epochs}
        return replace(self, **settings)

    def _velocity_factor(self) -> float:
        """Return the factor by which to multiply the velocity of SGD with momentum before the next epoch."""
        return 1.0

    @abstractmethod
    def _factors(self, times: Times) -> Times:
        """Return the factor at each time."""

    def _progress(self, times: Times, epochs: float | None) -> Times:
        """Return the elapsed fraction of the epochs, at most 1."""
        if epochs is None:
            raise ValueError(
                f"epochs must be a number to call {type(self).__name__}, got None; set it with over(epochs)"
            )
        return np.clip(times / epochs, 0.0, 1.0)


def over(schedule: Callable[[float], float], epochs: float) -> Callable[[float], float]:
    """Return the schedule for a fit of `epochs` epochs; a user-defined function is returned unchanged."""
    return schedule.over(epochs) if isinstance(schedule, Schedule) else schedule


def depends_on_epochs(schedule: Any, before: int, now: int) -> bool:
    """Return whether a schedule's factors differ between fits of `before` and of `now` epochs."""
    if before == now or not isinstance(schedule, Schedule) or min(before, now) < 1:
        return False
    # Compare samples, because a schedule may ignore the number of epochs or use it only in a part of the fit.
    times = np.linspace(0.0, min(before, now), 64, endpoint=False)
    one, other = (np.asarray(schedule.over(epochs)(times)) for epochs in (before, now))
    return not np.array_equal(one, other)


def factors(schedule: Callable[[float], float], times: Times, name: str = "schedule") -> Times:
    """Return the factor at each time; raise ValueError if one is negative or not finite."""
    if isinstance(schedule, Schedule):
        # The factors must not depend on the rounding mode of the caller, because results are bit-identical.
        with _core.DefaultFloatMode():
            values = np.asarray(schedule(times), np.float64)
        if not ((values >= 0) & (values < math.inf)).all():
            worst = int(np.argmin((values >= 0) & (values < math.inf)))
            real(float(values[worst]), f"{name}({times[worst]:g})", at_least=0.0)
        return values
    return np.array([_factor(schedule, float(time), name) for time in times], np.float64)


def _factor(schedule: Callable[[float], float], time: float, name: str) -> float:
    value: Any = schedule(time)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    return real(value, f"{name}({time:g})", at_least=0.0)


def schedule_like(value: Any, name: str) -> Callable[[float], float]:
    """Check that the value is callable and not a class, and return it."""
    if isinstance(value, type) or not callable(value):
        raise TypeError(
            f"{name} must be an object of localgrad.schedules or a function of the time in epochs, "
            f"got {shown(value)}"
        )
    function: Callable[[float], float] = value
    return function
