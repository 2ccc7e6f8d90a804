"""The argument `schedule` of `fit`."""

from collections.abc import Callable
from typing import Any, TypeAlias

from localgrad.schedules.base import schedule_like
from localgrad.schedules.plateau import ReduceOnPlateau

AnySchedule: TypeAlias = Callable[[float], float] | ReduceOnPlateau


def fit_schedule(schedule: Any, *, validation: bool) -> AnySchedule | None:
    """Check the argument and return it; `validation` is whether the fit has validation data."""
    if schedule is None:
        return None
    if not isinstance(schedule, ReduceOnPlateau):
        return schedule_like(schedule, "schedule")
    if schedule.monitor == "val_cost" and not validation:
        raise ValueError("schedule must monitor 'cost' without validation data, got 'val_cost'")
    return schedule
