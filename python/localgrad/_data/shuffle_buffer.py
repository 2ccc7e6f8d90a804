"""Rows of a stream in random order, with a bounded number of them in memory."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

import localgrad._core as _core
from localgrad._arrays.weights import Weights
from localgrad.blocks import Block, check_alike

# Rows, targets or labels, weights, and the indices of the rows to train, in order.
Window: TypeAlias = tuple[NDArray[Any], NDArray[Any], Weights | None, NDArray[np.uint32]]

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
                _write(arrays, free, block, slice(begin, end))
                self.numbers[free] = np.arange(read + begin, read + end)
                held += end - begin
                begin = end
            read += n
        if held and self._arrays is not None:
            yield *self._arrays, self._order(places[:held], epoch, draw)

    def _order(self, places: NDArray[np.uint32], epoch: int, draw: int) -> NDArray[np.uint32]:
        if not self._shuffle:
            return places
        return places[_core.buffer_order(len(places), self._seed, epoch, draw)]

    def _grow(self, like: Block, held: int, wanted: int) -> Block:
        """Make room for at least `wanted` rows like those of a block, and keep the first `held` rows."""
        # Doubled each time, so that copying costs a constant per row.
        of_row = sum(array[:1].nbytes for array in like if array is not None)
        room = min(self._size, max(wanted, 2 * len(self.numbers), _AT_ONCE // max(1, of_row)))
        before, numbers = self._arrays, np.zeros(room, np.int64)
        arrays = [
            None if array is None else np.empty((room, *array.shape[1:]), array.dtype) for array in like
        ]
        if before is not None:
            numbers[:held] = self.numbers[:held]
            for new, old in zip(arrays, before, strict=True):
                if new is not None and old is not None:
                    new[:held] = old[:held]
        rows, targets, weights = arrays
        assert rows is not None
        assert targets is not None
        self._arrays, self.numbers = (rows, targets, weights), numbers
        return self._arrays


def _write(arrays: Block, places: NDArray[np.uint32], block: Block, part: slice) -> None:
    """Copy a part of a block to these places in the buffer."""
    # A number that overflows becomes an infinity, which the core rejects and reports with its row.
    with np.errstate(all="ignore"):
        for array, given in zip(arrays, block, strict=True):
            if array is not None and given is not None:
                array[places] = given[part]
