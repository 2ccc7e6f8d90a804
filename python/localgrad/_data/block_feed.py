"""Mini-batches from blocks of rows."""

from array import array
from bisect import bisect
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from typing import Any

import numpy as np

from localgrad._arrays import check_columns, column_names
from localgrad._arrays.sparse_rows import SparseRows
from localgrad._arrays.weights import Weights, has_weight, sample_weights
from localgrad._data.examples import Examples, Moments
from localgrad._data.feed import Feed, Part
from localgrad._data.prefetch import prefetch
from localgrad._data.reading import Ended, Reading
from localgrad._data.shuffle_buffer import ShuffleBuffer
from localgrad._model.model import Model
from localgrad.blocks import Block, Blocks
from localgrad.errors import BadExample


class BlockFeed(Feed):
    """Blocks, prefetched by a background thread and mixed in a shuffle buffer."""

    weighted = True  # the trainer is created before the first block, which may have weights
    names = ("X", "y")

    def __init__(self, model: Model, blocks: Blocks, batch_size: int, shuffle: bool) -> None:
        self._model = model
        self._blocks = blocks
        self._buffer: ShuffleBuffer | None = None
        self._begins = array("q")  # the first row of each block of the epoch, for `located`
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.rows = blocks.rows

    def parts(self, epoch: int) -> Generator[Part, None, None]:
        """Read the source once, and yield the parts of the epoch."""
        if self._buffer is None:  # created late, because a resumed fit takes its seed from the checkpoint
            self._buffer = ShuffleBuffer(
                self._blocks.shuffle_buffer,
                self.batch_size,
                seed=self._model.seed,
                shuffle=self.shuffle,
            )
        reading = Reading(self._blocks._name)
        self._begins = array("q")
        counts = False  # whether any row so far has a weight above 0
        with closing(prefetch(self._read(reading))) as blocks, closing(reading):
            for rows, targets, weights, order in self._buffer.parts(blocks, epoch):
                if weights is None:
                    weights = np.ones(len(rows))
                if not counts:
                    counts = has_weight(weights[order], self._model.dtype)
                yield Part(rows, targets, weights, order, order)
            if not counts:
                raise ValueError(
                    f"sample_weight must be above 0 as {self._model.dtype} for at least 1 example of an "
                    "epoch, got 0 for all"
                )

    def moments(self, n_threads: int) -> Moments:
        """Return the means and standard deviations of the examples, by reading the source once."""
        reading = Reading(self._blocks._name)
        self._begins = array("q")
        begin = 0  # the first row of the current piece of a block

        def pieces(blocks: Iterable[Block]) -> Iterator[tuple[Any, Any, Weights | None, None]]:
            nonlocal begin
            read = 0
            for rows, targets, weights in blocks:
                begin, read = read, read + len(rows)
                yield rows, targets, weights, None

        with closing(prefetch(self._read(reading))) as blocks, closing(reading):
            try:
                return self._model.native.moments(pieces(blocks), n_threads, *self.names)
            except BadExample as error:
                raise error if error.block else self._located(error, begin + error.row) from None

    def _read(self, reading: Reading) -> Generator[Block, None, None]:
        """Yield the checked blocks; this runs in the background thread."""
        try:
            yield from self._blocks._epoch(self._check, reading.hold, self._begins.append)
        except Ended:
            pass
        finally:
            reading.leave()

    def located(self, error: BadExample) -> BadExample:
        """Return the core's error with the block and its row instead of the row of the buffer."""
        assert self._buffer is not None
        return self._located(error, int(self._buffer.numbers[error.row]))

    def _located(self, error: BadExample, row: int) -> BadExample:
        block = bisect(self._begins, row)
        row -= self._begins[block - 1]
        return BadExample(error.argument, row, error.reason, column=error.column, block=block)

    def _check(self, X: Any, y: Any, weights: Any) -> Block:
        check_columns(X, "X", self.columns)
        data = Examples.of(self._model, X, y, only_batch=True)
        # The first block that is a data frame decides the names of the columns.
        if self.columns is None and (columns := column_names(X)):
            self.columns = columns
            self._model.native.feature_names = list(columns)
        if weights is not None:  # a block may have only weights of 0 if the epoch has others
            weights = sample_weights(weights, len(data), may_all_be_0=True)
        rows = data.rows.compact() if isinstance(data.rows, SparseRows) else data.rows
        return rows, data.targets, weights
