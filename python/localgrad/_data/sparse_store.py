"""Memory for sparse rows of different lengths."""

import numpy as np
from numpy.typing import NDArray

from localgrad._arrays.sparse_rows import SparseRows


class SparseStore:
    """Sparse rows in numbered places that are written many times, with the dtype of `like`.

    The numbers of new rows are appended. When there is no more room, those of the rows that are still needed
    move to new memory of twice their size.
    """

    def __init__(self, like: SparseRows) -> None:
        self.rows = like[:0].compact()
        self._used = 0

    def grow(self, places: int) -> None:
        """Add empty places up to this number."""
        values, columns, begins, ends, width = self.rows.arrays
        positions = np.zeros((2, places), np.int64)
        positions[:, : len(begins)] = begins, ends
        self.rows = SparseRows(values, columns, positions[0], positions[1], width)

    def write(self, places: NDArray[np.uint32], rows: SparseRows, held: NDArray[np.uint32]) -> None:
        """Write adjacent rows of a compact matrix to these places; of the others, `held` are needed."""
        values, columns, begins, ends, _ = rows.arrays
        first = begins[0]
        part = slice(first, ends[-1])
        count = int(ends[-1] - first)
        dtype = np.promote_types(columns.dtype, self.rows.arrays[1].dtype)
        if self._used + count > len(self.rows.arrays[0]) or dtype != self.rows.arrays[1].dtype:
            self._move(held, count, dtype)
        all_values, all_columns, all_begins, all_ends, _ = self.rows.arrays
        to = slice(self._used, self._used + count)
        all_values[to], all_columns[to] = values[part], columns[part]
        all_begins[places], all_ends[places] = begins - first + self._used, ends - first + self._used
        self._used += count

    def _move(self, held: NDArray[np.uint32], more: int, dtype: np.dtype[np.integer]) -> None:
        """Move the rows that are needed to new memory with room for at least `more` numbers."""
        kept = self.rows[held].compact()
        _, _, begins, ends, width = self.rows.arrays
        self._used = len(kept.arrays[0])
        room = 2 * (self._used + more)
        values, columns = np.empty(room, self.rows.dtype), np.empty(room, dtype)
        values[: self._used], columns[: self._used] = kept.arrays[:2]
        begins[:], ends[:] = 0, 0
        begins[held], ends[held] = kept.arrays[2:4]
        self.rows = SparseRows(values, columns, begins, ends, width)
