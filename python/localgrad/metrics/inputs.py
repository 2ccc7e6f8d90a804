"""Conversion and checks of the arguments of metrics: outputs, targets, weights, and predicted classes."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad._arrays.rows import FloatArray, check_some, label_remedy, numeric, shape_of
from localgrad._arrays.weights import Weights, check_labels, sample_weights, scaled

Labels: TypeAlias = NDArray[Any]  # integers (n,), the class of each example
Marks: TypeAlias = NDArray[np.bool_]  # (n, m_L), a binary label for each output


def as_outputs(a: ArrayLike) -> FloatArray:
    """Return outputs (n, m_L) with at least one row; `a` may be (n,) for a single output."""
    array = numeric(a, "a")
    if array.ndim == 1:
        array = array[:, np.newaxis]
    if array.ndim != 2 or not array.shape[1]:
        raise ValueError(f"a must have shape (n, m_L), got {shape_of(array)}")
    check_some(array, "a")
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)


def as_weights(sample_weight: ArrayLike | None, n: int) -> Weights | None:
    """Return the weights as float64 (n,), up to a common factor; None if `sample_weight` is None."""
    return None if sample_weight is None else scaled(sample_weights(sample_weight, n))


def mean(values: NDArray[Any], weights: Weights | None) -> float:
    """Return the weighted mean Σ w v / Σ w of numbers or booleans (n,)."""
    if weights is None:
        return float(np.count_nonzero(values) / len(values) if values.dtype == bool else values.mean())
    return float(np.dot(weights, values) / weights.sum())


def right_labels(y: ArrayLike, a: FloatArray, threshold: float) -> Labels:
    """Return the class of each example: labels unchanged, targets by their largest entry."""
    array = numeric(y, "y")
    classes = max(a.shape[1], 2)  # a single output is a binary classifier
    if array.ndim == 1 and array.dtype.kind in "iub":
        if len(array) != len(a):
            raise ValueError(f"y must have {len(a)} entries, one for each row of a, got {len(array)}")
        if array.dtype.kind == "b":
            return array.view(np.uint8)
        check_labels(array, classes)
        # np.bincount does not support uint64.
        return array.astype(np.intp) if array.dtype == np.uint64 else array
    return predicted_labels(as_targets(array, a), threshold)


def predicted_labels(a: NDArray[Any], threshold: float) -> Labels:
    """Return the class of each row: its largest entry, or 1 if a single one reaches `threshold`."""
    return a.argmax(axis=1) if a.shape[1] > 1 else (a[:, 0] >= threshold).view(np.uint8)


def marks(y: ArrayLike, a: FloatArray, threshold: float) -> tuple[Marks, Marks]:
    """Return the true and the predicted labels of multi-label outputs."""
    return as_targets(numeric(y, "y"), a) >= threshold, a >= threshold


def as_targets(y: NDArray[Any], a: FloatArray) -> NDArray[Any]:
    """Return targets of the same shape as the outputs; `y` may be (n,) for a single output."""
    if y.ndim == 1 and a.shape[1] == 1:
        y = y[:, np.newaxis]
    if y.shape != a.shape:
        raise ValueError(
            f"y must have the shape {shape_of(a)} of the outputs a, got {shape_of(y)}{label_remedy(y, 'y')}"
        )
    return y
