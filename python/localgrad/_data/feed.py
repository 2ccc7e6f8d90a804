"""Sources of the mini-batches of a fit."""

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import localgrad._core as _core
from localgrad._arrays.sparse_rows import Rows
from localgrad._arrays.weights import ClassWeight, Weights
from localgrad._data.examples import Examples, Moments
from localgrad.errors import BadExample

Order = NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Part:
    """A part of an epoch: arrays, the order in which to train their rows, and which rows these are."""

    rows: Rows
    targets: NDArray[Any]
    weights: Weights | None
    order: Order
    trained: slice | Order


class Feed(ABC):
    """The data of one fit: `rows` examples per epoch (None if unknown) in mini-batches of `batch_size`."""

    batch_size: int
    rows: int | None
    shuffle: bool
    weighted: bool
    names: tuple[str, str]
    columns: tuple[str, ...] | None = None  # if X or the blocks are data frames

    @property
    def mini_batches(self) -> int | None:
        """Number of mini-batches in an epoch, None if unknown."""
        return None if self.rows is None else -(-self.rows // self.batch_size)

    def located(self, error: BadExample) -> BadExample:
        """Return the core's error about a row with the row's place in the user's data."""
        return error

    @abstractmethod
    def moments(self, n_threads: int) -> Moments:
        """Return the means and standard deviations of the examples, by a pass over them."""

    @abstractmethod
    def parts(self, epoch: int) -> Generator[Part, None, None]:
        """Yield the parts of an epoch; `epoch` is the number of epochs trained before it."""


class ArrayFeed(Feed):
    """Examples in arrays; an epoch is a single part."""

    def __init__(
        self, data: Examples, class_weight: ClassWeight | None, batch_size: int | None, shuffle: bool
    ) -> None:
        of_classes = class_weight is not None and data.weights is not None
        # Class weights do not count for means and standard deviations, and are multiplied in place.
        own = data.weights.copy() if of_classes and data.model.standardize_now else None  # type: ignore[union-attr]
        data = data.weighed(class_weight)
        self._own_weights = data.weights if class_weight is None else own
        self.data = data
        self.batch_size = min(batch_size or len(data), len(data))
        self.rows = len(data)
        self.weighted = data.weights is not None
        self.names = data.names
        self.shuffle = shuffle

    def moments(self, n_threads: int) -> Moments:
        """Return the means and standard deviations of the examples."""
        return replace(self.data, weights=self._own_weights).moments(n_threads)

    def parts(self, epoch: int) -> Generator[Part, None, None]:
        """Yield the single part."""
        data, n = self.data, len(self.data)
        # The order depends only on (seed, epoch), so a resumed fit repeats it.
        order = _core.epoch_order(n, self.batch_size, self.shuffle, data.model.seed, epoch)
        trained: slice | Order = slice(None)
        if data.index is not None:
            order, trained = data.index[order], data.index
        yield Part(data.rows, data.targets, data.weights, order, trained)
