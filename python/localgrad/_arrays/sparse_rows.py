"""Rows of SciPy's sparse matrices and arrays, which the core expands one mini-batch at a time."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from localgrad._arrays.remedies import readable
from localgrad._arrays.sparse import check_numbers, is_sparse
from localgrad.errors import BadExample

Indices: TypeAlias = NDArray[np.int32] | NDArray[np.int64]


class SparseRows:
    """A sparse matrix (n, width): row r has values[k] in column columns[k], and zeros elsewhere.

    For row r, k runs from begins[r] to ends[r] - 1. Indexing rows, with a slice or an array, copies no
    values. The core checks the positions when it reads a row.

    Attributes
    ----------
    arrays : tuple
        ``(values, columns, begins, ends, width)``, as the core reads them.
    """

    ndim = 2

    def __init__(
        self, values: NDArray[Any], columns: Indices, begins: Indices, ends: Indices, width: int
    ) -> None:
        self.arrays = values, columns, begins, ends, width

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of the values."""
        return self.arrays[0].dtype

    @property
    def shape(self) -> tuple[int, int]:
        """(n, width)."""
        return len(self), self.arrays[-1]

    def __len__(self) -> int:
        return len(self.arrays[2])

    def __getitem__(self, which: slice | NDArray[Any]) -> "SparseRows":
        values, columns, begins, ends, width = self.arrays
        return SparseRows(values, columns, begins[which], ends[which], width)

    def compact(self) -> "SparseRows":
        """Return a copy of only these rows, one after the other; an invalid row raises BadExample."""
        values, columns, begins, ends, width = self.arrays
        begins, ends = begins.astype(np.int64), ends.astype(np.int64)
        stored = min(len(values), len(columns))
        good = (begins >= 0) & (begins <= ends) & (ends <= stored)
        if not good.all():
            row = int(np.argmin(good))
            reason = f"must have stored numbers between 0 and {stored}, got {begins[row]} to {ends[row]}"
            raise BadExample("X", row, reason)
        lengths = ends - begins
        new_ends = np.cumsum(lengths)
        new_begins = new_ends - lengths
        at = np.repeat(begins - new_begins, lengths) + np.arange(lengths.sum())
        return SparseRows(values[at], columns[at], new_begins, new_ends, width)

    def dense(self) -> NDArray[Any]:
        """Return the rows as an array, with zeros for positions that are out of range."""
        values, columns, begins, ends, width = self.arrays
        array = np.zeros(self.shape, self.dtype)
        stored = min(len(values), len(columns))
        for row, begin, end in zip(array, begins.tolist(), ends.tolist(), strict=True):
            part = slice(begin, end) if 0 <= begin <= end <= stored else slice(0)
            at = columns[part].copy()  # another thread may change them after the check
            good = (at >= 0) & (at < width)
            with np.errstate(all="ignore"):
                np.add.at(row, at[good], values[part][good])
        return array


# What Network and Blocks accept as examples.
Rows: TypeAlias = NDArray[Any] | SparseRows


def sparse_rows(value: Any, name: str) -> SparseRows | None:
    """Return the rows of a sparse matrix of SciPy, or of one with the same methods; None for other values."""
    if not (is_sparse(value) and hasattr(type(value), "tocsr") and len(value.shape) == 2):
        return None
    with readable(value, name):
        dtype = np.dtype(value.dtype)
    check_numbers(dtype, name)
    try:
        matrix = _to_csr(value)
        n, width = (int(k) for k in matrix.shape)
        values, columns, starts = matrix.data, matrix.indices, matrix.indptr
        if not (values.ndim == columns.ndim == starts.ndim == 1) or len(starts) != n + 1:
            raise ValueError(f"indptr must have {n + 1} entries, got shape {starts.shape}")
    except ValueError as error:
        raise ValueError(
            f"{name} must be a valid sparse matrix, got one of format {value.format}: {error}"
        ) from error
    starts = _indices(starts)
    return SparseRows(values, _indices(columns), starts[:-1], starts[1:], width)


def _to_csr(value: Any) -> Any:
    kind = getattr(value, "format", None)
    if kind == "csr":
        return value
    if kind in ("coo", "csc", "bsr"):
        # `tocsr` does not check indices, and one out of range would crash the process. The new matrix shares
        # the arrays; the check may replace them, but only in the new one.
        value = type(value)(value)
        if kind != "coo":  # whose constructor checks them
            value.check_format(full_check=True)
    return value.tocsr()


def _indices(array: NDArray[Any]) -> Indices:
    if array.dtype.kind not in "iu":
        raise TypeError(f"indices of a sparse matrix must be integers, got {array.dtype}")
    wanted = np.int32 if array.dtype.itemsize < 8 and array.dtype != np.uint32 else np.int64
    indices: Indices = np.require(array, wanted, ["C", "A"])
    return indices
