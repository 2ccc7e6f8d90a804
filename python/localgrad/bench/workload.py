"""The work that all contenders do."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

import localgrad as lg

__all__ = ["FloatArray", "Workload"]

FloatArray = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Workload:
    """A network with its initial parameters, and whole mini-batches to train it on."""

    initial: lg.Network
    X: FloatArray
    y: NDArray[Any]  # labels, or targets of shape (n, m_L)
    batch_size: int
    learning_rate: float
    n_threads: int | None = None

    @property
    def steps(self) -> int:
        """The number of whole mini-batches."""
        return len(self.X) // self.batch_size

    def first(self, steps: int, batch_size: int | None = None) -> Self:
        """Return the same work on the first mini-batches only, perhaps of another size."""
        size = batch_size or self.batch_size
        return replace(self, X=self.X[: steps * size], y=self.y[: steps * size], batch_size=size)
