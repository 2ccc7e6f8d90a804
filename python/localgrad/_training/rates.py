"""The learning rates of one fit."""

import math
from typing import Any

import numpy as np

import localgrad._core as _core
from localgrad.optimizers.base import MiniBatchRule
from localgrad.schedules import ReduceOnPlateau
from localgrad.schedules.argument import AnySchedule
from localgrad.schedules.base import Times, factors, over
from localgrad.schedules.plateau import Tracker


class Rates:
    """The learning rate factors of a schedule for the mini-batches of one fit, one epoch at a time."""

    def __init__(
        self, schedule: AnySchedule | None, rule: MiniBatchRule, epochs: int, steps: int | None
    ) -> None:
        """Start a fit of `epochs` epochs with `steps` mini-batches each, None if unknown."""
        self._pace = (
            schedule.start()
            if isinstance(schedule, ReduceOnPlateau)
            else None
            if schedule is None
            else over(schedule, max(epochs, 1))
        )
        self._learning_rate = getattr(rule, "learning_rate", math.nan)
        self._steps = steps
        self._factors: Times | float = 1.0
        self.last = self._learning_rate  # of the last mini-batch requested

    @property
    def vary(self) -> bool:
        """Whether the learning rate may vary."""
        return self._pace is not None

    def begin(self, epoch: int) -> None:
        """Compute the factors of an epoch, counted from 0 in this fit."""
        if self._pace is None:
            return
        if isinstance(self._pace, Tracker):
            self._factors = self._pace.factor
        elif self._steps is None:  # blocks of unknown length: one factor for the epoch
            self._factors = float(factors(self._pace, np.array([float(epoch)]))[0])
        else:
            with _core.DefaultFloatMode():
                times = epoch + np.arange(self._steps) / self._steps
            self._factors = factors(self._pace, times)

    def part(self, first: int, count: int) -> Times | None:
        """Return the factors of `count` mini-batches of the epoch, None without a schedule."""
        if self._pace is None:
            return None
        values = (
            np.full(count, self._factors)
            if isinstance(self._factors, float)
            else self._factors[first : first + count]
        )
        self.last = self._learning_rate * float(values[-1])
        return values

    def observe(self, logs: dict[str, float]) -> None:
        """Pass the metrics of an epoch to a schedule that follows them."""
        if isinstance(self._pace, Tracker):
            with _core.DefaultFloatMode():
                self._pace.observe(logs)

    def state(self) -> dict[str, Any] | None:
        """Return the state of a schedule that follows metrics, otherwise None."""
        return self._pace.state() if isinstance(self._pace, Tracker) else None

    def set_state(self, state: dict[str, Any] | None) -> None:
        """Restore such a state; a schedule without one starts from the beginning."""
        if isinstance(self._pace, Tracker) and state is not None:
            self._pace.set_state(state)
