"""A check of a few rows before training, for mistakes that would otherwise go unnoticed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad._arrays.sparse_rows import Rows, SparseRows
from localgrad._model.model import Model
from localgrad._training.gradient_check import gradient_check
from localgrad._training.scale import check_scale

_ROWS = 1000
_NUMBERS = 2**16  # of X to read, or 100 rows if that is more
_DENSE = 2**20  # most numbers of a dense copy of sparse rows


@dataclass
class Look:
    """A check of the first training rows that warns of a bad scale or a wrong gradient of a custom cost.

    Attributes
    ----------
    fewest : float
        Fewest rows for a full check. With fewer rows, only the size of the numbers is checked, because the
        rows may be a short part of a longer stream.
    settled : bool
        Whether the scale has been checked; until then, the next rows are also checked.
    again : callable or None
        A check to run after training.
    """

    fewest: float = 0
    settled: bool = False
    again: Callable[[], None] | None = None
    _first: bool = True

    def __call__(
        self, model: Model, rows: Rows, targets: NDArray[Any], index: NDArray[Any] | None = None
    ) -> None:
        """Check some of the rows, or of those in the index, and warn."""
        # Evenly spaced, because data may be sorted; few, because a memory map is read from disk.
        n = len(rows if index is None else index)
        width = rows.shape[1]
        count = min(n, _ROWS, max(100, _NUMBERS // width))
        if isinstance(rows, SparseRows):  # dense rows may be large, if there are many columns
            count = min(count, max(1, _DENSE // width))
        if count < n:
            which = np.arange(count) * n // count
            index = which if index is None else index[which]
        if index is not None:
            rows, targets = rows[index], targets[index]
        if isinstance(rows, SparseRows):
            rows = rows.dense()
        self.settled = check_scale(model, rows, targets, size_alone=n < self.fewest)
        if self._first:
            self.again = gradient_check(model, rows, targets)
        self._first = False

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        """Run the check that remains after training, even if training diverged."""
        again, self.again = self.again, None
        if again is not None and (error is None or isinstance(error, FloatingPointError)):
            again()
