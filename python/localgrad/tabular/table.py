"""Tables in memory: named columns of values."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from localgrad._arrays.frames import columns_of, is_frame
from localgrad.tabular.values import Values, converted, values_of

Weights: TypeAlias = NDArray[np.float64] | None


class Table(NamedTuple):
    """The columns of an array or data frame, None for those that were not read, and their labels in it."""

    labels: list[Any]
    columns: list[Values | None]
    rows: int

    @classmethod
    def read(cls, X: Any, wanted: Sequence[bool] | None = None) -> "Table":
        """Read an array of 2 dimensions or a data frame; `wanted` is whether to read each column."""
        pairs = list(columns_of(X)) if is_frame(X) else [(f"x{i}", one) for i, one in enumerate(X.T)]
        columns = [
            values_of(column, where(str(label))) if wanted is None or wanted[i] else None
            for i, (label, column) in enumerate(pairs)
        ]
        return cls([label for label, _ in pairs], columns, X.shape[0])

    @property
    def names(self) -> list[str]:
        """The labels as text."""
        return [str(label) for label in self.labels]

    def converted(self, kinds: Mapping[int, str]) -> "Table":
        """Return the table with the values of some columns as these kinds, which the user requests."""
        columns = list(self.columns)
        for i, kind in kinds.items():
            if (values := columns[i]) is not None:
                columns[i] = converted(values, kind, where(self.names[i]), "as columns requests")
        return self._replace(columns=columns)

    def part(self, rows: NDArray[Any] | slice) -> "Table":
        """Return some of the rows."""
        columns = [None if one is None else one.part(rows) for one in self.columns]
        return Table(self.labels, columns, len(np.arange(self.rows)[rows]))


def where(name: str) -> str:
    """Return how messages name a column."""
    return f"X column {name!r}"


class Data(NamedTuple):
    """A table with a target, and perhaps a weight and a group, for each row."""

    table: Table
    y: NDArray[Any]
    weights: Weights = None
    groups: NDArray[np.intp] | None = None

    def part(self, rows: NDArray[Any]) -> "Data":
        """Return some of the rows."""
        others = (None if one is None else one[rows] for one in (self.y, self.weights, self.groups))
        return Data(self.table.part(rows), *others)  # type: ignore[arg-type]

    def with_weight(self) -> "Data":
        """Return the rows whose weights are above 0."""
        return self if self.weights is None or self.weights.all() else self.part(self.weights > 0)

    def merged(self) -> "Data":
        """Return one of all equal rows, with the sum of their weights, in an order that depends on values."""
        arrays = [values.array for values in self.table.columns if values is not None]
        arrays += [one for one in (self.y, self.groups) if one is not None]
        codes = np.stack([_codes(array) for array in arrays], axis=1)
        _, first, index = np.unique(codes, axis=0, return_index=True, return_inverse=True)
        sums = np.bincount(index.ravel(), self.weights, minlength=len(first))
        return self.part(first)._replace(weights=None if (sums == 1).all() else sums.astype(np.float64))


def _codes(array: NDArray[Any]) -> NDArray[np.intp]:
    """Return an integer for each value, in the order of the values."""
    if array.dtype == object:  # a missing text differs from the text "None"
        array = np.array(["" if value is None else f"={value}" for value in array.tolist()])
    return np.unique(array, return_inverse=True)[1]
