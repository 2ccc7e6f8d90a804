"""The metrics by their names, and in which floating-point mode they are computed: not the caller's."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from types import FunctionType
from typing import Any, ParamSpec, TypeVar

import localgrad._core as _core

_P = ParamSpec("_P")
_R = TypeVar("_R")
_T = TypeVar("_T")

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


def made_of(parts: Callable[_P, _T]) -> Callable[[Callable[[_T], float]], Callable[_P, float]]:
    """Let a function of what `parts` returns take the arguments of `parts`."""

    def declare(function: Callable[[_T], float]) -> Callable[_P, float]:
        of: Any = parts  # under the function's name, which errors of a call then give
        of = FunctionType(of.__code__, of.__globals__, function.__name__, of.__defaults__)
        of.__qualname__, of.__kwdefaults__ = function.__name__, parts.__kwdefaults__

        @wraps(function)
        def made(*args: _P.args, **kwargs: _P.kwargs) -> float:
            return function(of(*args, **kwargs))

        shown: Any = made
        shown.__signature__ = signature(parts).replace(return_annotation="float")
        return made

    return declare
