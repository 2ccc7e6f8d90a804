"""Weights of examples and of classes, as one number for each example."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad import _core
from localgrad._arrays import numeric, shape_of
from localgrad._check import integer, real, shown

__all__ = ["ClassWeight", "Weights", "check_labels", "example_weights", "sample_weights"]

Weights: TypeAlias = NDArray[np.float64]
ClassWeight: TypeAlias = Mapping[int, float] | Sequence[float] | NDArray[Any] | str


def example_weights(
    sample_weight: ArrayLike | None,
    class_weight: ClassWeight | None,
    y: NDArray[Any],
    *,
    classes: int | None,
    single: bool = False,
    name: str = "sample_weight",
) -> Weights | None:
    """Return the weights w_i of C = (1/n) Σ w_i c_i, float64 (n,), or None where all are 1.

    `y` are the targets, labels if they are of shape (n,); `classes` is how many classes labels may name, None
    where the network knows none.
    """
    if class_weight is None:
        return None if sample_weight is None else sample_weights(sample_weight, len(y), single, name)
    if y.ndim != 1 or classes is None:
        raise ValueError(
            f"class_weight needs labels, integers of shape ({len(y)},), given targets, shape "
            f"{shape_of(y)} and dtype {y.dtype}"
        )
    check_labels(y, classes)
    with _core.DefaultFloatMode():
        weights: Weights = _class_weights(class_weight, y, classes)[y]
        if sample_weight is not None:
            weights = weights * sample_weights(sample_weight, len(y), single, name)
    if not weights.any():
        raise ValueError(
            "class_weight must leave at least 1 example a weight above 0, given 0 for all of them"
        )
    return weights


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
    if array.shape != (n,):
        raise ValueError(f"{name} must have shape ({n},), given {shape_of(array)}")
    with np.errstate(all="ignore"), _core.DefaultFloatMode():
        weights = np.array(array, np.float64)
    good = (weights >= 0) & (weights < np.inf)
    if not good.all():
        row = int(np.argmin(good))
        raise ValueError(f"{name} must be finite and at least 0, given {weights[row]} at row {row}")
    if not (may_all_be_0 or weights.any()):
        raise ValueError(f"{name} must be above 0 for at least 1 example, given 0 for all of them")
    return weights


def check_labels(y: NDArray[Any], classes: int) -> None:
    """Refuse labels out of range, which are an index here before the core sees them."""
    bad = (y < 0) | (y >= classes)
    if bad.any():
        row = int(np.argmax(bad))
        raise ValueError(f"y must be labels in 0..{classes - 1}, given {y[row]} at row {row}")


def _class_weights(value: Any, y: NDArray[Any], classes: int) -> Weights:
    if isinstance(value, str):
        if value != "balanced":
            raise ValueError(f"class_weight must be 'balanced', a dict or a sequence, given {value!r}")
        counts = np.bincount(y.astype(np.intp, copy=False), minlength=classes)
        present = np.count_nonzero(counts)
        weights: Weights = np.zeros(classes)
        np.divide(len(y), present * counts, out=weights, where=counts > 0)
        return weights
    weights = np.ones(classes)
    if isinstance(value, Mapping):
        for key, weight in value.items():
            label = integer(key, "class_weight's label")
            if not 0 <= label < classes:
                raise ValueError(f"class_weight must name labels in 0..{classes - 1}, given {label}")
            weights[label] = real(weight, f"class_weight[{label}]", at_least=0.0)
        return weights
    if not isinstance(value, Sequence | np.ndarray):
        raise TypeError(f"class_weight must be 'balanced', a dict or a sequence, given {shown(value)}")
    if len(value) != classes:
        raise ValueError(f"class_weight must hold {classes} weights, one for each class, given {len(value)}")
    for label, weight in enumerate(value):
        weights[label] = real(weight, f"class_weight[{label}]", at_least=0.0)
    return weights
