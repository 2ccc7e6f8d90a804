"""NumPy arrays from any container of numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad._arrays.frames import PLAIN, from_column, from_frame, is_column, is_frame
from localgrad._arrays.objects import NUMBERS, from_objects, stacked
from localgrad._arrays.remedies import readable, refusal, source_remedy
from localgrad._arrays.sparse import dense, is_sparse
from localgrad._arrays.tensors import from_tensor, is_tensor


def as_numbers(value: Any, name: str) -> NDArray[Any]:
    """Return the numbers of a container as an array of a boolean, integer or floating dtype.

    Values that NumPy reads as numbers are not converted further. Error messages begin with `name`.
    """
    if not isinstance(value, PLAIN):
        if is_frame(value):
            return from_frame(value, name, _numbers_in)
        if is_column(value):
            return from_column(value, name, _numbers_in)
    return _numbers_in(value, name)


def _numbers_in(value: Any, name: str) -> NDArray[Any]:
    array = _array(value, name)
    kind = array.dtype.kind
    if kind in NUMBERS:
        return array
    if kind == "O" and array.ndim:
        return from_objects(array, name, as_numbers)
    if kind == "V" and array.dtype.type.__module__.startswith("ml_dtypes"):  # bfloat16, int4 and others
        whole = "int" in array.dtype.name
        return array.astype(np.int8 if whole else np.float32)
    raise refusal(value, array, name)


def _array(value: Any, name: str) -> NDArray[Any]:
    if isinstance(value, np.ndarray):
        _check_mask(value, name)
        return np.asarray(value)
    if not isinstance(value, PLAIN):
        if is_sparse(value):
            return dense(value, name)
        if is_tensor(value):
            return from_tensor(value, name)
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O" and not array.ndim and hasattr(type(value), "__dlpack__"):
            array = np.from_dlpack(value)  # NumPy has only wrapped the object
    except MemoryError:
        raise
    except ValueError as error:  # NumPy's error for ragged lists
        remedy = "" if isinstance(value, list | tuple) else source_remedy(value)
        raise ValueError(
            f"{name} must be a rectangular array of numbers, got one that NumPy cannot read: {error}{remedy}"
        ) from None
    except Exception as error:
        if isinstance(value, list | tuple):  # NumPy reads some tensors, but no list of them
            return stacked(value, (len(value),), name, as_numbers)
        with readable(value, name):  # names the argument
            raise error
    return array


def _check_mask(array: NDArray[Any], name: str) -> None:
    mask = getattr(array, "mask", None) if type(array) is not np.ndarray else None
    if isinstance(mask, np.ndarray | np.bool_):
        hidden = np.count_nonzero(mask)
        if hidden:
            raise ValueError(
                f"{name} must have no masked entries, got {hidden}; fill them, for example with .filled(0)"
            )
