"""Checks of the arguments of `Network` and its methods that are more than a number or a name."""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from localgrad import optimizers
from localgrad._arguments.check import integer, real, shown
from localgrad._arguments.names.similar import plain
from localgrad._arguments.names.values import known_name
from localgrad._functions import CustomCost
from localgrad.optimizers import LBFGS, SGD
from localgrad.optimizers.base import MiniBatchRule
from localgrad.schedules import ReduceOnPlateau
from localgrad.schedules.base import schedule_like

Callback: TypeAlias = Callable[[int, dict[str, float]], object]
AnySchedule: TypeAlias = Callable[[float], float] | ReduceOnPlateau

_RULES = [name for name in optimizers.__all__ if name != "Optimizer"]
DTYPES = (np.dtype("float32"), np.dtype("float64"))


def layer_sizes(sizes: Any) -> list[int]:
    """Return the layers' widths: at least two, each at least 1."""
    if isinstance(sizes, str | bytes) or not isinstance(sizes, Sequence | np.ndarray):
        raise TypeError(f"sizes must be a sequence of ints, got {shown(sizes)}")
    if isinstance(sizes, np.ndarray) and sizes.ndim != 1:
        raise ValueError(f"sizes must have 1 dimension, got {sizes.ndim}")
    if len(sizes) < 2:
        raise ValueError(f"sizes must name at least 2 layers, got {len(sizes)}")
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
            raise TypeError(f"dtype must be {names}, got {shown(dtype)}") from None
    else:
        for one in DTYPES:
            if kind == one and dtype is not None:  # NumPy takes None for float64
                return one
    raise ValueError(f"dtype must be {names}, got {dtype!r}")


def activations(activation: Any, layers: int, known: list[str]) -> list[str]:
    """Return one name for each hidden layer."""
    if isinstance(activation, str):
        return [known_name(activation, "activation", known, "activation")] * layers
    if not isinstance(activation, Sequence):
        known_name(activation, "activation", known, "activation")
    if len(activation) != layers:
        raise ValueError(
            f"activation must hold {layers} names, one for each hidden layer, got {len(activation)}"
        )
    return [known_name(one, f"activation[{i}]", known, "activation") for i, one in enumerate(activation)]


def random_seed() -> int:
    """Draw a seed from the system, of 53 bits so that a program that reads numbers as doubles keeps it."""
    return int.from_bytes(os.urandom(7), "big") >> 3


def cost_function(cost: Any, known: list[str], output: str, width: int) -> tuple[str, CustomCost | None]:
    """Return the core's name of a cost ("" is its own choice), and the function if it is the user's own.

    `output` and `width` are the output layer's.
    """
    if cost is None:
        return "", None
    if callable(cost) and not isinstance(cost, type):
        return "custom", cost
    outputs = [output, "a single output"] if width == 1 else [output]
    return known_name(cost, "cost", [name for name in known if name != "custom"], "cost", outputs), None


def dropout_rates(dropout: Any, layers: int) -> list[float]:
    """Return one rate for each hidden layer."""
    if isinstance(dropout, str | bytes) or not isinstance(dropout, Sequence | np.ndarray):
        return [dropout_rate(dropout, "dropout")] * layers
    if len(dropout) != layers:
        raise ValueError(f"dropout must hold {layers} rates, one for each hidden layer, got {len(dropout)}")
    return [dropout_rate(rate, f"dropout[{i}]") for i, rate in enumerate(dropout)]


def dropout_rate(value: Any, name: str) -> float:
    """Return a share of units, less than all."""
    return real(value, name, at_least=0.0, below=1.0)


def update_rule(optimizer: Any) -> MiniBatchRule | LBFGS:
    """Return the optimiser; None is SGD(0.1), a name the optimizer of that name with its defaults."""
    if optimizer is None:
        return SGD()
    if isinstance(optimizer, str):
        name = known_name(optimizer, "optimizer", _RULES, "optimizer").strip()
        if "(" in name:
            call = name if name.endswith(")") else f"{name.partition('(')[0]}()"
            raise ValueError(
                f"optimizer must be a name alone, or an object of localgrad.optimizers, got {optimizer!r}; "
                f"did you mean {call}?"
            )
        named: MiniBatchRule | LBFGS = getattr(optimizers, name)()
        return named
    if not isinstance(optimizer, MiniBatchRule | LBFGS):
        called = optimizer if isinstance(optimizer, type) else type(optimizer)
        ours = {plain(name): name for name in _RULES}.get(plain(called.__name__))
        number = isinstance(optimizer, int | float) and not isinstance(optimizer, bool)
        meant = f"SGD({optimizer!r})" if number else ours and f"localgrad.{ours}()"
        raise TypeError(
            f"optimizer must be an SGD, an Adam or another of localgrad.optimizers, got {shown(optimizer)}"
            f"{f'; did you mean {meant}?' if meant else ''}"
        )
    return optimizer


def mini_batch_size(batch_size: Any) -> int:
    """Return how many examples a mini-batch has at most; two of them are places of 32 bits in a buffer."""
    return min(integer(batch_size, "batch_size", at_least=1), 2**31 - 1)


def mini_batch_rule(optimizer: Any, why: str) -> MiniBatchRule:
    """Return an optimiser that the core computes."""
    rule = update_rule(optimizer)
    if isinstance(rule, LBFGS):
        raise ValueError(f"optimizer must be one that goes by mini-batches {why}, got {rule}")
    return rule


def fit_schedule(schedule: Any, *, validation: bool) -> AnySchedule | None:
    """Return a schedule that fits the numbers which are measured."""
    if schedule is None:
        return None
    if not isinstance(schedule, ReduceOnPlateau):
        return schedule_like(schedule, "schedule")
    if schedule.monitor == "val_cost" and not validation:
        raise ValueError("schedule must monitor 'cost' where there is no validation, got 'val_cost'")
    return schedule


def callback_list(callbacks: Any) -> tuple[Callback, ...]:
    """Return the callables of any iterable."""
    if not isinstance(callbacks, Iterable):
        raise TypeError(f"callbacks must be a sequence of callables, got {shown(callbacks)}")
    result = tuple(callbacks)
    for i, callback in enumerate(result):
        if not callable(callback):
            raise TypeError(f"callbacks[{i}] must be callable, got {shown(callback)}")
    return result


def verbosity(verbose: Any) -> int:
    """Return how much to print; a bool will do."""
    return int(verbose) if isinstance(verbose, bool | np.bool_) else integer(verbose, "verbose", at_least=0)
