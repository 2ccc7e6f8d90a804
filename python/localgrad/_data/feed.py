"""Where the mini-batches of a fit come from."""

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import localgrad._core as _core
from localgrad._arrays.weights import Weights
from localgrad._data.examples import Examples
from localgrad.errors import BadExample

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
    """What one fit reads: `rows` examples an epoch, None if unknown, in mini-batches of `batch_size`."""

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
        """Return the parts of the epoch that follows this many epochs of the network."""


class ArrayFeed(Feed):
    """Examples in arrays: an epoch is one part."""

    def __init__(self, data: Examples, batch_size: int, shuffle: bool) -> None:
        self.data = data
        self.batch_size = batch_size
        self.rows = len(data)
        self.weighted = data.weights is not None
        self.names = data.names
        self.shuffle = shuffle

    def parts(self, epoch: int) -> Generator[Part, None, None]:
        """Return the one part, in the order that (seed, epoch) gives: a resumed fit draws it again."""
        data, n = self.data, len(self.data)
        order = _core.epoch_order(n, self.batch_size, self.shuffle, data.model.seed, epoch)
        trained: slice | Order = slice(None)
        if data.index is not None:
            order, trained = data.index[order], data.index
        yield Part(data.rows, data.targets, data.weights, order, trained)
