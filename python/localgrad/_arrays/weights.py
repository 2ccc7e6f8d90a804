"""Sample weights and class weights, as one number for each example."""

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
    """Return the weight of each example by its class, float64 (n,).

    `y` holds the targets, which are labels if the shape is (n,); `classes` is the number of classes, None if
    the network does not accept labels.
    """
    if y.ndim != 1 or classes is None:
        # A column may have been passed with shape (n,), so its shape is not shown.
        shape = f"shape {shape_of(y)} and " if y.ndim == 2 and y.shape[1] > 1 else ""
        raise ValueError(
            f"y must be integer labels of shape ({len(y)},) for class_weight, got targets of {shape}"
            f"dtype {y.dtype}{'' if classes is None else _remedy(y)}"
        )
    check_labels(y, classes)
    weights: Weights = _class_weights(value, y, classes)[y]
    return weights


def _remedy(y: NDArray[Any]) -> str:
    """Return how to convert targets that encode classes to labels, or ""."""
    if not ((y == 0) | (y == 1)).all():
        return ""
    if y.shape[1] == 1:  # the shape that was passed may be (n,)
        return "; np.ravel(y.astype(int)) converts it to labels"
    return "; y.argmax(axis=1) converts it to labels" if (y.sum(axis=1) == 1).all() else ""


def product(weights: Weights, of_classes: Weights) -> Weights:
    """Return the product up to a common factor, without overflow or underflow."""
    return scaled(weights) * scaled(of_classes)


def relative(weights: Weights) -> Weights:
    """Divide weights, not all of them 0, by their mean, in place.

    A common factor then has no effect; if it is a power of 2, the result is the same, bit for bit. Equal
    weights become exactly 1.
    """
    if weights.min() == weights.max():
        weights[:] = 1.0
        return weights
    weights /= scaled(weights).sum() / len(weights)
    return weights


def scaled(weights: Weights) -> Weights:
    """Multiply by a power of 2, in place, so that the largest is in [0.5, 1) and no sum overflows."""
    # Multiplying by a power of 2 does not round.
    highest = float(weights.max())
    with np.errstate(all="ignore"):  # weights far below the largest become 0
        return np.ldexp(weights, -math.frexp(highest)[1], out=weights) if highest > 0 else weights


def has_weight(weights: Weights, dtype: np.dtype[Any]) -> bool:
    """Return whether any weight is above 0 when converted to the dtype of a network."""
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
    """Return sample weights, float64 (n,): finite, at least 0 and, by default, not all 0."""
    array = numeric(value, name)
    if single and array.ndim == 0:
        array = array[np.newaxis]
    if array.shape == (n, 1):  # a column of a data frame or of a sparse matrix
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
        raise ValueError(f"{name} must be above 0 for at least 1 example, got 0 for all")
    return weights


def check_labels(y: NDArray[Any], classes: int) -> None:
    """Raise a BadExample for a label out of range."""
    # The core also checks labels, but here they are used as an index first.
    bad = (y < 0) | (y >= classes)
    if bad.any():
        row = int(np.argmax(bad))
        raise BadExample("y", row, f"must be labels in 0..{classes - 1}, got {y[row]}")


def _label(key: Any) -> int:
    """Return the label that a key of class_weight names; False and True are 0 and 1."""
    if isinstance(key, bool | np.bool_):
        return int(key)
    try:
        return integer(key, "class_weight key")
    except TypeError as error:
        hint = "; the keys are the labels in y, integers from 0" if isinstance(key, str) else ""
        raise TypeError(f"{error}{hint}") from None


def _class_weights(value: Any, y: NDArray[Any], classes: int) -> Weights:
    if isinstance(value, str):
        if value != "balanced":
            raise ValueError(f"class_weight must be 'balanced', a dict or a sequence, got {value!r}")
        counts = np.bincount(y.astype(np.intp, copy=False), minlength=classes)
        present = np.count_nonzero(counts)
        weights: Weights = np.zeros(classes)
        # Classes that do not occur keep the weight 0.
        np.divide(len(y), present * counts, out=weights, where=counts > 0)
        return weights
    weights = np.ones(classes)  # a dict need not have all classes
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
                raise ValueError(f"class_weight keys must be labels in 0..{classes - 1}, got {label}")
            weights[label] = real(weight, f"class_weight[{label}]", at_least=0.0)
        return weights
    if not isinstance(value, Sequence | np.ndarray):
        raise TypeError(f"class_weight must be 'balanced', a dict or a sequence, got {shown(value)}")
    if len(value) != classes:
        raise ValueError(
            f"class_weight must have length {classes}, one weight for each class, got {len(value)}"
        )
    for label, weight in enumerate(value):
        weights[label] = real(weight, f"class_weight[{label}]", at_least=0.0)
    return weights
