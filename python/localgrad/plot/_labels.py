"""Classes of examples, as indices of their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Indices = NDArray[np.intp]


def class_names(classes: Sequence[Any] | NDArray[Any] | None, *labels: NDArray[Any]) -> list[Any]:
    """Return the classes in their order: as passed, or all labels, sorted."""
    if classes is not None:
        return list(np.asarray(classes).tolist())
    return list(np.unique(np.concatenate(labels)).tolist())


def labels_of(values: ArrayLike, name: str, classes: Sequence[Any] | NDArray[Any] | None) -> NDArray[Any]:
    """Return labels (n,): of outputs or one-hot targets (n, K) the class of the largest."""
    array = np.asarray(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2 and array.shape[1]:
        found: NDArray[Any] = array.argmax(axis=1)
        return found if classes is None or len(classes) != array.shape[1] else np.asarray(classes)[found]
    if array.ndim != 1:
        raise ValueError(f"{name} must have shape (n,) or (n, K), got {array.shape}")
    if not len(array):
        raise ValueError(f"{name} must have at least one row, got none")
    return array


def indices(labels: NDArray[Any], name: str, classes: Sequence[Any]) -> Indices:
    """Return the place of each label among the classes; integers may also be places themselves."""
    places = {one: k for k, one in enumerate(classes)}
    values = labels.tolist()
    if all(value in places for value in values):
        return np.array([places[value] for value in values], dtype=np.intp)
    if labels.dtype.kind in "iub" and labels.min() >= 0 and labels.max() < len(classes):
        return labels.astype(np.intp)
    wrong = next(value for value in values if value not in places)
    raise ValueError(f"{name} must contain classes only, got {wrong!r}")


def same_length(y: NDArray[Any], other: NDArray[Any], name: str) -> None:
    """Raise an error unless both have one entry per example."""
    if len(y) != len(other):
        raise ValueError(f"y must have {len(other)} entries, one for each row of {name}, got {len(y)}")
