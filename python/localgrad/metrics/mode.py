"""Metrics are computed in the default floating-point mode, as networks are, whatever the caller's."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from localgrad import _core

__all__ = ["in_default_mode"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


def in_default_mode(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Return the function as it computes in the default floating-point mode."""

    @wraps(function)
    def computed(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with _core.DefaultFloatMode():
            return function(*args, **kwargs)

    return computed
