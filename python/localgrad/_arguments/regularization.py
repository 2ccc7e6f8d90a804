"""Arguments of regularization: penalties, weight decay, max-norm, clipping and learning rates of layers."""

from __future__ import annotations  # help() then shows PerLayer by its name

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypedDict, TypeVar, cast

import numpy as np

import localgrad._core as _core
from localgrad._arguments.check import boolean, real, shown

F = TypeVar("F", bound=Callable[..., Any])
PerLayer: TypeAlias = float | Sequence[float]


class Regularization(TypedDict, total=False):
    """The type of ``**regularization``."""

    l1: PerLayer
    l2: PerLayer
    weight_decay: PerLayer | None
    penalize_biases: bool
    max_norm: float | None
    clip_value: float | None
    clip_norm: float | None
    weight_lr_factor: PerLayer
    bias_lr_factor: PerLayer
    input_scale_lr_factor: float


_NONE = Regularization(
    l1=0.0,
    l2=0.0,
    weight_decay=None,
    penalize_biases=False,
    max_norm=None,
    clip_value=None,
    clip_norm=None,
    weight_lr_factor=1.0,
    bias_lr_factor=1.0,
    input_scale_lr_factor=1.0,
)

ARGUMENTS = [
    inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=value, annotation=hint.__forward_arg__)
    for (name, hint), value in zip(Regularization.__annotations__.items(), _NONE.values(), strict=True)
]


def regularized(function: F) -> F:
    """Replace ``**regularization`` in the signature of a function by the individual arguments."""
    signature = inspect.signature(function)
    *own, _ = signature.parameters.values()
    function.__signature__ = signature.replace(parameters=[*own, *ARGUMENTS])  # type: ignore[attr-defined]
    return function


def penalties_of(layers: int, arguments: Mapping[str, Any]) -> _core.Regularization:
    """Check the arguments of regularization for `layers` layers of weights, and return them for the core."""
    given: Mapping[str, Any] = _NONE | arguments["regularization"]
    penalties: Any = {name: check(given[name], name, layers) for name, check in CHECKS.items()}
    if "l2_by_rows" in arguments:  # from the estimators only
        penalties["l2_by_rows"] = arguments["l2_by_rows"]
    return cast("_core.Regularization", penalties)


def per_layer(value: Any, name: str, layers: int) -> list[float]:
    """Return one number of at least 0 for each of `layers` layers of weights."""
    if not isinstance(value, Sequence | np.ndarray) or np.ndim(value) == 0:
        if isinstance(value, np.ndarray):  # 0-dimensional: a number
            value = value[()]
        return [real(value, name, at_least=0.0)] * layers
    if isinstance(value, str | bytes):
        raise TypeError(f"{name} must be a number or a sequence of numbers, got {shown(value)}")
    if len(value) != layers:
        raise ValueError(
            f"{name} must be a number or have length {layers}, one number for each layer of weights, "
            f"got length {len(value)}"
        )
    return [real(one, f"{name}[{i}]", at_least=0.0) for i, one in enumerate(value)]


def _decay(value: Any, name: str, layers: int) -> list[float] | None:
    return None if value is None else per_layer(value, name, layers)


def _switch(value: Any, name: str, layers: int) -> bool:
    return boolean(value, name)


def _bound(value: Any, name: str, layers: int) -> float:
    """Return a bound for the core: None becomes 0, which means no bound."""
    return 0.0 if value is None else real(value, name, above=0.0)


def _factor(value: Any, name: str, layers: int) -> float:
    return real(value, name, at_least=0.0)


# Of each argument: check(value, name, layers) returns the value for the core.
CHECKS: dict[str, Callable[..., Any]] = {
    "l1": per_layer,
    "l2": per_layer,
    "weight_decay": _decay,
    "penalize_biases": _switch,
    "max_norm": _bound,
    "clip_value": _bound,
    "clip_norm": _bound,
    "weight_lr_factor": per_layer,
    "bias_lr_factor": per_layer,
    "input_scale_lr_factor": _factor,
}
