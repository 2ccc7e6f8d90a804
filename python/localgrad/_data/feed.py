"""Where the mini-batches of a fit come from."""

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from localgrad import _core
from localgrad._arrays.rows import FloatArray
from localgrad._arrays.weights import Weights
from localgrad._model.model import Model
from localgrad.errors import BadExample

if TYPE_CHECKING:
    from localgrad._data.examples import Examples
    from localgrad.metrics import Metric

__all__ = ["ArrayFeed", "Feed", "Order", "Outputs", "Part"]

Order = NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Part:
    """A part of an epoch: arrays, the order in which their rows are trained, and which rows those are."""

    rows: NDArray[Any]
    targets: NDArray[Any]
    weights: Weights | None
    order: Order
    trained: slice | Order


class Feed(ABC):
    """What one fit reads: `rows` examples an epoch, None if nobody knows, in mini-batches of `batch_size`."""

    batch_size: int
    rows: int | None
    shuffle: bool
    weighted: bool
    names: tuple[str, str]
    columns: tuple[str, ...] | None = None  # of the data frame that X is, or the blocks are

    @property
    def mini_batches(self) -> int | None:
        """How many there are in an epoch."""
        return None if self.rows is None else -(-self.rows // self.batch_size)

    def located(self, error: BadExample) -> BadExample:
        """Return the core's complaint of a row as one of a row that the user knows."""
        return error

    @abstractmethod
    def parts(self, epoch: int) -> Generator[Part, None, None]:
        """Return the parts of the epoch behind so many epochs of the network."""


class ArrayFeed(Feed):
    """Examples in arrays: an epoch is one part."""

    def __init__(self, data: "Examples", batch_size: int, shuffle: bool) -> None:
        self.data = data
        self.batch_size = batch_size
        self.rows = len(data)
        self.weighted = data.weights is not None
        self.names = data.names
        self.shuffle = shuffle

    def parts(self, epoch: int) -> Generator[Part, None, None]:
        """Return the one part."""
        data, n = self.data, len(self.data)
        # The sum over a single mini-batch knows no order.
        if self.shuffle and n > self.batch_size:
            order = _core.shuffled(n, data.model.seed, epoch)
        else:
            order = np.arange(n, dtype=np.uint32)
        trained: slice | Order = slice(None)
        if data.index is not None:
            order, trained = data.index[order], data.index
        yield Part(data.rows, data.targets, data.weights, order, trained)


class Outputs:
    """What the network answered to an epoch's examples while it was trained on them, for metrics."""

    def __init__(self, metrics: "tuple[Metric, ...]", model: Model) -> None:
        self.metrics = metrics
        self.array: FloatArray | None = None  # where the answers to the rows of the part under way belong
        self.kept: FloatArray | None = None  # what a checkpoint kept of an epoch, (position, m_L)
        self._width, self._dtype = model.sizes[-1], model.dtype
        self._complete = False
        self._part: Part | None = None
        self._done = 0
        self._taken: list[tuple[NDArray[Any], FloatArray, Weights | None]] = []

    def begin(self, position: int) -> None:
        """Begin an epoch of which so many rows have been trained before."""
        self._taken.clear()
        self._complete = bool(self.metrics) and (position == 0 or self.kept is not None)

    def begin_part(self, part: Part, done: int) -> None:
        """Begin a part of which so many rows have been trained before."""
        if not self._complete:
            self.array = None
            return
        if self.array is None or len(self.array) != len(part.rows):
            self.array = np.empty((len(part.rows), self._width), self._dtype)
        if self.kept is not None:
            self.array[part.order[:done]] = self.kept[:done]
            self.kept = self.kept[done:] if done < len(self.kept) else None
        self._part, self._done = part, done

    def advance(self, rows: int) -> None:
        """Note that so many more rows of the part have been trained."""
        self._done += rows

    def end_part(self) -> None:
        """Keep the answers to a part that has been trained."""
        part, self._part = self._part, None
        if part is not None and self.array is not None:
            weights = None if part.weights is None else part.weights[part.trained]
            self._taken.append((part.targets[part.trained], self.array[part.trained], weights))

    def so_far(self, position: int) -> FloatArray | None:
        """Return the answers to what has been trained of the epoch, in that order; None without metrics."""
        if not position or not self._complete or self.array is None:
            return None
        pieces = [a for _, a, _ in self._taken]
        if self._part is not None:
            pieces.append(self.array[self._part.order[: self._done]])
        return np.concatenate(pieces) if pieces else None

    def measure(self) -> dict[str, float]:
        """Return the metrics of the epoch; without what a checkpoint did not keep there are none."""
        if not self._complete:
            return {}
        y, a, w = zip(*self._taken, strict=True)
        if len(self._taken) == 1:
            targets, outputs, weights = y[0], a[0], w[0]
        else:
            targets, outputs = np.concatenate(y), np.concatenate(a)
            weights = None if w[0] is None else np.concatenate(w)
        return {metric.name: metric(targets, outputs, weights) for metric in self.metrics}
