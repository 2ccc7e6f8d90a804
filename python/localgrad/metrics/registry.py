"""The metrics by their names, and in which floating-point mode they are computed: not the caller's."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from localgrad import _core

__all__ = ["FUNCTIONS", "HIGHER_IS_BETTER", "in_default_mode", "metric"]

_P = ParamSpec("_P")
_R = TypeVar("_R")

FUNCTIONS: dict[str, Callable[..., float]] = {}
HIGHER_IS_BETTER: dict[str, bool] = {}


def in_default_mode(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Return the function as it computes in the default floating-point mode, as networks do."""

    @wraps(function)
    def computed(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with _core.DefaultFloatMode():
            return function(*args, **kwargs)

    return computed


def metric(*, higher_is_better: bool) -> Callable[[Callable[_P, float]], Callable[_P, float]]:
    """Declare a function of this package to be a metric that names may mean."""

    def declare(function: Callable[_P, float]) -> Callable[_P, float]:
        FUNCTIONS[function.__name__] = computed = in_default_mode(function)
        HIGHER_IS_BETTER[function.__name__] = higher_is_better
        return computed

    return declare
