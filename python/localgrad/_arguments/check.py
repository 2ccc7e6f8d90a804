"""Checks of single arguments: each returns the plain value, or says what was expected and what given."""

import math
import numbers
import operator
import os
from collections.abc import Collection
from typing import Any

import numpy as np

from localgrad._arguments.names.similar import near

# A count that fits the core's `int` and that a machine can start; more is a slip of the keyboard.
MAX_THREADS = 1024
# The most epochs, and mini-batches, that are counted: the core's limit, and exact as a float.
MAX_COUNT = 2**53


def integer(value: Any, name: str, *, at_least: int | None = None, below: int | None = None) -> int:
    """Return an int, also from one of NumPy's, in [at_least, below) where these are given."""
    if isinstance(value, bool | np.bool_) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be an int, got {shown(value)}")
    try:
        number = operator.index(value)
    except TypeError:  # an array of several integers has __index__ too
        raise TypeError(f"{name} must be an int, got {shown(value)}") from None
    if at_least is not None and number < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {number}")
    if below is not None and number >= below:
        raise ValueError(f"{name} must be below {below}, got {number}")
    return number


def real(
    value: Any, name: str, *, at_least: float | None = None, above: float = -math.inf, below: float = math.inf
) -> float:
    """Return a finite float in [at_least, below), or in (above, below) if `at_least` is not given."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, got {shown(value)}")
    try:
        number = float(value)
    except OverflowError:
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
    """Return a bool, also from NumPy's."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be a bool, got {shown(value)}")
    return bool(value)


def choice(value: Any, name: str, known: Collection[str]) -> str:
    """Return the name if it is known."""
    names = ", ".join(repr(one) for one in known)
    if not isinstance(value, str):
        raise TypeError(f"{name} must be one of {names}, got {shown(value)}")
    if value not in known:
        raise ValueError(f"{name} must be one of {names}, got {value!r}{near(value, known)}")
    return str(value)


def threads(value: Any) -> int:
    """Return the core's number for `n_threads`: None, which lets it choose, is 0 there."""
    if value is None:
        return 0
    return integer(value, "n_threads", at_least=1, below=MAX_THREADS + 1)


def file_path(value: Any, name: str = "path") -> bytes:
    """Return a path in the encoding of the file system."""
    try:
        path = os.fsencode(value)
    except TypeError:
        raise TypeError(f"{name} must be a str or os.PathLike, got {shown(value)}") from None
    if b"\0" in path:
        raise ValueError(f"{name} must not contain a null character, got {value!r}")
    return path


def shown(value: Any) -> str:
    """Show a value of the wrong kind, short enough for a message."""
    text = repr(value)
    if "\n" in text:
        text = " ".join(text.split())
    if len(text) > 60:
        text = text[:57] + "..."
    return f"{text} ({type(value).__name__})"


def mini_batch_size(batch_size: Any) -> int:
    """Return how many examples a mini-batch has at most; two of them are places of 32 bits in a buffer."""
    return min(integer(batch_size, "batch_size", at_least=1), 2**31 - 1)


def verbosity(verbose: Any) -> int:
    """Return how much to print; a bool will do."""
    return int(verbose) if isinstance(verbose, bool | np.bool_) else integer(verbose, "verbose", at_least=0)
