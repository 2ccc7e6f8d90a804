"""Error messages for values that are not numbers, with suggestions for converting them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

_OF_TIMES = "; convert dates and durations to numbers, for example (t - t.min()) / np.timedelta64(1, 'D')"

EXPECTED = "real numbers (boolean, integer or floating)"


def missing(name: str, where: str) -> ValueError:
    """Return the error for a missing value."""
    return ValueError(
        f"{name} must have no missing values, got one{where}; fill it (fillna) or drop the row (dropna)"
    )


def refusal(value: Any, array: NDArray[Any], name: str) -> TypeError:
    """Return the error for a value that NumPy reads as an array, but not of numbers."""
    if array.dtype == object:
        return TypeError(
            f"{name} must hold {EXPECTED}, got {type(value).__name__} of dtype object{source_remedy(value)}"
        )
    first = array.ravel()[0] if array.size and array.dtype.kind in "USTMmc" else None
    shown = "" if first is None else f" such as {first!s:.40}"
    kind = array.dtype.kind
    if kind in "UST":
        shown = "" if first is None else f" ({str(first)!r:.40}{place(0, array.shape)})"
        remedy = remedy_for(str(first) if first is not None else "", name, alone=not array.ndim)
    elif kind in "Mm":
        remedy = _OF_TIMES
    elif kind == "c":
        remedy = "; pass real and imaginary parts as separate columns"
    elif array.dtype.names:
        remedy = "; convert the fields to columns with numpy.lib.recfunctions.structured_to_unstructured"
    else:
        remedy = ""
    return TypeError(f"{name} must hold {EXPECTED}, got dtype {array.dtype}{shown}{remedy}")


def remedy_for(one: Any, name: str, *, alone: bool = False) -> str:
    """Return how to convert objects like this one to numbers, or ""."""
    if isinstance(one, bytes):
        one = one.decode("latin-1")
    if one is None:
        return "; fill it or drop the row"
    if isinstance(one, date | timedelta):  # base classes of those of pandas
        return _OF_TIMES
    if not isinstance(one, str):
        return "; pass real and imaginary parts as separate columns" if isinstance(one, complex) else ""
    if alone:
        return "; if it names a file, read the file first, for example with np.loadtxt"
    estimator = ""
    if name.partition(" column ")[0].endswith("y"):
        estimator = "; localgrad.sklearn.MLPClassifier takes strings as labels"
    if _looks_like_a_number(one):
        return f"{estimator}; convert strings to numbers with .astype(float), or .astype(int) for labels"
    if name.endswith("y"):
        return f"{estimator}; Network takes integers: classes, y = np.unique(y, return_inverse=True)"
    if name.endswith("weight"):
        return ""
    return f"{estimator}; encode strings and categories as numbers, for example with pandas.get_dummies"


@contextmanager
def readable(value: Any, name: str) -> Iterator[None]:
    """Convert an exception while a value is read to a TypeError that names the argument."""
    try:
        yield
    except MemoryError:  # not an error of the value
        raise
    except Exception as error:
        raise TypeError(
            f"{name} must hold {EXPECTED}, got {_a(type(value).__name__)} that NumPy cannot read: {error}"
        ) from error


def place(index: int, shape: tuple[int, ...]) -> str:
    """Return where an element is, such as " at row 2, column 1"."""
    where = np.unravel_index(index, shape) if shape else ()
    if len(where) > 2:
        return f" at index {tuple(int(k) for k in where)}"
    return "".join(f"{word} {int(k)}" for word, k in zip((" at row", ", column"), where, strict=False))


def source_remedy(value: Any) -> str:
    """Return what to do with an object that is not an array but a source of arrays, or ""."""
    kind = type(value)
    if isinstance(value, dict):
        if {"data", "target"} <= value.keys():
            return "; pass its arrays X.data and X.target"
        return "; pass an array, for example np.column_stack(list(X.values()))"
    if hasattr(kind, "__next__"):
        return (
            "; an iterator can be read only once: pass fit a function that returns a new one "
            "(see localgrad.Blocks)"
        )
    if is_batches(value):
        return "; only fit accepts an iterable of batches: fit(batches) (see localgrad.Blocks)"
    if hasattr(kind, "__getitem__") and not hasattr(kind, "__array__"):
        return "; pass examples in batches, for example with a PyTorch DataLoader"
    return ""


def is_batches(value: Any) -> bool:
    """Return whether a value may yield batches each time it is iterated, such as a PyTorch DataLoader."""
    kind = type(value)
    # Sets and the views of a dict, which have `isdisjoint`, hold no batches.
    array = any(hasattr(kind, name) for name in ("__getitem__", "__array__", "__next__", "isdisjoint"))
    return hasattr(kind, "__iter__") and not array


def _looks_like_a_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _a(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"
