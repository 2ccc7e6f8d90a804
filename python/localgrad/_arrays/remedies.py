"""What to say of a value that holds no numbers: what it is, and what makes numbers of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

_OF_TIMES = "; convert dates and durations to numbers, as (t - t.min()) / np.timedelta64(1, 'D')"

EXPECTED = "real numbers (boolean, integer or floating)"


def missing(name: str, where: str) -> ValueError:
    """Return the error for a missing value."""
    return ValueError(
        f"{name} must have a value everywhere, got a missing one{where}; fill it (fillna), or leave the row "
        "out (dropna)"
    )


def refusal(value: Any, array: NDArray[Any], name: str) -> TypeError:
    """Return the error for a value that NumPy reads as an array of something else than numbers."""
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
        remedy = "; give real and imaginary parts as columns of their own"
    elif array.dtype.names:
        remedy = "; make columns of the fields: numpy.lib.recfunctions.structured_to_unstructured"
    else:
        remedy = ""
    return TypeError(f"{name} must hold {EXPECTED}, got dtype {array.dtype}{shown}{remedy}")


def remedy_for(one: Any, name: str, *, alone: bool = False) -> str:
    """Return what makes numbers of an object such as this one, "" if nothing is known to."""
    if isinstance(one, bytes):
        one = one.decode("latin-1")
    if one is None:
        return "; fill it, or leave the row out"
    if isinstance(one, date | timedelta):  # those of pandas as well
        return _OF_TIMES
    if not isinstance(one, str):
        return "; give real and imaginary parts as columns of their own" if isinstance(one, complex) else ""
    if alone:
        return "; if it names a file, read the file first, as by np.loadtxt"
    if _looks_like_a_number(one):
        return "; convert strings to numbers, as by .astype(float), or .astype(int) for labels"
    if name.endswith("y"):
        return "; number the classes: classes, y = np.unique(y, return_inverse=True)"
    if name.endswith("weight"):
        return ""
    return "; encode strings and categories as numbers, as by pandas.get_dummies"


@contextmanager
def readable(value: Any, name: str) -> Iterator[None]:
    """Give what a value's own library raises while it is read the name of the argument."""
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        raise TypeError(
            f"{name} must hold {EXPECTED}, got {_a(type(value).__name__)} that NumPy cannot read: {error}"
        ) from error


def place(index: int, shape: tuple[int, ...]) -> str:
    """Say where an element stands, " at row 2, column 1"."""
    where = np.unravel_index(index, shape) if shape else ()
    if len(where) > 2:
        return f" at index {tuple(int(k) for k in where)}"
    return "".join(f"{word} {int(k)}" for word, k in zip((" at row", ", column"), where, strict=False))


def source_remedy(value: Any) -> str:
    """Return what to do with an object that is no array but may be where arrays come from."""
    kind = type(value)
    if isinstance(value, dict):
        if {"data", "target"} <= value.keys():
            return "; give its arrays, X.data and X.target"
        return "; give an array, as np.column_stack(list(X.values()))"
    if hasattr(kind, "__next__"):
        return (
            "; an iterator can be read only once: give fit a function that returns a new one, "
            "see localgrad.Blocks"
        )
    if is_batches(value):
        return "; batches of an iterable are for fit alone: fit(batches), see localgrad.Blocks"
    if hasattr(kind, "__getitem__") and not hasattr(kind, "__array__"):
        return "; examples that are made one by one must come in batches, as from a DataLoader of PyTorch"
    return ""


def is_batches(value: Any) -> bool:
    """Tell an iterable that may yield batches, anew each time, such as a DataLoader of PyTorch."""
    kind = type(value)
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
