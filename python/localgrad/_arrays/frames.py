"""Data frames and columns of pandas, polars, pyarrow and similar libraries."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from localgrad._arrays.objects import NUMBERS
from localgrad._arrays.remedies import EXPECTED, missing, readable, remedy_for

Read: TypeAlias = Callable[[Any, str], NDArray[Any]]

PLAIN = (np.ndarray, list, tuple)  # most values: tested first, because it is fast


def is_frame(value: Any) -> bool:
    """Return whether a value is a table of named columns."""
    kind = type(value)
    return (hasattr(kind, "columns") and hasattr(kind, "dtypes")) or (
        hasattr(kind, "column_names") and hasattr(kind, "column")
    )


def is_column(value: Any) -> bool:
    """Return whether a value is a column, or another array of a data frame library."""
    kind = type(value)
    lacks = hasattr(kind, "isna") or hasattr(kind, "null_count")  # NumPy's arrays and scalars have neither
    return lacks and hasattr(kind, "__array__") and not is_frame(value)


def column_names(value: Any) -> tuple[str, ...] | None:
    """Return the column names of a data frame; None for other values and for names that are not str."""
    # A frame with `collect` is lazy; it is rejected when it is read.
    if isinstance(value, PLAIN) or not is_frame(value) or hasattr(type(value), "collect"):
        return None
    names = tuple(_labels(value))
    if not names or not all(isinstance(name, str) and _is_text(name) for name in names):
        return None
    return tuple(map(str, names))


def check_columns(value: Any, name: str, expected: tuple[str, ...] | None) -> None:
    """Raise a ValueError if a data frame does not have the expected columns in the expected order."""
    if expected is None:
        return
    given = column_names(value)
    if given is None or given == expected:
        return
    if len(given) == len(expected):
        k = next(k for k, (one, other) in enumerate(zip(given, expected, strict=True)) if one != other)
        found = f"{given[k]!r} instead of {expected[k]!r} (column {k})"
    elif extra := [one for one in given if one not in expected]:
        found = f"{len(given)} instead of {len(expected)}, including {extra[0]!r}"
    else:
        lost = [one for one in expected if one not in given]
        found = f"{len(given)} instead of {len(expected)}" + (f", missing {lost[0]!r}" if lost else "")
    remedy = "; X[list(net.feature_names)] selects them in order" if set(given) >= set(expected) else ""
    raise ValueError(
        f"{name} must have the columns that the network was trained on, in their order, got {found}{remedy}"
    )


def from_frame(frame: Any, name: str, read: Read) -> NDArray[Any]:
    """Return the numbers of a data frame, (rows, columns); errors name the column."""
    if hasattr(type(frame), "collect"):
        raise TypeError(f"{name} must be in memory, got a {type(frame).__name__}; call collect() first")
    with readable(frame, name):
        dtypes = getattr(frame, "dtypes", None)
        # A frame of NumPy numbers is converted at once, which may avoid a copy; others column by column.
        if dtypes is not None and all(isinstance(one, np.dtype) and one.kind in NUMBERS for one in dtypes):
            array = np.asarray(frame)
            if array.dtype.kind in NUMBERS:  # columns of booleans and of numbers together become objects
                return array
        named = list(columns_of(frame))
    columns = [from_column(one, f"{name} column {label!r}", read) for label, one in named]
    if not columns:
        return np.asarray(frame)  # which keeps the number of rows
    for (label, _), column in zip(named, columns, strict=True):
        if column.ndim != 1:
            shape = tuple(column.shape[1:])
            raise ValueError(
                f"{name} column {label!r} must hold one number per row, got arrays of shape {shape}"
            )
    array = np.empty((len(columns[0]), len(columns)), np.result_type(*columns))
    for k, column in enumerate(columns):
        array[:, k] = column
    return array


def from_column(column: Any, name: str, read: Read) -> NDArray[Any]:
    """Return the numbers of a column."""
    dtype = getattr(column, "dtype", getattr(column, "type", None))
    with readable(column, name):
        # In a NumPy dtype a missing value is NaN, which the core rejects and reports with its row.
        absent = None if isinstance(dtype, np.dtype) else _first_missing(column)
        array = np.asarray(column)
    if absent is not None:
        raise missing(name, f" at row {absent}")
    if array.dtype.kind in NUMBERS:
        return array
    kind = str(dtype).lower()
    if array.size and array.dtype == object and kind.startswith(("categor", "enum", "dictionary")):
        first = array.ravel()[0]
        if isinstance(first, str):
            shown = f"categories such as {first!r:.40} (dtype object)"
            raise TypeError(f"{name} must hold {EXPECTED}, got {shown}{remedy_for('', name)}")
    return read(array, name)


def _first_missing(column: Any) -> int | None:
    """Return the row of the first missing value, or None."""
    if hasattr(column, "isna"):
        absent = np.asarray(column.isna())
    else:
        count = column.null_count
        if not (count() if callable(count) else count):
            return None
        absent = np.asarray(column.is_null())
    absent = absent.astype(bool)
    return int(np.argmax(absent)) if absent.any() else None


def _is_text(name: str) -> bool:
    """Return whether a file can store a string: it must not contain half of a surrogate pair."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _labels(frame: Any) -> Sequence[Any]:
    labels: Sequence[Any] = frame.columns if hasattr(type(frame), "dtypes") else frame.column_names
    return labels


def columns_of(frame: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the label and the values of each column of a data frame."""
    for k, label in enumerate(_labels(frame)):
        if hasattr(frame, "iloc"):  # by position: a name may occur twice
            yield label, frame.iloc[:, k]
        elif hasattr(type(frame), "column_names"):
            yield label, frame.column(k)
        else:
            yield label, frame[label]
