"""Checks of the arguments of `Network` and its methods that are more than a number or a name."""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from localgrad._check import choice, integer, shown
from localgrad.optimizers import SGD

Callback: TypeAlias = Callable[[int, dict[str, float]], object]

DTYPES = (np.dtype("float32"), np.dtype("float64"))


def layer_sizes(sizes: Any) -> list[int]:
    """Return the layers' widths: at least two, each at least 1."""
    if isinstance(sizes, str | bytes) or not isinstance(sizes, Sequence | np.ndarray):
        raise TypeError(f"sizes must be a sequence of ints, given {shown(sizes)}")
    if isinstance(sizes, np.ndarray) and sizes.ndim != 1:
        raise ValueError(f"sizes must have 1 dimension, given {sizes.ndim}")
    if len(sizes) < 2:
        raise ValueError(f"sizes must name at least 2 layers, given {len(sizes)}")
    return [integer(width, f"sizes[{i}]", at_least=1) for i, width in enumerate(sizes)]


def check_addressable(sizes: list[int], dtype: np.dtype[Any]) -> None:
    """Refuse a network that no machine of this word length can hold; what this one holds the core knows."""
    size = dtype.itemsize * sum((k + 1) * j for k, j in pairwise(sizes))
    if size > sys.maxsize:
        raise MemoryError(f"sizes {shown(sizes)} need {size} bytes of parameters, more than {sys.maxsize}")


def float_type(dtype: Any) -> np.dtype[Any]:
    """Return float32 or float64, in native byte order."""
    names = " or ".join(repr(one.name) for one in DTYPES)
    try:
        kind = np.dtype(dtype)
    except TypeError:
        if not isinstance(dtype, str):
            raise TypeError(f"dtype must be {names}, given {shown(dtype)}") from None
    else:
        for one in DTYPES:
            if kind == one and dtype is not None:  # NumPy takes None for float64
                return one
    raise ValueError(f"dtype must be {names}, given {dtype!r}")


def activations(activation: Any, layers: int, known: list[str]) -> list[str]:
    """Return one name for each hidden layer."""
    if isinstance(activation, str):
        return [choice(activation, "activation", known)] * layers
    if not isinstance(activation, Sequence):
        raise TypeError(f"activation must be a name or a sequence of names, given {shown(activation)}")
    if len(activation) != layers:
        raise ValueError(
            f"activation must hold {layers} names, one for each hidden layer, given {len(activation)}"
        )
    return [choice(name, f"activation[{i}]", known) for i, name in enumerate(activation)]


def random_seed() -> int:
    """Draw a seed from the system, of 53 bits so that a program that reads numbers as doubles keeps it."""
    return int.from_bytes(os.urandom(7), "big") >> 3


def update_rule(optimizer: Any) -> SGD:
    """Return the optimiser, None being SGD(0.1)."""
    if optimizer is None:
        return SGD()
    if not isinstance(optimizer, SGD):
        raise TypeError(f"optimizer must be an SGD, given {shown(optimizer)}")
    return optimizer


def callback_list(callbacks: Any) -> tuple[Callback, ...]:
    """Return the callables of any iterable."""
    if not isinstance(callbacks, Iterable):
        raise TypeError(f"callbacks must be a sequence of callables, given {shown(callbacks)}")
    result = tuple(callbacks)
    for i, callback in enumerate(result):
        if not callable(callback):
            raise TypeError(f"callbacks[{i}] must be callable, given {shown(callback)}")
    return result


def verbosity(verbose: Any) -> int:
    """Return how much to print; a bool will do."""
    return int(verbose) if isinstance(verbose, bool | np.bool_) else integer(verbose, "verbose", at_least=0)
