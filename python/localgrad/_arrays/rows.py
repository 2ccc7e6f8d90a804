"""Examples and targets as arrays that the core can read.

The core reads booleans, integers, float32 and float64 in native byte order in place, in any layout, and
converts them row by row. Swapped bytes are swapped here, other dtypes (float16, longdouble) are converted to
the dtype of the network, and other containers by `as_numbers`. Sparse examples remain sparse. The caller's
data is never modified. The core checks finiteness and labels while it reads; an overflow in a conversion
reaches it as an infinity.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

import localgrad._core as _core
from localgrad._arguments.check import shown
from localgrad._arrays import as_numbers
from localgrad._arrays.frames import PLAIN
from localgrad._arrays.objects import NUMBERS
from localgrad._arrays.sparse_rows import Rows, SparseRows, sparse_rows

FloatArray: TypeAlias = NDArray[np.floating[Any]]

_FIRST = 32  # rows to look at before the whole array

_READABLE = {np.dtype(name) for name in ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8")}


def numeric(value: ArrayLike, name: str) -> NDArray[Any]:
    """Return a value as an array of numbers, not converted further if NumPy can read it."""
    if type(value) is np.ndarray and value.dtype.kind in NUMBERS:
        return value
    return as_numbers(value, name)


def readable(array: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return the array if the core can read it in place, otherwise a copy.

    The copy has the dtype, or the array's own if only its byte order is swapped: a network that standardizes
    may need all of its digits.
    """
    native = array.dtype.newbyteorder("=")
    if native not in _READABLE:
        return exact(array, dtype)
    if array.dtype != native:
        return exact(array, native)
    # A dtype may name the native order instead of leaving it open, as those of ctypes do.
    return array if array.dtype.byteorder in "=|" else array.view(native)


def exact(array: NDArray[Any], dtype: np.dtype[Any]) -> FloatArray:
    """Return the array if it has the dtype and is contiguous and aligned, otherwise a converted copy."""
    if array.dtype == dtype and array.dtype.isnative and array.flags.c_contiguous and array.flags.aligned:
        return array
    # The caller may have changed the rounding mode or flush subnormals; the numbers must not depend on it.
    with np.errstate(all="ignore"), _core.DefaultFloatMode():
        return np.array(array, dtype=dtype, order="C")


def examples(
    value: ArrayLike, name: str, width: int, dtype: np.dtype[Any], *, only_batch: bool = False
) -> tuple[Rows, bool]:
    """Return rows (n, width), and whether the value was a single example without a batch axis."""
    array: Rows | None = None if isinstance(value, PLAIN) else sparse_rows(value, name)
    if array is None:
        array = numeric(value, name)
    if only_batch and array.ndim != 2:
        raise ValueError(
            f"{name} must have 2 dimensions, (n, {width}), got {array.ndim} (shape {shape_of(array)})"
        )
    if array.ndim not in (1, 2):
        raise ValueError(f"{name} must have shape (n, {width}) or ({width},), got {shape_of(array)}")
    if array.shape[-1] != width:
        raise ValueError(
            f"{name} must have {width} {_numbers(width)} per example, got {array.shape[-1]} "
            f"(shape {shape_of(array)})"
        )
    if isinstance(array, SparseRows):
        values, columns, begins, ends, _ = array.arrays
        values = np.require(readable(values, dtype), requirements=["C", "A"])
        return SparseRows(values, columns, begins, ends, width), False
    single = array.ndim == 1
    return readable(array[np.newaxis] if single else array, dtype), single


def check_some(rows: Rows, name: str) -> None:
    """Raise a ValueError for an empty batch."""
    if not len(rows):
        raise ValueError(f"{name} must have at least 1 row, got 0")


def targets(
    value: ArrayLike,
    name: str,
    n: int,
    width: int,
    dtype: np.dtype[Any],
    *,
    classes: bool,
    single: bool,
    x_name: str,
) -> NDArray[Any]:
    """Return the targets of n examples: numbers (n, width), or labels (n,) of an integer dtype.

    If `classes`, labels are accepted, including booleans for one or two outputs. If `single`, the value
    belongs to one example without a batch axis.
    """
    array = numeric(value, name)
    if single:
        # A number or a row of them: add the batch axis, for the checks below.
        if array.ndim == 0 or (array.ndim == 1 and len(array) == width):
            array = array[np.newaxis]
        else:
            label = "be an integer label or " if classes else ""
            raise ValueError(
                f"{name} must {label}have shape ({width},) for a single {x_name}, got {shape_of(array)}"
            )
    if array.ndim == 0:
        raise ValueError(f"{name} must have 1 or 2 dimensions, got 0")
    if len(array) != n:
        raise ValueError(
            f"{name} must have {n} {'entry' if n == 1 else 'entries'}, one for each row of {x_name}, "
            f"got {len(array)}"
        )
    if array.ndim == 1 and classes and array.dtype.kind in "iu":
        return readable(array, array.dtype.newbyteorder("="))
    if array.ndim == 1 and classes and width <= 2 and array.dtype.kind == "b":
        return array.view(np.uint8)  # False and True are the labels 0 and 1
    if array.ndim == 1 and width == 1:
        array = array[:, np.newaxis]
    if array.shape != (n, width):
        if classes:
            raise ValueError(
                f"{name} must be integer labels of shape ({n},) or targets of shape ({n}, {width}), "
                f"got shape {shape_of(array)} of dtype {array.dtype}{label_remedy(array, name)}"
            )
        remedy = ""
        if array.ndim == 1 and array.dtype.kind in "iub":
            remedy = "; class labels require output='softmax'"
        raise ValueError(f"{name} must have shape ({n}, {width}), got {shape_of(array)}{remedy}")
    return readable(array, dtype)


def check_signs(y: NDArray[Any], name: str) -> None:
    """Raise a ValueError for two classes in an encoding that the cost 'hinge' would misread.

    These are labels of -1 and 1 for a single output, and targets that hold both 0 and 1 and no other number.
    """
    # The cost max(0, 1 - y a) expects -1 and 1; for a target of 0 it is constant.
    argument = name.split()[-1]
    if y.ndim == 1:
        if y.dtype.kind == "i" and _holds_only(y, -1, 1):
            raise ValueError(
                f"{name} must be labels of 0 and 1 or targets of -1 and 1 for the cost 'hinge', got labels "
                f"of -1 and 1; {argument}.astype(float) converts them to targets"
            )
    elif _holds_only(y, 0, 1):
        remedy = (
            f"{argument}.astype(int).ravel() converts them to labels"
            if y.shape[1] == 1
            else f"2.0 * {argument} - 1 converts them"
        )
        raise ValueError(
            f"{name} must be labels or targets of -1 and 1 for the cost 'hinge', got 0 and 1; {remedy}"
        )


def _holds_only(y: NDArray[Any], low: int, high: int) -> bool:
    """Return whether the array holds both of these numbers and no other."""
    # Usually the first rows decide, and the whole array need not be read.
    for part in (y[:_FIRST], y):
        at_low = part == low
        if not (at_low | (part == high)).all():
            return False
    return bool(at_low.any() and not at_low.all())


def output_array(
    out: Any, shape: tuple[int, ...], dtype: np.dtype[Any], apart: Iterable[tuple[str, NDArray[Any]]]
) -> FloatArray:
    """Check that `out` can take a result, and shares no memory with the arrays `apart`; return it."""
    if not isinstance(out, np.ndarray) or out.dtype != dtype or not out.dtype.isnative:
        given = f"an array of {out.dtype}" if isinstance(out, np.ndarray) else shown(out)
        raise TypeError(f"out must be an array of {dtype}, got {given}")
    if out.shape != shape:
        raise ValueError(f"out must have shape {shape}, got {shape_of(out)}")
    flags = out.flags
    for good, word in (
        (flags.c_contiguous, "C-contiguous"),
        (flags.aligned, "aligned"),
        (flags.writeable, "writable"),
    ):
        if not good:
            raise ValueError(f"out must be {word}, got an array that is not")
    for name, other in apart:
        if np.may_share_memory(out, other):
            raise ValueError(f"out must not share memory with {name}, got an array that does")
    return out


def as_rows(y: NDArray[Any], width: int, dtype: np.dtype[Any], *, low: float = 0.0) -> FloatArray:
    """Return a copy of the targets as rows; a label becomes a row with 1 at the label and `low` elsewhere."""
    if y.ndim == 1:
        y = y[:, np.newaxis] if width == 1 else y[:, np.newaxis] == np.arange(width)
        y = low + (1.0 - low) * y
    with np.errstate(all="ignore"), _core.DefaultFloatMode():
        return np.array(y, dtype=dtype, order="C")


def shape_of(array: Rows) -> str:
    """Return the shape of an array for an error message."""
    return str(tuple(int(k) for k in array.shape))


def label_remedy(array: NDArray[Any], name: str) -> str:
    """Return how to convert an array that seems to hold labels, or ""."""
    argument = name.split()[-1]
    if array.dtype.kind == "f":
        if np.isnan(array).any():
            return f"; {argument} has missing values"
        if not (array == np.floor(array)).all():
            return ""
    column = array.ndim == 2 and array.shape[1] == 1
    remedy = f"np.ravel({argument})" if column else argument
    remedy += "" if array.dtype.kind in "iu" else ".astype(int)"
    return f"; {remedy} converts it to labels" if remedy != argument and (column or array.ndim == 1) else ""


def _numbers(count: int) -> str:
    return "number" if count == 1 else "numbers"
