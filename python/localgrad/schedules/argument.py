"""What the argument `schedule` of fit means."""

from collections.abc import Callable
from typing import Any, TypeAlias

from localgrad.schedules.base import schedule_like
from localgrad.schedules.plateau import ReduceOnPlateau

AnySchedule: TypeAlias = Callable[[float], float] | ReduceOnPlateau


def fit_schedule(schedule: Any, *, validation: bool) -> AnySchedule | None:
    """Return a schedule that fits the numbers which are measured."""
    if schedule is None:
        return None
    if not isinstance(schedule, ReduceOnPlateau):
        return schedule_like(schedule, "schedule")
    if schedule.monitor == "val_cost" and not validation:
        raise ValueError("schedule must monitor 'cost' where there is no validation, got 'val_cost'")
    return schedule
