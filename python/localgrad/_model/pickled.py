"""The state of a network in a pickle, which is checked like a file."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, cast

import numpy as np

import localgrad._core as _core
from localgrad._arguments.check import MAX_COUNT, integer, shown
from localgrad._arrays.rows import FloatArray
from localgrad._model.native import NATIVE, Native
from localgrad._model.views import assign
from localgrad.costs import CustomCost

# Older pickles hold a tuple in this order; the last four options were added one by one.
_TUPLE = (
    *("sizes", "activation", "output", "cost", "init", "seed"),
    *("dropout", "input_dropout", "input_noise", "input_scale"),
)


def described(native: Native) -> dict[str, Any]:
    """Return the state from which `restored` creates the network."""
    learned = native.standardization
    return {
        **({} if learned is None else {"standardization": learned}),
        "dtype": native.parameters.dtype.name,
        "arguments": {"sizes": native.sizes, **native.options},
        "feature_names": native.feature_names,
        "epochs": native.epochs,
        "parameters": native.parameters.copy(),
    }


def restored(state: Any) -> tuple[Native, CustomCost | None, FloatArray | None]:
    """Return the network, custom cost and initial parameters of a pickled state."""
    state = _of_kind(state, Mapping, "the state of a network")
    described = _of_kind(state.get("_network"), Mapping, "_network in the state of a network")
    missing = [key for key in ("dtype", "arguments", "epochs", "parameters") if key not in described]
    if missing:
        raise ValueError(f"the state of a network must have {', '.join(map(repr, missing))}, got none")
    custom_cost, initial = state.get("_cost_function"), state.get("_initial")
    if custom_cost is not None and not callable(custom_cost):
        raise TypeError(f"cost in the state of a network must be callable, got {shown(custom_cost)}")
    native = _native(described)
    if initial is not None:  # `reset` restores them unchecked
        assign(native.parameters.copy(), initial, "_initial in the state of a network")
    return native, custom_cost, initial


def _native(described: Mapping[str, Any]) -> Native:
    dtype, arguments = described["dtype"], _arguments(described["arguments"])
    if not isinstance(dtype, str) or dtype not in NATIVE:
        raise ValueError(
            f"dtype in the state of a network must be 'float32' or 'float64', got {shown(dtype)}"
        )
    epochs = integer(described["epochs"], "epochs", at_least=0, below=MAX_COUNT + 1)
    parameters = _of_kind(described["parameters"], np.ndarray, "parameters in the state of a network")
    sizes = _of_kind(arguments.pop("sizes"), Sequence, "sizes in the state of a network")
    widths = [integer(width, f"sizes[{i}]", at_least=1) for i, width in enumerate(sizes)]
    # Checked before the core allocates the parameters.
    scales = widths[0] if arguments.get("learn_input_scale") and widths else 0
    shape = (sum((k + 1) * j for k, j in pairwise(widths)) + scales,)
    if parameters.dtype != np.dtype(dtype) or parameters.shape != shape:
        raise ValueError(
            f"parameters in the state of a network must be {dtype} of shape {shape}, "
            f"got {parameters.dtype} of shape {parameters.shape}"
        )
    try:
        native = NATIVE[dtype](widths, cast("_core.Options", arguments))
    except TypeError:  # pybind11's message is a page long
        raise TypeError(
            f"arguments in the state of a network must have the types of its options, got {shown(arguments)}"
        ) from None
    native.epochs = epochs
    native.init_given = bool(described.get("init_given", native.init_given))
    # Pickles of older versions have no names.
    names = described.get("feature_names", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"feature_names in the state of a network must be a list of str, got {shown(names)}")
    native.feature_names = names
    learned = described.get("standardization")
    if learned is not None:
        kinds = isinstance(learned, tuple | list) and all(_is_vector(one) for one in learned)
        if not kinds:
            raise TypeError(
                "standardization in the state of a network must be float64 arrays of 1 dimension, "
                f"got {shown(learned)}"
            )
        native.standardization = tuple(map(np.ascontiguousarray, learned))  # type: ignore[assignment]
    assign(native.parameters, parameters, "parameters")
    return native


def _arguments(value: Any) -> dict[str, Any]:
    """Return the sizes and options by name."""
    if isinstance(value, tuple | list) and 6 <= len(value) <= len(_TUPLE):
        value = dict(zip(_TUPLE, value, strict=False))
    if not isinstance(value, Mapping) or "sizes" not in value:
        raise ValueError(
            f"arguments in the state of a network must be a dict of sizes and options, got {shown(value)}"
        )
    return dict(value)


def _is_vector(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype == np.float64


def _of_kind(value: Any, kind: type, name: str) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be a {kind.__name__}, got {shown(value)}")
    return value
