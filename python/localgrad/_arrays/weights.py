"""Weights of examples and of classes, as one number for each example."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

import localgrad._core as _core
from localgrad._arguments.check import integer, real, shown
from localgrad._arrays.frames import is_column
from localgrad._arrays.rows import numeric, shape_of
from localgrad.errors import BadExample

Weights: TypeAlias = NDArray[np.float64]
ClassWeight: TypeAlias = Mapping[int, float] | Sequence[float] | NDArray[Any] | str


def class_weights(value: ClassWeight, y: NDArray[Any], classes: int | None) -> Weights:
    """Return what its class gives each example, float64 (n,).

    `y` are the targets, labels if they are of shape (n,); `classes` is how many classes labels may name, None
    where the network knows none.
    """
    if y.ndim != 1 or classes is None:
        # Targets of shape (n,) have become a column.
        shape = f"shape {shape_of(y)} and " if y.ndim == 2 and y.shape[1] > 1 else ""
        raise ValueError(
            f"y must be labels, integers of shape ({len(y)},), for class_weight, got targets of {shape}"
            f"dtype {y.dtype}{'' if classes is None else _remedy(y)}"
        )
    check_labels(y, classes)
    weights: Weights = _class_weights(value, y, classes)[y]
    return weights


def _remedy(y: NDArray[Any]) -> str:
    """Return what makes labels of targets that are those of classes."""
    if not ((y == 0) | (y == 1)).all():
        return ""
    if y.shape[1] == 1:  # as a column also if they were given as y.shape == (n,)
        return "; np.ravel(y.astype(int)) makes labels of it"
    return "; y.argmax(axis=1) makes labels of it" if (y.sum(axis=1) == 1).all() else ""


def product(weights: Weights, of_classes: Weights) -> Weights:
    """Return the product, but for a common factor, so that it neither overflows nor vanishes."""
    return scaled(weights) * scaled(of_classes)


def relative(weights: Weights) -> Weights:
    """Divide weights, not all of them 0, by their mean, in place: no common factor changes the result.

    It is the same to the bit if the factor is a power of 2. Weights that are all the same become 1.
    """
    if weights.min() == weights.max():
        weights[:] = 1.0
        return weights
    weights /= scaled(weights).sum() / len(weights)
    return weights


def scaled(weights: Weights) -> Weights:
    """Multiply by a power of 2, in place, so that the largest is in [0.5, 1) and no sum overflows."""
    highest = float(weights.max())
    with np.errstate(all="ignore"):  # what is too small beside the largest becomes 0
        return np.ldexp(weights, -math.frexp(highest)[1], out=weights) if highest > 0 else weights


def has_weight(weights: Weights, dtype: np.dtype[Any]) -> bool:
    """Return whether any weight is above 0 in the dtype of a network."""
    with np.errstate(all="ignore"):
        return bool(weights.astype(dtype).any())


def sample_weights(
    value: ArrayLike,
    n: int,
    single: bool = False,
    name: str = "sample_weight",
    *,
    may_all_be_0: bool = False,
) -> Weights:
    """Return finite weights of at least 0, as a rule not all of them 0, float64 (n,)."""
    array = numeric(value, name)
    if single and array.ndim == 0:
        array = array[np.newaxis]
    if array.shape == (n, 1):  # the column of a frame or of a sparse matrix
        array = array[:, 0]
    if array.shape != (n,):
        raise ValueError(f"{name} must have shape ({n},), got {shape_of(array)}")
    with np.errstate(all="ignore"), _core.DefaultFloatMode():
        weights = np.array(array, np.float64)
    good = (weights >= 0) & (weights < np.inf)
    if not good.all():
        row = int(np.argmin(good))
        raise BadExample(name, row, f"must be finite and at least 0, got {weights[row]}")
    if not (may_all_be_0 or weights.any()):
        raise ValueError(f"{name} must be above 0 for at least 1 example, got 0 for all of them")
    return weights


def check_labels(y: NDArray[Any], classes: int) -> None:
    """Refuse labels out of range, which are an index here before the core sees them."""
    bad = (y < 0) | (y >= classes)
    if bad.any():
        row = int(np.argmax(bad))
        raise BadExample("y", row, f"must be labels in 0..{classes - 1}, got {y[row]}")


def _label(key: Any) -> int:
    """Return the label that a key of class_weight names, an integer, or False or True."""
    if isinstance(key, bool | np.bool_):
        return int(key)
    try:
        return integer(key, "class_weight's label")
    except TypeError as error:
        hint = "; its keys are the labels as y holds them, integers from 0" if isinstance(key, str) else ""
        raise TypeError(f"{error}{hint}") from None


def _class_weights(value: Any, y: NDArray[Any], classes: int) -> Weights:
    if isinstance(value, str):
        if value != "balanced":
            raise ValueError(f"class_weight must be 'balanced', a dict or a sequence, got {value!r}")
        counts = np.bincount(y.astype(np.intp, copy=False), minlength=classes)
        present = np.count_nonzero(counts)
        weights: Weights = np.zeros(classes)
        np.divide(len(y), present * counts, out=weights, where=counts > 0)
        return weights
    weights = np.ones(classes)
    kind = type(value)
    if is_column(value) and hasattr(kind, "index") and hasattr(kind, "items"):  # a Series of pandas
        value = dict(value.items())
    elif hasattr(kind, "__array__"):
        value = numeric(value, "class_weight")
        if value.ndim != 1:
            raise ValueError(f"class_weight must have shape ({classes},), got {shape_of(value)}")
    if isinstance(value, Mapping):
        for key, weight in value.items():
            label = _label(key)
            if not 0 <= label < classes:
                raise ValueError(f"class_weight must name labels in 0..{classes - 1}, got {label}")
            weights[label] = real(weight, f"class_weight[{label}]", at_least=0.0)
        return weights
    if not isinstance(value, Sequence | np.ndarray):
        raise TypeError(f"class_weight must be 'balanced', a dict or a sequence, got {shown(value)}")
    if len(value) != classes:
        raise ValueError(f"class_weight must hold {classes} weights, one for each class, got {len(value)}")
    for label, weight in enumerate(value):
        weights[label] = real(weight, f"class_weight[{label}]", at_least=0.0)
    return weights
