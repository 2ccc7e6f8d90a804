"""Checks of the arguments of `Network` that are not a single number or name."""

import os
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from localgrad._arguments.check import integer, real, shown
from localgrad._arguments.names.values import known_name
from localgrad._arguments.regularization import per_layer

DTYPES = (np.dtype("float32"), np.dtype("float64"))


def layer_sizes(sizes: Any) -> list[int]:
    """Return the widths of the layers, at least two of them, each at least 1."""
    if isinstance(sizes, str | bytes) or not isinstance(sizes, Sequence | np.ndarray):
        raise TypeError(f"sizes must be a sequence of ints, got {shown(sizes)}")
    if isinstance(sizes, np.ndarray) and sizes.ndim != 1:
        raise ValueError(f"sizes must have 1 dimension, got {sizes.ndim}")
    if len(sizes) < 2:
        raise ValueError(
            f"sizes must have a length of at least 2, one width for each layer, got {len(sizes)}"
        )
    return [integer(width, f"sizes[{i}]", at_least=1) for i, width in enumerate(sizes)]


def check_addressable(sizes: list[int], dtype: np.dtype[Any]) -> None:
    """Reject a network whose parameters exceed the address space; the core checks the memory."""
    size = dtype.itemsize * sum((k + 1) * j for k, j in pairwise(sizes))
    if size > sys.maxsize:
        raise MemoryError(
            f"sizes must give at most {sys.maxsize} bytes of parameters, got {size} for {shown(sizes)}"
        )


def float_type(dtype: Any) -> np.dtype[Any]:
    """Return float32 or float64, in native byte order."""
    names = " or ".join(repr(one.name) for one in DTYPES)
    try:
        kind = np.dtype(dtype)
    except TypeError:
        if not isinstance(dtype, str):
            raise TypeError(f"dtype must be {names}, got {shown(dtype)}") from None
    else:
        for one in DTYPES:
            if kind == one and dtype is not None:  # NumPy interprets None as float64
                return one
    raise ValueError(f"dtype must be {names}, got {dtype!r}")


def activations(activation: Any, layers: int, known: list[str]) -> list[str]:
    """Return the name of the activation of each hidden layer."""
    if isinstance(activation, str):
        return [known_name(activation, "activation", known, "activation")] * layers
    if not isinstance(activation, Sequence):  # raises the TypeError for a value that is not a name
        known_name(activation, "activation", known, "activation")
    if len(activation) != layers:
        raise ValueError(
            f"activation must have length {layers}, one name for each hidden layer, got {len(activation)}"
        )
    return [known_name(one, f"activation[{i}]", known, "activation") for i, one in enumerate(activation)]


def random_seed() -> int:
    """Return a random seed of 53 bits from the operating system."""
    # More bits would be lost in programs that read the numbers of JSON as doubles.
    return int.from_bytes(os.urandom(7), "big") >> 3


def cost_function(
    cost: Any, known: list[str], output: str, width: int
) -> tuple[str, Callable[..., Any] | None]:
    """Return the core's name of a cost, and the function if it is a custom cost.

    The name "" lets the core choose by the output. `output` and `width` are those of the output layer.
    """
    if cost is None:
        return "", None
    if callable(cost) and not isinstance(cost, type):
        return "custom", cost
    outputs = [output, "a single output"] if width == 1 else [output]
    return known_name(cost, "cost", [name for name in known if name != "custom"], "cost", outputs), None


def init_gains(gain: Any, layers: int, given: bool) -> list[float]:
    """Return the factor of the initial weights of each layer; `given` if these are arrays."""
    gains = per_layer(gain, "init_gain", layers)
    if given and any(one != 1 for one in gains):
        raise ValueError(f"init_gain must be 1 if init is a pair (weights, biases), got {shown(gain)}")
    return gains


def dropout_rates(dropout: Any, layers: int) -> list[float]:
    """Return the dropout rate of each hidden layer."""
    if isinstance(dropout, str | bytes) or not isinstance(dropout, Sequence | np.ndarray):
        return [dropout_rate(dropout, "dropout")] * layers
    if len(dropout) != layers:
        raise ValueError(
            f"dropout must have length {layers}, one rate for each hidden layer, got {len(dropout)}"
        )
    return [dropout_rate(rate, f"dropout[{i}]") for i, rate in enumerate(dropout)]


def dropout_rate(value: Any, name: str) -> float:
    """Return a dropout rate in [0, 1)."""
    return real(value, name, at_least=0.0, below=1.0)
