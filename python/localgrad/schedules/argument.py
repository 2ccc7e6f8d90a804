"""The argument `schedule` of `fit`."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from localgrad._arguments.check import choice
from localgrad.schedules.base import schedule_like
from localgrad.schedules.plateau import ReduceOnPlateau

AnySchedule: TypeAlias = Callable[[float], float] | ReduceOnPlateau

SCHEDULED = ("learning_rate", "dropout", "weight_decay", "label_smoothing")  # settings, by history key


def fit_schedules(schedule: Any, called: str = "schedule", *, validation: bool) -> dict[str, AnySchedule]:
    """Check the argument and return the schedule of each setting.

    `validation` is whether the fit has validation data.
    """
    if schedule is None:
        return {}
    if not isinstance(schedule, Mapping):
        schedule = {"learning_rate": schedule}
    given = {choice(name, f"a key of {called}", SCHEDULED): one for name, one in schedule.items()}
    return {
        name: _checked(given[name], named(name, called), validation) for name in SCHEDULED if name in given
    }


def named(name: str, called: str = "schedule") -> str:
    """Return the name of a schedule in error messages."""
    return called if name == "learning_rate" else f"{called}[{name!r}]"


def _checked(schedule: Any, name: str, validation: bool) -> AnySchedule:
    if not isinstance(schedule, ReduceOnPlateau):
        return schedule_like(schedule, name)
    if schedule.monitor == "val_cost" and not validation:
        raise ValueError(f"{name} must monitor 'cost' without validation data, got 'val_cost'")
    return schedule
