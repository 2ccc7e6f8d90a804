"""Rows of a stream in random order, with a bounded number of them in memory."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

import localgrad._core as _core
from localgrad._arrays.sparse_rows import Rows, SparseRows
from localgrad._arrays.weights import Weights
from localgrad._data.sparse_store import SparseStore
from localgrad.blocks import Block, check_alike

Order: TypeAlias = NDArray[np.uint32]
# Rows, targets or labels, weights, and the indices of the rows to train, in order.
Window: TypeAlias = tuple[Rows, NDArray[Any], Weights | None, Order]

_AT_ONCE = 2**28  # bytes to allocate at first: pages that are not written take no memory
_IN_ORDER = 4096  # rows to hold without shuffling: enough to make a call of the core worthwhile


class ShuffleBuffer:
    """A buffer that holds rows of a stream and yields them in windows, the parts of an epoch.

    When the buffer is full, its rows are put in random order. The first half, rounded down to whole
    mini-batches, is yielded, and the rest is kept in that order. At the end of the stream the remaining rows
    are yielded in a new random order. Therefore only the last mini-batch of an epoch may be smaller than the
    others, and the result does not depend on where blocks end. Without shuffling the rows keep their order.

    `size` is the number of rows to hold, at least two mini-batches of `batch_size`. Memory is allocated as
    rows arrive, so `size` may exceed their number. `numbers` holds, for each row of the arrays, its place in
    the stream, counted from 0 in the epoch.
    """

    def __init__(self, size: int, batch_size: int, *, seed: int, shuffle: bool) -> None:
        self._size = max(size if shuffle else min(size, _IN_ORDER), 2 * batch_size)
        self._part = (self._size // 2 if shuffle else self._size) // batch_size * batch_size
        self._seed = seed
        self._shuffle = shuffle
        self._arrays: Block | None = None
        self._store: SparseStore | None = None  # of the rows, if they are sparse
        self.numbers = np.zeros(0, np.int64)

    def parts(self, blocks: Iterable[Block], epoch: int) -> Iterator[Window]:
        """Yield the windows of an epoch; each epoch has its own random orders.

        A window is (rows, targets, weights or None, order): the arrays of the buffer, which are valid until
        the next window is requested, and the indices of the rows to train, uint32. All windows but the last
        have a multiple of `batch_size` rows.

        Raises
        ------
        ValueError
            If a block differs in its shapes or dtypes from the first one.
        """
        # Rows are not moved: this lists the places of the rows held, in their order, then the free places.
        places = np.arange(len(self.numbers), dtype=np.uint32)
        held = draw = read = 0
        for block in blocks:
            arrays = self._arrays or block
            check_alike(block, arrays)
            begin, n = 0, len(block[0])
            while begin < n:
                if held == self._size:
                    order = self._order(places, epoch, draw)
                    yield *arrays, order[: self._part]
                    # Sorted, because writing in memory order is faster.
                    places = np.concatenate((order[self._part :], np.sort(order[: self._part])))
                    held -= self._part
                    draw += 1
                end = min(n, begin + self._size - held)
                if held + end - begin > len(places):  # never full so far: places are still in order
                    arrays = self._grow(arrays, held, held + end - begin)
                    places = np.arange(len(self.numbers), dtype=np.uint32)
                free = places[held : held + end - begin]
                arrays = self._write(arrays, free, block, slice(begin, end), places[:held])
                self.numbers[free] = np.arange(read + begin, read + end)
                held += end - begin
                begin = end
            read += n
        if held and self._arrays is not None:
            yield *self._arrays, self._order(places[:held], epoch, draw)

    def _order(self, places: Order, epoch: int, draw: int) -> Order:
        if not self._shuffle:
            return places
        return places[_core.buffer_order(len(places), self._seed, epoch, draw)]

    def _grow(self, like: Block, held: int, wanted: int) -> Block:
        """Make room for at least `wanted` rows like those of a block, and keep the first `held` rows."""
        # Doubled each time, so that copying costs a constant per row.
        arrays = [array for array in like if isinstance(array, np.ndarray)]
        of_row = sum(array[:1].nbytes for array in arrays)
        room = min(self._size, max(wanted, 2 * len(self.numbers), _AT_ONCE // max(1, of_row)))
        numbers = np.zeros(room, np.int64)
        numbers[:held] = self.numbers[:held]
        rows, targets, weights = like
        if isinstance(rows, SparseRows):
            self._store = self._store or SparseStore(rows)
            self._store.grow(room)
            rows = self._store.rows
        else:
            rows = _with_room(rows, room, held)
        targets = _with_room(targets, room, held)
        weights = None if weights is None else _with_room(weights, room, held)
        self._arrays, self.numbers = (rows, targets, weights), numbers
        return self._arrays

    def _write(self, arrays: Block, places: Order, block: Block, part: slice, held: Order) -> Block:
        """Copy a part of a block to these places; of the other places, only `held` are still needed."""
        # A number that overflows becomes an infinity, which the core rejects and reports with its row.
        with np.errstate(all="ignore"):
            for array, given in zip(arrays, block, strict=True):
                if isinstance(array, np.ndarray) and isinstance(given, np.ndarray):
                    array[places] = given[part]
            if self._store is not None and isinstance(block[0], SparseRows):
                self._store.write(places, block[0][part], held)
                self._arrays = arrays = (self._store.rows, *arrays[1:])
        return arrays


def _with_room(array: NDArray[Any], room: int, held: int) -> NDArray[Any]:
    """Return a new array with room for more rows and the first `held` rows of this one, which is longer."""
    new = np.empty((room, *array.shape[1:]), array.dtype)
    new[:held] = array[:held]
    return new
