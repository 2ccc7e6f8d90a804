"""What the argument `validation` of fit holds out: examples of its own, or some of the training's."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from localgrad import _core
from localgrad._check import real, shown
from localgrad._examples import Examples, class_count
from localgrad._weights import check_labels

if TYPE_CHECKING:
    from localgrad._state import State

__all__ = ["held_out", "split"]


def split(
    network: "State", data: Examples, validation: Any, seed: int
) -> tuple[Examples, NDArray[np.uint32] | None]:
    """Return the examples to evaluate, and which rows of the data are left to train on, None being all.

    `validation` is (X, y) or (X, y, sample_weight), or the share of the data to hold out, in (0, 1): of
    labels, every class's share, as near to it as whole examples can be.
    """
    if isinstance(validation, tuple | list):
        return held_out(network, validation), None
    try:
        fraction = real(validation, "validation", above=0.0, below=1.0)
    except TypeError:
        raise TypeError(
            "validation must be (X, y), (X, y, sample_weight) or a share of the data in (0, 1), "
            f"given {shown(validation)}"
        ) from None
    return _hold_out(data, fraction, seed)


def held_out(network: "State", validation: Sequence[Any]) -> Examples:
    """Return examples that are given: (X, y) or (X, y, sample_weight)."""
    if len(validation) not in (2, 3):
        raise ValueError(
            "validation must be (X, y) or (X, y, sample_weight), of length 2 or 3, "
            f"given length {len(validation)}"
        )
    X, y, *weights = validation
    return Examples.of(
        network,
        X,
        y,
        names=("validation X", "validation y"),
        only_batch=True,
        sample_weight=weights[0] if weights else None,
        weights_name="validation sample_weight",
    )


def _hold_out(data: Examples, fraction: float, seed: int) -> tuple[Examples, NDArray[np.uint32]]:
    n = len(data)
    count = round(n * fraction)
    if not 0 < count < n:
        raise ValueError(
            f"validation must leave at least 1 of {n} rows on each side, given {fraction:g}, which holds "
            f"{count} out"
        )
    order = _core.split_order(n, seed)
    taken = order[:count]
    classes = class_count(data.network)
    if data.targets.ndim == 1 and classes is not None:
        check_labels(data.targets, classes)
        taken = _strata(data.targets, order, count)
    held = np.zeros(n, bool)
    held[taken] = True
    parts = [np.flatnonzero(which).astype(np.uint32) for which in (held, ~held)]
    for part, words in zip(parts, ("held out", "left to train on"), strict=True):
        if data.weights is not None and not data.weights[part].any():
            raise ValueError(
                f"validation must leave a weight above 0 on each side, given {fraction:g} and weights of 0 "
                f"for all {len(part)} rows {words}"
            )
    return replace(data, index=parts[0]), parts[1]


def _strata(labels: NDArray[Any], order: NDArray[np.uint32], count: int) -> NDArray[np.uint32]:
    """Return the first rows in the order of each class, `count` in all: the method of largest remainders."""
    drawn = labels[order].astype(np.intp, copy=False)
    there = np.bincount(drawn)
    shares, remainders = np.divmod(there * count, len(labels))
    rest = count - int(shares.sum())
    shares[np.argsort(-remainders, kind="stable")[:rest]] += 1
    by_class = np.argsort(drawn, kind="stable")
    starts = np.cumsum(there) - there
    place = np.arange(len(labels)) - np.repeat(starts, there)  # within its class
    return order[by_class[place < np.repeat(shares, there)]]
