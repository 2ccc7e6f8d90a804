"""Checks of single arguments.

Each function returns the value as a plain type, or raises an error with the expected and the actual value.
"""

import math
import numbers
import operator
import os
from collections.abc import Collection
from typing import Any

import numpy as np

from localgrad._arguments.names.similar import near

# Fits the core's `int`, and a machine can start that many threads; a larger number is a typo.
MAX_THREADS = 1024
# The core's limit for counts of epochs and mini-batches: integers up to here are exact as float64.
MAX_COUNT = 2**53


def integer(value: Any, name: str, *, at_least: int | None = None, below: int | None = None) -> int:
    """Return an int in [at_least, below); NumPy integers are accepted."""
    # A bool is an int to Python, but True as a count is a mistake.
    if isinstance(value, bool | np.bool_) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be an int, got {shown(value)}")
    try:
        number = operator.index(value)
    except TypeError:  # an array of several integers also has __index__
        raise TypeError(f"{name} must be an int, got {shown(value)}") from None
    if at_least is not None and number < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {number}")
    if below is not None and number >= below:
        raise ValueError(f"{name} must be below {below}, got {number}")
    return number


def real(
    value: Any, name: str, *, at_least: float | None = None, above: float = -math.inf, below: float = math.inf
) -> float:
    """Return a finite float in [at_least, below), or in (above, below) if `at_least` is None."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, got {shown(value)}")
    try:
        number = float(value)
    except OverflowError:  # an int too large for a float
        number = math.inf
    low = above if at_least is None else at_least
    if not (low < number < below or number == at_least):
        if below < math.inf:
            expected = f"in {'(' if at_least is None else '['}{low}, {below})"
        elif low > -math.inf:
            expected = f"finite and {'above' if at_least is None else 'at least'} {low}"
        else:
            expected = "finite"
        raise ValueError(f"{name} must be {expected}, got {value}")
    return number


def boolean(value: Any, name: str) -> bool:
    """Return a bool; NumPy bools are accepted."""
    # bool(value) would accept anything, and take "False" for True.
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be a bool, got {shown(value)}")
    return bool(value)


def choice(value: Any, name: str, known: Collection[str]) -> str:
    """Return the value if it is one of the known names."""
    names = ", ".join(repr(one) for one in known)
    if not isinstance(value, str):
        raise TypeError(f"{name} must be one of {names}, got {shown(value)}")
    if value not in known:
        raise ValueError(f"{name} must be one of {names}, got {value!r}{near(value, known)}")
    return str(value)


def threads(value: Any) -> int:
    """Return `n_threads` for the core: None becomes 0, which lets the core choose."""
    if value is None:
        return 0
    return integer(value, "n_threads", at_least=1, below=MAX_THREADS + 1)


def file_path(value: Any, name: str = "path") -> bytes:
    """Return a path as bytes, in the encoding of the file system."""
    try:
        path = os.fsencode(value)
    except TypeError:
        raise TypeError(f"{name} must be a str or os.PathLike, got {shown(value)}") from None
    if b"\0" in path:  # the core passes C strings to open files, which would end there
        raise ValueError(f"{name} must not contain a null character, got {value!r}")
    return path


def shown(value: Any) -> str:
    """Return the repr of a value, shortened, and its type, for an error message."""
    text = repr(value)
    if "\n" in text:
        text = " ".join(text.split())
    if len(text) > 60:
        text = text[:57] + "..."
    return f"{text} ({type(value).__name__})"


def mini_batch_size(batch_size: Any) -> int:
    """Return the number of examples in a mini-batch, at most 2**31 - 1."""
    # A shuffle buffer holds at least two mini-batches and indexes its rows by uint32.
    return min(integer(batch_size, "batch_size", at_least=1), 2**31 - 1)


def verbosity(verbose: Any) -> int:
    """Return the verbosity level as an int; a bool is accepted."""
    return int(verbose) if isinstance(verbose, bool | np.bool_) else integer(verbose, "verbose", at_least=0)
