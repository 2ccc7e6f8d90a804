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
