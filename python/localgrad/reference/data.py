"""What the caller gives, as lists of floats: rows of numbers, and targets or class labels."""

import math
import numbers
from typing import Any

from .matrix import Vector

# Outputs that stand for classes: for them labels and an accuracy have a meaning.
CLASSIFIERS = ("softmax", "sigmoid")


def vector(value: Any, name: str, width: int) -> Vector:
    """Copy one row as floats.

    Parameters
    ----------
    value : iterable of real numbers
        The row.
    name : str
        What an error message calls it.
    width : int
        How many numbers there must be.

    Returns
    -------
    vector

    Raises
    ------
    TypeError
        If these are no real numbers.
    ValueError
        If there are more or fewer, or one is not finite.

    Examples
    --------
    >>> vector((1, 2), "x", 2)
    [1.0, 2.0]
    """
    try:
        row = list(value)
        finite = [math.isfinite(v) for v in row]
    except TypeError:
        raise TypeError(f"{name} must be {width} real numbers an example, given {value!r}") from None
    except OverflowError:  # an int that no float can hold
        raise ValueError(f"{name} must be finite, given an int beyond float64") from None
    if len(row) != width:
        raise ValueError(f"{name} must have width {width}, given {len(row)}")
    if not all(finite):
        raise ValueError(f"{name} must be finite, given {row[finite.index(False)]}")
    return [float(v) for v in row]


def examples(value: Any, name: str, width: int) -> tuple[list[Vector], bool]:
    """Copy examples as rows; say whether it was a single one without the batch axis.

    Parameters
    ----------
    value : iterable of rows, or of numbers
        Examples, or one.
    name : str
        What an error message calls them.
    width : int
        Numbers in an example.

    Returns
    -------
    rows : list of vectors
    single : bool

    Examples
    --------
    >>> examples([[1, 2], [3, 4]], "x", 2)
    ([[1.0, 2.0], [3.0, 4.0]], False)
    >>> examples([1, 2], "x", 2)
    ([[1.0, 2.0]], True)
    """
    try:
        rows = list(value)
    except TypeError:
        raise TypeError(f"{name} must be rows of {width} numbers, given {value!r}") from None
    single = bool(rows) and not _is_row(rows[0])
    return [vector(row, name, width) for row in ([rows] if single else rows)], single


def targets(
    value: Any, name: str, n: int, width: int, *, output: str, single: bool = False, x_name: str = "x"
) -> list[Vector]:
    """Copy what n examples should give as rows; a label becomes a row that is 1 at the label, 0 elsewhere.

    Parameters
    ----------
    value : iterable of rows, labels or, for one output unit, numbers
        Without the batch axis if `single`.
    name : str
        What an error message calls them.
    n : int
        The number of examples.
    width : int
        The number of output units.
    output : str
        The activation of the output layer.
    single : bool
        Whether the batch axis is absent.
    x_name : str
        What an error message calls the examples.

    Returns
    -------
    list of vectors

    Examples
    --------
    >>> targets([2, 0], "y", 2, 3, output="softmax")
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    try:
        entries = [value] if single else list(value)
    except TypeError:
        raise TypeError(f"{name} must be a target for each of {n} examples, given {value!r}") from None
    if len(entries) != n:
        raise ValueError(f"{name} must have {n} entries, one for each row of {x_name}, given {len(entries)}")
    if any(_is_row(entry) for entry in entries):
        return [vector(entry, name, width) for entry in entries]
    if output in CLASSIFIERS and all(_is_label(entry) for entry in entries):
        return [one_hot(entry, name, width) for entry in entries]
    if width == 1:
        return [vector([entry], name, 1) for entry in entries]
    labels = "integer labels or " if output in CLASSIFIERS else ""
    raise ValueError(f"{name} must hold {labels}rows of {width} numbers, given {entries[0]!r}")


def one_hot(label: int, name: str, width: int) -> Vector:
    """Turn a class label into a target; a single output unit has the classes 0 and 1.

    Parameters
    ----------
    label : int
        The class.
    name : str
        What an error message calls it.
    width : int
        The number of output units.

    Returns
    -------
    vector

    Raises
    ------
    ValueError
        If there is no such class.

    Examples
    --------
    >>> one_hot(2, "y", 4), one_hot(1, "y", 1)
    ([0.0, 0.0, 1.0, 0.0], [1.0])
    """
    classes = max(width, 2)
    if not 0 <= label < classes:
        raise ValueError(f"{name} must hold labels 0..{classes - 1}, given {label}")
    if width == 1:
        return [float(label)]
    return [1.0 if k == label else 0.0 for k in range(width)]


def _is_row(value: Any) -> bool:
    return hasattr(value, "__len__")


def _is_label(value: Any) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)
