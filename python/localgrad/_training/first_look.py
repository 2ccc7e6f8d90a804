"""What is looked at before a training begins: a few rows, for what would mislead silently."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from localgrad._cost_check import gradient_check
from localgrad._scale import check_scale

if TYPE_CHECKING:
    from localgrad._state import State

__all__ = ["look"]

_ROWS = 1000
_NUMBERS = 2**16  # of X, or as many as 100 rows have


def look(
    network: "State", rows: NDArray[Any], targets: NDArray[Any], index: NDArray[Any] | None = None
) -> Callable[[], None] | None:
    """Warn of a size or a cost that training will not cope with; return what is left to do after it.

    Rows are evenly spaced (of those that an index names), and so few that a memory map is hardly read.
    """
    n = len(rows if index is None else index)
    count = min(n, _ROWS, max(100, _NUMBERS // rows.shape[1]))
    if count < n:
        which = np.arange(count) * n // count
        index = which if index is None else index[which]
    if index is not None:
        rows, targets = rows[index], targets[index]
    check_scale(network, rows, targets)
    return gradient_check(network, rows, targets)
