"""Sources of the mini-batches of a fit."""

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import localgrad._core as _core
from localgrad._arrays.sparse_rows import Rows
from localgrad._arrays.weights import Weights
from localgrad._data.examples import Examples
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
    def parts(self, epoch: int) -> Generator[Part, None, None]:
        """Yield the parts of an epoch; `epoch` is the number of epochs trained before it."""


class ArrayFeed(Feed):
    """Examples in arrays; an epoch is a single part."""

    def __init__(self, data: Examples, batch_size: int, shuffle: bool) -> None:
        self.data = data
        self.batch_size = batch_size
        self.rows = len(data)
        self.weighted = data.weights is not None
        self.names = data.names
        self.shuffle = shuffle

    def parts(self, epoch: int) -> Generator[Part, None, None]:
        """Yield the single part."""
        data, n = self.data, len(self.data)
        # The order depends only on (seed, epoch), so a resumed fit repeats it.
        order = _core.epoch_order(n, self.batch_size, self.shuffle, data.model.seed, epoch)
        trained: slice | Order = slice(None)
        if data.index is not None:
            order, trained = data.index[order], data.index
        yield Part(data.rows, data.targets, data.weights, order, trained)
