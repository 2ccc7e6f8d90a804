"""What a pickle holds of a network, and the network again: checked as a file is."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from localgrad import _core
from localgrad._check import MAX_COUNT, integer, shown
from localgrad._functions import CustomCost
from localgrad._parameters import assign
from localgrad.history import History

__all__ = ["MADE_ANEW", "NATIVE", "Native", "arguments_of", "described", "restored"]

Native: TypeAlias = _core.Network32 | _core.Network64

NATIVE: dict[str, type[Native]] = {"float32": _core.Network32, "float64": _core.Network64}

_ARGUMENTS = range(6, 11)  # how many the native networks take; the last have defaults, as before they came
MADE_ANEW = ("_native", "_guard", "_stream", "_sizes", "_dtype")


def arguments_of(native: Native, seed: int) -> tuple[Any, ...]:
    """Return what the core makes such a network from, with any seed."""
    return (
        native.sizes,
        native.activation,
        native.output,
        native.cost,
        native.init,
        seed,
        native.dropout,
        native.input_dropout,
        native.input_noise,
        native.input_scale,
    )


def described(native: Native) -> dict[str, Any]:
    """Return what `restored` needs to make the network again."""
    return {
        "dtype": native.parameters.dtype.name,
        "arguments": arguments_of(native, native.seed),
        "init_given": native.init_given,
        "feature_names": native.feature_names,
        "epochs": native.epochs,
        "parameters": native.parameters.copy(),
    }


def restored(state: Any) -> tuple[dict[str, Any], Native, CustomCost | None]:
    """Return the attributes in a pickled state, the network that it describes, and its cost function."""
    rest = dict(_of_kind(state, Mapping, "the state of a network"))
    described = _of_kind(rest.pop("_network", None), Mapping, "_network in the state of a network")
    missing = [key for key in ("dtype", "arguments", "epochs", "parameters") if key not in described]
    if missing:
        raise ValueError(f"the state of a network must have {', '.join(map(repr, missing))}, got none")
    _of_kind(rest.get("history"), History, "history in the state of a network")
    for name in MADE_ANEW:
        rest.pop(name, None)
    cost_function = rest.pop("_cost_function", None)
    if cost_function is not None and not callable(cost_function):
        raise TypeError(f"cost in the state of a network must be callable, got {shown(cost_function)}")
    native = _native(described)
    initial = rest.get("_initial")
    if initial is not None:  # what `reset` puts back
        assign(native.parameters.copy(), initial, "_initial in the state of a network")
    return rest, native, cost_function


def _native(described: Mapping[str, Any]) -> Native:
    dtype, arguments = described["dtype"], described["arguments"]
    if not isinstance(dtype, str) or dtype not in NATIVE:
        raise ValueError(
            f"dtype in the state of a network must be 'float32' or 'float64', got {shown(dtype)}"
        )
    epochs = integer(described["epochs"], "epochs", at_least=0, below=MAX_COUNT + 1)
    if not isinstance(arguments, tuple | list) or len(arguments) not in _ARGUMENTS:
        raise ValueError(
            f"arguments in the state of a network must be {_ARGUMENTS[-1]} values, got {shown(arguments)}"
        )
    parameters = _of_kind(described["parameters"], np.ndarray, "parameters in the state of a network")
    sizes = _of_kind(arguments[0], Sequence, "sizes in the state of a network")
    widths = [integer(width, f"sizes[{i}]", at_least=1) for i, width in enumerate(sizes)]
    # Before anything is allocated for them.
    shape = (sum((k + 1) * j for k, j in pairwise(widths)),)
    if parameters.dtype != np.dtype(dtype) or parameters.shape != shape:
        raise ValueError(
            f"parameters in the state of a network must be {dtype} of shape {shape}, "
            f"got {parameters.dtype} of shape {parameters.shape}"
        )
    try:
        native = NATIVE[dtype](*arguments)
    except TypeError:  # pybind11's own message is a page long
        raise TypeError(
            f"arguments in the state of a network must be of its kinds, got {shown(arguments)}"
        ) from None
    native.epochs = epochs
    native.init_given = bool(described.get("init_given", False))
    names = described.get("feature_names", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"feature_names in the state of a network must be a list of str, got {shown(names)}")
    native.feature_names = names
    assign(native.parameters, parameters, "parameters")
    return native


def _of_kind(value: Any, kind: type, name: str) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be a {kind.__name__}, got {shown(value)}")
    return value
