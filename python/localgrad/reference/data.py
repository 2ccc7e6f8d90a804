"""Conversion of examples, targets and class labels to lists of floats."""

import math
import numbers
from collections.abc import Iterable
from typing import Any, TypeGuard

from .functions import Cost
from .matrix import Vector


def vector(value: Any, name: str, width: int) -> Vector:
    """Convert one row to a list of floats.

    Parameters
    ----------
    value : iterable of real numbers
        The row.
    name : str
        Name of the argument for error messages.
    width : int
        Expected length.

    Returns
    -------
    vector
        A copy of the row.

    Raises
    ------
    TypeError
        If the row does not contain real numbers.
    ValueError
        If it has a different length or a number is not finite.

    Examples
    --------
    >>> vector((1, 2), "x", 2)
    [1.0, 2.0]
    """
    try:
        row = list(value)
        finite = [math.isfinite(v) for v in row]
    except TypeError:
        raise TypeError(f"{name} must be {width} real numbers per example, got {value!r}") from None
    except OverflowError:  # an int too large for a float
        raise ValueError(f"{name} must be finite, got an int beyond float64") from None
    if len(row) != width:
        raise ValueError(f"{name} must have width {width}, got {len(row)}")
    if not all(finite):
        raise ValueError(f"{name} must be finite, got {row[finite.index(False)]}")
    return [float(v) for v in row]


def examples(value: Any, name: str, width: int) -> tuple[list[Vector], bool]:
    """Convert examples to rows, and return whether there was only one, without a batch axis.

    Parameters
    ----------
    value : iterable of rows, or of numbers
        Examples, or a single one.
    name : str
        Name of the argument for error messages.
    width : int
        Width of an example.

    Returns
    -------
    rows : list of vectors
        A copy of the examples.
    single : bool
        Whether `value` was a single example.

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
        raise TypeError(f"{name} must be rows of {width} numbers, got {value!r}") from None
    single = bool(rows) and not _is_row(rows[0])  # a list of numbers instead of rows
    return [vector(row, name, width) for row in ([rows] if single else rows)], single


def targets(
    value: Any, name: str, n: int, width: int, cost: Cost, *, single: bool = False, x_name: str = "x"
) -> list[Vector]:
    """Convert the targets of n examples to rows; a class label becomes a one-hot row.

    Parameters
    ----------
    value : iterable of rows, labels or, for a width of 1, numbers
        The targets; without a batch axis if `single`.
    name : str
        Name of the argument for error messages.
    n : int
        Number of examples.
    width : int
        Number of targets per example.
    cost : Cost
        The cost, which determines whether labels are supported, and how they are represented.
    single : bool
        Whether the batch axis is absent.
    x_name : str
        Name of the examples for error messages.

    Returns
    -------
    list of vectors
        The targets.

    Examples
    --------
    >>> from localgrad.reference.costs import cost
    >>> targets([2, 0], "y", 2, 3, cost("cross_entropy", "softmax"))
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    try:
        entries = [value] if single else list(value)
    except TypeError:
        raise TypeError(f"{name} must be a target for each of {n} examples, got {value!r}") from None
    if len(entries) != n:
        raise ValueError(f"{name} must have {n} entries, one for each row of {x_name}, got {len(entries)}")
    if any(_is_row(entry) for entry in entries):
        return _signs([_within(vector(entry, name, width), name, cost) for entry in entries], name, cost)
    if are_labels(entries, width, cost):
        if width == 1 and cost.labels == (-1.0, 1.0) and set(entries) == {-1, 1}:
            raise ValueError(
                f"{name} must be labels of 0 and 1 or targets of -1 and 1 for this cost, got labels of "
                "-1 and 1; floats are targets"
            )
        return [one_hot(entry, name, width, cost.labels) for entry in entries]
    if width == 1:
        return _signs([_within(vector([entry], name, 1), name, cost) for entry in entries], name, cost)
    kinds = "integer labels or " if _may_be_labels(width, cost) else ""
    raise ValueError(f"{name} must contain {kinds}rows of {width} numbers, got {entries[0]!r}")


def are_labels(entries: Iterable[Any], width: int, cost: Cost) -> TypeGuard[list[int]]:
    """Return whether these are class labels, including False and True for one or two outputs.

    Parameters
    ----------
    entries : iterable
        Targets of several examples.
    width : int
        Number of targets per example.
    cost : Cost
        The cost, which determines whether labels are supported.

    Returns
    -------
    bool
        Whether all entries are labels.

    Examples
    --------
    >>> from localgrad.reference.costs import cost
    >>> are_labels([1, 0], 2, cost("mse", "softmax")), are_labels([1, 0], 1, cost("mse", "identity"))
    (True, False)
    """
    return _may_be_labels(width, cost) and all(
        _is_label(entry) or (width <= 2 and isinstance(entry, bool)) for entry in entries
    )


def one_hot(label: int, name: str, width: int, labels: tuple[float, float] | None = None) -> Vector:
    """Return the one-hot target of a class label. A single output has the classes 0 and 1.

    Parameters
    ----------
    label : int
        The class.
    name : str
        Name of the argument for error messages.
    width : int
        Number of outputs.
    labels : (float, float), optional
        Values for the other classes and for this class, by default 0 and 1.

    Returns
    -------
    vector
        The target.

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
        raise ValueError(f"{name} must contain labels in 0..{classes - 1}, got {label}")
    other, right = labels or (0.0, 1.0)
    if width == 1:
        return [right if label else other]
    return [right if k == label else other for k in range(width)]


def _within(target: Vector, name: str, cost: Cost) -> Vector:
    lowest, highest = cost.limits
    for y_k in target:
        if not lowest <= y_k <= highest:
            raise ValueError(f"{name} must be in {lowest:g}..{highest:g} for this cost, got {y_k}")
    return target


def _signs(rows: list[Vector], name: str, cost: Cost) -> list[Vector]:
    """Raise ValueError for targets of 0 and 1 with the cost hinge, where classes are -1 and 1.

    A target of 0 would have no effect, so such targets are almost certainly a mistake.
    """
    if cost.labels == (-1.0, 1.0) and {y_k for row in rows for y_k in row} == {0.0, 1.0}:
        raise ValueError(f"{name} must be labels or targets of -1 and 1 for this cost, got 0 and 1")
    return rows


def _is_row(value: Any) -> bool:
    return hasattr(value, "__len__")


def _is_label(value: Any) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _may_be_labels(width: int, cost: Cost) -> bool:
    return cost.labels is not None and (width == 1 or cost.labels_of_many)
