"""Penalties, decay, clipping and bounds of weights: the arguments of `fit` as the core takes them."""

from __future__ import annotations  # help() then shows PerLayer by its name

import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypedDict, TypeVar

import numpy as np

from localgrad import _core
from localgrad._arguments.check import boolean, real, shown

__all__ = ["Regularization", "penalties_of", "regularized"]

PerLayer: TypeAlias = float | Sequence[float]
F = TypeVar("F", bound=Callable[..., Any])


class Regularization(TypedDict, total=False):
    """The arguments of `penalties_of` as the type of ``**regularization``."""

    l1: PerLayer
    l2: PerLayer
    weight_decay: PerLayer | None
    penalize_biases: bool
    max_norm: float | None
    clip_value: float | None
    clip_norm: float | None


def penalties_of(
    layers: int,
    *,
    l1: PerLayer = 0.0,
    l2: PerLayer = 0.0,
    weight_decay: PerLayer | None = None,
    penalize_biases: bool = False,
    max_norm: float | None = None,
    clip_value: float | None = None,
    clip_norm: float | None = None,
) -> _core.Regularization:
    """Return the settings, checked, for so many layers of weights."""
    return {
        "l1": _per_layer(l1, "l1", layers),
        "l2": _per_layer(l2, "l2", layers),
        "weight_decay": None if weight_decay is None else _per_layer(weight_decay, "weight_decay", layers),
        "penalize_biases": boolean(penalize_biases, "penalize_biases"),
        "max_norm": _bound(max_norm, "max_norm"),
        "clip_value": _bound(clip_value, "clip_value"),
        "clip_norm": _bound(clip_norm, "clip_norm"),
    }


def regularized(function: F) -> F:
    """Show the arguments of `penalties_of` where a function takes ``**regularization``."""
    signature = inspect.signature(function)
    *own, _ = signature.parameters.values()
    own += list(inspect.signature(penalties_of).parameters.values())[1:]
    function.__signature__ = signature.replace(parameters=own)  # type: ignore[attr-defined]
    return function


def _per_layer(value: Any, name: str, layers: int) -> list[float]:
    if not isinstance(value, Sequence | np.ndarray) or np.ndim(value) == 0:
        if isinstance(value, np.ndarray):
            value = value[()]
        return [real(value, name, at_least=0.0)] * layers
    if isinstance(value, str | bytes):
        raise TypeError(f"{name} must be a number or a sequence of numbers, got {shown(value)}")
    if len(value) != layers:
        raise ValueError(
            f"{name} must be a number or hold {layers}, one for each layer of weights, got {len(value)}"
        )
    return [real(one, f"{name}[{i}]", at_least=0.0) for i, one in enumerate(value)]


def _bound(value: Any, name: str) -> float:
    """Return a bound; 0 says that there is none."""
    return 0.0 if value is None else real(value, name, above=0.0)
