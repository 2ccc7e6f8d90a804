"""Arrays of Python objects that may be numbers."""

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad._arguments.check import shown
from localgrad._arrays.remedies import EXPECTED, missing, place, remedy_for

NUMBERS = "biuf"  # the kinds of dtype that count as numbers: boolean, integer, unsigned, floating


def from_objects(array: NDArray[Any], name: str, read: Callable[[Any, str], NDArray[Any]]) -> NDArray[Any]:
    """Return an array of objects as booleans, integers or float64, the first that holds all of them.

    `read` converts an object that is an array itself.
    """
    objects = array.ravel().tolist()
    # By class: a large array holds objects of few classes.
    kinds = {type(one): _kind(type(one)) for one in objects}
    if "array" in kinds.values() and "" not in kinds.values():
        return stacked(objects, array.shape, name, read)
    if "" in kinds.values():
        index = next(i for i, one in enumerate(objects) if not kinds[type(one)])
        raise _refusal(objects[index], array, index, name)
    found = "".join(sorted(set(kinds.values())))
    if found == "b":
        return np.array(objects, bool).reshape(array.shape)
    if found in ("i", "bi"):
        for dtype in (np.int64, np.uint64):  # integers may be labels, so float64 comes last
            try:
                return np.array(objects, dtype).reshape(array.shape)
            except OverflowError:
                continue
    return np.array([_float(one) for one in objects], np.float64).reshape(array.shape)


def _kind(kind: type) -> str:
    """Return how to read objects of a class; "" if they are not numbers."""
    if issubclass(kind, bool | np.bool_):
        return "b"
    if issubclass(kind, Integral):
        return "i"
    if issubclass(kind, Real | Decimal):
        return "f"
    strings = issubclass(kind, str | bytes | np.generic)
    return "array" if not strings and (issubclass(kind, list | tuple) or hasattr(kind, "__array__")) else ""


def _float(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:  # later checks reject it, with its position
        return math.inf if number > 0 else -math.inf
    except ValueError:  # a signaling NaN of decimal
        return math.nan


def stacked(
    objects: Sequence[Any], shape: tuple[int, ...], name: str, read: Callable[[Any, str], NDArray[Any]]
) -> NDArray[Any]:
    """Stack objects, some of which are arrays, into one array whose first axes have the given shape."""
    parts = [read(one, name) if _kind(type(one)) == "array" else np.asarray(one) for one in objects]
    shapes = {part.shape for part in parts}
    if len(shapes) > 1:
        one, other = sorted(shapes)[:2]
        raise ValueError(
            f"{name} must be a rectangular array of numbers, got rows of shapes {one} and {other}"
        )
    array = np.stack(parts)
    return array.reshape(shape + array.shape[1:])


def _refusal(one: Any, array: NDArray[Any], index: int, name: str) -> Exception:
    where = place(index, array.shape)
    if type(one).__name__ in ("NAType", "NaTType"):
        return missing(name, where)
    return TypeError(
        f"{name} must hold {EXPECTED}, got {shown(one)}{where} (dtype object){remedy_for(one, name)}"
    )
