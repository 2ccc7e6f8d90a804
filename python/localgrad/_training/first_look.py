"""What is looked at before a training begins: a few rows, for what would mislead silently."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad._model.model import Model
from localgrad._training.gradient_check import gradient_check
from localgrad._training.scale import check_scale

_ROWS = 1000
_NUMBERS = 2**16  # of X, or as many as 100 rows have


@dataclass
class Look:
    """A look at the first rows that are trained, for a size or a cost that training will not cope with.

    Attributes
    ----------
    fewest : float
        Fewer rows than these are taken for a moment of many, and judged by their size alone.
    settled : bool
        Whether the scale is known; until then look at the next ones.
    again : callable or None
        What is left to do after the training.
    """

    fewest: float = 0
    settled: bool = False
    again: Callable[[], None] | None = None
    _first: bool = True

    def __call__(
        self, model: Model, rows: NDArray[Any], targets: NDArray[Any], index: NDArray[Any] | None = None
    ) -> None:
        """Warn of what is found.

        Rows are evenly spaced (of those that an index names), and so few that a memory map is hardly read.
        """
        n = len(rows if index is None else index)
        count = min(n, _ROWS, max(100, _NUMBERS // rows.shape[1]))
        if count < n:
            which = np.arange(count) * n // count
            index = which if index is None else index[which]
        if index is not None:
            rows, targets = rows[index], targets[index]
        self.settled = check_scale(model, rows, targets, size_alone=n < self.fewest)
        if self._first:
            self.again = gradient_check(model, rows, targets)
        self._first = False

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        """Do what is left after the training, also if that diverged."""
        again, self.again = self.again, None
        if again is not None and (error is None or isinstance(error, FloatingPointError)):
            again()
