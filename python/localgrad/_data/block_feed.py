"""Mini-batches from blocks of rows that come one after the other."""

from array import array
from bisect import bisect
from collections.abc import Generator
from contextlib import closing
from typing import Any

import numpy as np

from localgrad._arrays import check_columns, column_names
from localgrad._arrays.weights import has_weight, sample_weights
from localgrad._data.examples import Examples
from localgrad._data.feed import Feed, Part
from localgrad._data.prefetch import prefetch
from localgrad._data.reading import Ended, Reading
from localgrad._data.shuffle_buffer import ShuffleBuffer
from localgrad._model.model import Model
from localgrad.blocks import Block, Blocks
from localgrad.errors import BadExample


class BlockFeed(Feed):
    """Blocks, through a shuffle buffer that a thread keeps supplied."""

    weighted = True  # whether the blocks bring weights is known too late
    names = ("X", "y")

    def __init__(self, model: Model, blocks: Blocks, batch_size: int, shuffle: bool) -> None:
        self._model = model
        self._blocks = blocks
        self._buffer: ShuffleBuffer | None = None
        self._begins = array("q")  # the first row of each block of the epoch
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.rows = blocks.rows

    def parts(self, epoch: int) -> Generator[Part, None, None]:
        """Read the source once."""
        if self._buffer is None:  # a resumed fit has its seed from the checkpoint
            self._buffer = ShuffleBuffer(
                self._blocks.shuffle_buffer,
                self.batch_size,
                seed=self._model.seed,
                shuffle=self.shuffle,
            )
        reading = Reading(self._blocks._name)
        self._begins = array("q")
        counts = False  # whether any row does
        with closing(prefetch(self._read(reading))) as blocks, closing(reading):
            for rows, targets, weights, order in self._buffer.parts(blocks, epoch):
                if weights is None:
                    weights = np.ones(len(rows))
                if not counts:
                    counts = has_weight(weights[order], self._model.dtype)
                yield Part(rows, targets, weights, order, order)
            if not counts:
                raise ValueError(
                    f"sample_weight must be above 0 as {self._model.dtype} for at least 1 row of an epoch, "
                    "got 0 for all of them"
                )

    def _read(self, reading: Reading) -> Generator[Block, None, None]:
        """Run in the thread that reads."""
        try:
            yield from self._blocks._epoch(self._check, reading.hold, self._begins.append)
        except Ended:
            pass
        finally:
            reading.leave()

    def located(self, error: BadExample) -> BadExample:
        """Return the core's complaint with the row's number in its block, not in the buffer."""
        assert self._buffer is not None
        row = int(self._buffer.numbers[error.row])
        block = bisect(self._begins, row)
        row -= self._begins[block - 1]
        return BadExample(error.argument, row, error.reason, column=error.column, block=block)

    def _check(self, X: Any, y: Any, weights: Any) -> Block:
        check_columns(X, "X", self.columns)
        data = Examples.of(self._model, X, y, only_batch=True)
        if self.columns is None and (columns := column_names(X)):
            self.columns = columns
            self._model.native.feature_names = list(columns)
        if weights is not None:  # in one block they may all be 0
            weights = sample_weights(weights, len(data), may_all_be_0=True)
        return data.rows, data.targets, weights
