"""What networks are trained and validated with."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from localgrad.tabular.table import Weights


class Rows(NamedTuple):
    """Inputs, targets as the network expects them, and weights."""

    X: NDArray[np.float32]
    y: NDArray[Any]
    weights: Weights

    def part(self, rows: NDArray[np.bool_]) -> "Rows":
        """Return some of the rows."""
        return Rows(self.X[rows], self.y[rows], None if self.weights is None else self.weights[rows])
