"""The scheduled settings of one fit, such as the learning rate."""

import math
from typing import Any

import numpy as np

import localgrad._core as _core
from localgrad._model.model import Model
from localgrad._training.recipe import Recipe
from localgrad.schedules import ReduceOnPlateau
from localgrad.schedules.argument import AnySchedule, named
from localgrad.schedules.base import Schedule, Times, factors, over
from localgrad.schedules.plateau import Tracker

_REQUIRED = {
    "dropout": "dropout or input_dropout of the network above 0",
    "weight_decay": "weight_decay above 0, of fit or of the optimizer",
    "label_smoothing": "a cost with label smoothing, such as 'cross_entropy(0.1)'",
}


def check_schedules(model: Model, recipe: Recipe) -> None:
    """Raise a ValueError for a schedule of a setting that is 0."""
    values = _values(model, recipe)
    for name in recipe.schedules:
        if name in _REQUIRED and not values[name]:
            raise ValueError(f"{named(name)} requires {_REQUIRED[name]}")


def _values(model: Model, recipe: Recipe) -> dict[str, float]:
    """Return the settings that can be scheduled; the largest number of those that have several."""
    rule, decay = recipe.rule, recipe.penalties["weight_decay"]
    smooth = "cross_entropy(" in model.cost
    return {
        "learning_rate": getattr(rule, "learning_rate", math.nan),
        "dropout": max(*model.dropout, model.options["input_dropout"], 0.0),
        "weight_decay": getattr(rule, "weight_decay", 0.0) if decay is None else max(decay),
        "label_smoothing": float(model.cost.partition("(")[2].rstrip(")")) if smooth else 0.0,
    }


class Rates:
    """The factors of the scheduled settings for the mini-batches of one fit, one epoch at a time."""

    def __init__(self, model: Model, recipe: Recipe) -> None:
        values, steps = _values(model, recipe), recipe.feed.mini_batches
        self.learning_rate = values["learning_rate"]
        self._paces = {
            name: _Pace(name, schedule, values[name], recipe.epochs, steps)
            for name, schedule in recipe.schedules.items()
        }

    @property
    def vary(self) -> bool:
        """Whether a setting may vary."""
        return bool(self._paces)

    def begin(self, epoch: int) -> None:
        """Compute the factors of an epoch, counted from 0 in this fit."""
        for pace in self._paces.values():
            pace.begin(epoch)

    def velocity_factor(self) -> float:
        """Return the factor by which to multiply the velocity of SGD with momentum before the epoch."""
        pace = self._paces["learning_rate"].pace if "learning_rate" in self._paces else None
        return pace._velocity_factor() if isinstance(pace, Schedule) else 1.0

    def part(self, first: int, count: int) -> dict[str, Times]:
        """Return the factors of `count` mini-batches of the epoch, for each scheduled setting."""
        return {name: pace.factors(first, count) for name, pace in self._paces.items()}

    def used(self, mini_batch: int) -> dict[str, float]:
        """Return the scheduled settings of a mini-batch of the epoch, counted from 0."""
        return {
            name: pace.value * float(pace.factors(mini_batch, 1)[0]) for name, pace in self._paces.items()
        }

    def observe(self, logs: dict[str, float]) -> None:
        """Pass the metrics of an epoch to the schedules that follow them."""
        for tracker in self._trackers().values():
            with _core.DefaultFloatMode():
                tracker.observe(logs)

    def state(self) -> dict[str, Any] | None:
        """Return the states of the schedules that follow metrics, None if there are none."""
        states = {name: tracker.state() for name, tracker in self._trackers().items()}
        # The state of the learning rate is not nested, as in files of older versions.
        return {**states.pop("learning_rate", {}), **states} or None

    def set_state(self, state: dict[str, Any] | None) -> None:
        """Restore such states; a schedule without one starts from the beginning."""
        trackers = self._trackers()
        for name, tracker in trackers.items():
            own = (state or {}).get(name)
            if name == "learning_rate":
                own = {key: one for key, one in (state or {}).items() if key not in _REQUIRED}
            if own:
                tracker.set_state(own)

    def _trackers(self) -> dict[str, Tracker]:
        paces = {name: pace.pace for name, pace in self._paces.items()}
        return {name: pace for name, pace in paces.items() if isinstance(pace, Tracker)}


class _Pace:
    """The factors of one setting; `value` is the setting without a schedule."""

    def __init__(
        self, name: str, schedule: AnySchedule, value: float, epochs: int, steps: int | None
    ) -> None:
        """Start a fit of `epochs` epochs with `steps` mini-batches each, None if unknown."""
        self.pace = (
            schedule.start() if isinstance(schedule, ReduceOnPlateau) else over(schedule, max(epochs, 1))
        )
        self.value = value
        self._name = named(name)
        self._steps = steps
        self._factors: Times | float = 1.0

    def begin(self, epoch: int) -> None:
        """Compute the factors of an epoch."""
        if isinstance(self.pace, Tracker):
            self._factors = self.pace.factor
        elif self._steps is None:  # blocks of unknown length: one factor for the epoch
            self._factors = float(factors(self.pace, np.array([float(epoch)]), self._name)[0])
        else:
            with _core.DefaultFloatMode():
                times = epoch + np.arange(self._steps) / self._steps
            self._factors = factors(self.pace, times, self._name)

    def factors(self, first: int, count: int) -> Times:
        """Return the factors of `count` mini-batches of the epoch."""
        if isinstance(self._factors, float):
            return np.full(count, self._factors)
        return self._factors[first : first + count]
