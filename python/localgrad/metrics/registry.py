"""The registry of metrics by name, and the floating-point mode in which they are computed."""

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
    """Wrap a function so that it runs in the default floating-point mode, as networks do.

    The caller may have changed the rounding mode or enabled flushing of denormals; results must not depend on
    it.
    """

    @wraps(function)
    def computed(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with _core.DefaultFloatMode():
            return function(*args, **kwargs)

    return computed


def metric(*, higher_is_better: bool) -> Callable[[Callable[_P, float]], Callable[_P, float]]:
    """Register a function of this package as a metric that can be used by name."""

    def declare(function: Callable[_P, float]) -> Callable[_P, float]:
        FUNCTIONS[function.__name__] = computed = in_default_mode(function)
        HIGHER_IS_BETTER[function.__name__] = higher_is_better
        return computed

    return declare


def made_of(parts: Callable[_P, _T]) -> Callable[[Callable[[_T], float]], Callable[_P, float]]:
    """Turn a function of the result of `parts` into one with the arguments of `parts`."""

    def declare(function: Callable[[_T], float]) -> Callable[_P, float]:
        of: Any = parts  # renamed to the function's name, so that errors about its arguments show that name
        of = FunctionType(of.__code__, of.__globals__, function.__name__, of.__defaults__)
        of.__qualname__, of.__kwdefaults__ = function.__name__, parts.__kwdefaults__

        @wraps(function)
        def made(*args: _P.args, **kwargs: _P.kwargs) -> float:
            return function(of(*args, **kwargs))

        shown: Any = made
        shown.__signature__ = signature(parts).replace(return_annotation="float")
        return made

    return declare
