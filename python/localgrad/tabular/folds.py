"""Which rows each network of an ensemble holds out for validation."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad._arguments.check import shown

_FEWEST = 40  # rows, below which none is held out
_NEVER = -1  # the fold of rows that are always trained on


def held_out(
    y: NDArray[Any],
    networks: int,
    fraction: float,
    random: np.random.RandomState,
    *,
    groups: NDArray[np.intp] | None = None,
    last: bool = False,
) -> list[NDArray[np.bool_]]:
    """Return, for each network, whether it holds out each row.

    The rows are divided into about 1 / fraction folds with the same distribution of y, and network k holds
    out fold k; or each network holds out whole groups. If `last`, all networks hold out the last rows. With a
    fraction of 0, or too few rows to choose an epoch by some of them, none is held out.
    """
    n = len(y)
    if fraction == 0 or n < _FEWEST:
        return [np.zeros(n, bool)] * networks
    if last:
        if groups is not None:
            raise ValueError("groups must be None with time_ordered=True, got groups")
        mask = np.zeros(n, bool)
        mask[n - min(max(round(n * fraction), 1), n - 1) :] = True
        return [mask] * networks
    if groups is not None:
        return _by_group(y, networks, fraction, random, groups)
    folds = _alike(y, fraction, random)
    number = max(int(folds.max()) + 1, 1)
    return [folds == k % number for k in range(networks)]


def _number(n: int, fraction: float) -> int:
    """Return the number of folds, each of at least one row."""
    return min(max(round(1 / fraction), 2), n)


def _alike(y: NDArray[Any], fraction: float, random: np.random.RandomState) -> NDArray[np.intp]:
    """Return the fold of each row, dealt out in the order of y, which is random among equal rows."""
    n = len(y)
    number = _number(n, fraction)
    folds = np.empty(n, np.intp)
    order = np.lexsort((random.random_sample(n), y))
    folds[order] = (np.arange(n) + random.randint(number)) % number
    if y.dtype.kind == "i":  # a class of a single row could not be learned
        _, index, counts = np.unique(y, return_inverse=True, return_counts=True)
        folds[counts[index] < 2] = _NEVER
        folds[folds >= 0] = np.unique(folds[folds >= 0], return_inverse=True)[1]
    return folds


def _by_group(
    y: NDArray[Any],
    networks: int,
    fraction: float,
    random: np.random.RandomState,
    groups: NDArray[np.intp],
) -> list[NDArray[np.bool_]]:
    """Return the rows of whole groups that each network holds out, in total about the fraction of all rows.

    Groups are drawn at random, those first that fewer networks hold out. None makes it more than half of the
    rows, and none has all the rows of a class that are left.
    """
    sizes = np.bincount(groups)
    members = np.split(np.argsort(groups, kind="stable"), np.cumsum(sizes)[:-1])
    classes = y if y.dtype.kind == "i" else np.zeros(len(y), np.intp)
    times = np.zeros(len(sizes), np.intp)
    masks = []
    for _ in range(networks):
        order = np.lexsort((random.permutation(len(sizes)), times))
        found = _chosen(order, members, classes, min(fraction, 0.5) * len(y))
        # If each group exceeds the fraction, the smallest one is held out.
        found = found or _chosen(np.argsort(sizes, kind="stable"), members, classes, len(y) / 2)[:1]
        if not found:
            raise ValueError(
                "groups must have one with at most half of the rows, and not all rows of a class, to hold "
                "out, got none; pass eval_set or validation_fraction=0"
            )
        times[found] += 1
        masks.append(np.isin(groups, found))
    return masks


def _chosen(
    order: NDArray[np.intp], members: Sequence[NDArray[np.intp]], classes: NDArray[np.intp], wanted: float
) -> list[int]:
    """Return groups in this order, each of which brings the number of rows closer to the wanted one."""
    left = np.bincount(classes)  # rows of each class to train on
    found, held = [], 0
    for group in order.tolist():
        rows = members[group]
        lost = np.bincount(classes[rows], minlength=len(left))
        fits = len(rows) <= min(2 * (wanted - held), len(classes) / 2 - held)
        if fits and (left > lost)[lost > 0].all():
            found.append(group)
            left, held = left - lost, held + len(rows)
    return found


def group_numbers(groups: Any, n: int) -> NDArray[np.intp]:
    """Return the groups of n rows as integers."""
    array = np.asarray(groups)
    if array.shape != (n,):
        raise ValueError(f"groups must have shape ({n},), one for each row of X, got {array.shape}")
    names, numbers = np.unique(array.astype(str) if array.dtype == object else array, return_inverse=True)
    if len(names) < 2:
        raise ValueError(f"groups must have at least 2 different values, got {shown(names.tolist())}")
    return numbers
