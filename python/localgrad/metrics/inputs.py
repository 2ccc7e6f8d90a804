"""What metrics are given: outputs, targets, weights, and the decisions they stand for."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad._arrays.rows import FloatArray, check_some, label_remedy, numeric, shape_of
from localgrad._arrays.weights import Weights, check_labels, sample_weights, scaled

Labels: TypeAlias = NDArray[Any]  # integers (n,), one class for each example
Marks: TypeAlias = NDArray[np.bool_]  # (n, m_L), a yes or no of each output


def as_outputs(a: ArrayLike) -> FloatArray:
    """Return outputs (n, m_L), at least one row; a single output may come as (n,)."""
    array = numeric(a, "a")
    if array.ndim == 1:
        array = array[:, np.newaxis]
    if array.ndim != 2 or not array.shape[1]:
        raise ValueError(f"a must have shape (n, m_L), got {shape_of(array)}")
    check_some(array, "a")
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)


def as_weights(sample_weight: ArrayLike | None, n: int) -> Weights | None:
    """Return the weights float64 (n,), but for a common factor, or None where all are 1."""
    return None if sample_weight is None else scaled(sample_weights(sample_weight, n))


def mean(values: NDArray[Any], weights: Weights | None) -> float:
    """Return the mean of numbers (n,) or truths (n,), Σ w v / Σ w."""
    if weights is None:
        return float(np.count_nonzero(values) / len(values) if values.dtype == bool else values.mean())
    return float(np.dot(weights, values) / weights.sum())


def right_labels(y: ArrayLike, a: FloatArray, threshold: float) -> Labels:
    """Return the right class of each example: labels as they are, targets by their largest."""
    array = numeric(y, "y")
    classes = max(a.shape[1], 2)  # a single output decides between 0 and 1
    if array.ndim == 1 and array.dtype.kind in "iub":
        if len(array) != len(a):
            raise ValueError(f"y must have {len(a)} entries, one for each row of a, got {len(array)}")
        if array.dtype.kind == "b":
            return array.view(np.uint8)
        check_labels(array, classes)
        # np.bincount takes no uint64.
        return array.astype(np.intp) if array.dtype == np.uint64 else array
    return predicted_labels(as_targets(array, a), threshold)


def predicted_labels(a: NDArray[Any], threshold: float) -> Labels:
    """Return the class that each row names: its largest number, of a single one whether it is high enough."""
    return a.argmax(axis=1) if a.shape[1] > 1 else (a[:, 0] >= threshold).view(np.uint8)


def marks(y: ArrayLike, a: FloatArray, threshold: float) -> tuple[Marks, Marks]:
    """Return what is right and what is predicted of several yes/no outputs."""
    return as_targets(numeric(y, "y"), a) >= threshold, a >= threshold


def as_targets(y: NDArray[Any], a: FloatArray) -> NDArray[Any]:
    """Return targets of the shape of the outputs; those of a single output may come as (n,)."""
    if y.ndim == 1 and a.shape[1] == 1:
        y = y[:, np.newaxis]
    if y.shape != a.shape:
        raise ValueError(
            f"y must have the shape {shape_of(a)} of the outputs a, got {shape_of(y)}{label_remedy(y, 'y')}"
        )
    return y
