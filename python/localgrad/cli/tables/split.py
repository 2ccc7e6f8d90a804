"""Which rows are held out for testing."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def test_rows(y: NDArray[Any], fraction: float, seed: int, *, classes: bool) -> NDArray[np.bool_]:
    """Return whether each row is held out: a random part with the same distribution of the targets.

    The rows are taken at regular intervals in the order of their targets, which is random among equal ones.
    No class is held out as a whole.

    Examples
    --------
    >>> import numpy as np
    >>> test_rows(np.array(["a", "b"] * 5), 0.2, 0, classes=True).sum()
    np.int64(2)
    """
    n = len(y)
    random = np.random.default_rng(seed)
    codes, counts = np.unique(y, return_inverse=True, return_counts=True)[1:]
    order = np.lexsort((random.random(n), codes))
    steps = np.floor((np.arange(n + 1) + random.random() / max(fraction, 1e-9)) * fraction)
    held = np.zeros(n, bool)
    held[order] = np.diff(steps) > 0
    if classes:  # of each class, the last row is trained on if all were held out
        all_held = np.bincount(codes, held) == counts
        last = order[np.cumsum(counts) - 1]
        held[last[all_held]] = False
    return held


def group_rows(groups: NDArray[Any], fraction: float, seed: int) -> NDArray[np.bool_]:
    """Return whether each row is held out: whole groups, drawn at random, of about a share of the rows.

    Examples
    --------
    >>> import numpy as np
    >>> held = group_rows(np.array(["a", "b", "c", "d", "e"] * 2), 0.4, 0)
    >>> held.sum(), (held[:5] == held[5:]).all()
    (np.int64(4), np.True_)
    """
    codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)[1:]
    wanted, held, found = fraction * len(groups), 0, []
    for group in np.random.default_rng(seed).permutation(len(sizes)).tolist():
        # A group that brings the number of rows closer to the wanted one, but never all of them.
        if sizes[group] < 2 * (wanted - held) and held + sizes[group] < len(groups):
            found.append(group)
            held += int(sizes[group])
    return np.isin(codes, found)


def last_rows(n: int, fraction: float) -> NDArray[np.bool_]:
    """Return whether each row is among the last ones, a share of all.

    Examples
    --------
    >>> last_rows(5, 0.4).tolist()
    [False, False, False, True, True]
    """
    return np.arange(n) >= n - min(round(n * fraction), n - 1)
