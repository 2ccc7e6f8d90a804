"""Which rows each network of an ensemble holds out for validation."""

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

    The rows are divided into about 1 / fraction folds with the same distribution of y, or into folds of whole
    groups. Network k holds out fold k. If `last`, all networks hold out the last rows. With a fraction of 0,
    or too few rows to choose an epoch by some of them, none is held out.
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
    folds = _alike(y, fraction, random) if groups is None else _by_group(groups, fraction, random)
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


def _by_group(groups: NDArray[np.intp], fraction: float, random: np.random.RandomState) -> NDArray[np.intp]:
    """Return the fold of each row, that of its group; folds have about the same numbers of rows."""
    sizes = np.bincount(groups)
    number = min(_number(len(groups), fraction), len(sizes))
    order = random.permutation(len(sizes))
    rows, fold_of = np.zeros(number, np.intp), np.empty(len(sizes), np.intp)
    for group in order[np.argsort(-sizes[order], kind="stable")]:  # the largest first
        fold_of[group] = np.argmin(rows)
        rows[fold_of[group]] += sizes[group]
    return fold_of[groups]


def group_numbers(groups: Any, n: int) -> NDArray[np.intp]:
    """Return the groups of n rows as integers."""
    array = np.asarray(groups)
    if array.shape != (n,):
        raise ValueError(f"groups must have shape ({n},), one for each row of X, got {array.shape}")
    names, numbers = np.unique(array.astype(str) if array.dtype == object else array, return_inverse=True)
    if len(names) < 2:
        raise ValueError(f"groups must have at least 2 different values, got {shown(names.tolist())}")
    return numbers
