"""The preprocessing of tables: from columns of any kind to the inputs of a network."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from localgrad.tabular import described
from localgrad.tabular.categories import Categories
from localgrad.tabular.columns import IGNORED, KINDS, Column, Columns
from localgrad.tabular.dates import Dates
from localgrad.tabular.numbers import Numbers
from localgrad.tabular.table import Table, where
from localgrad.tabular.values import Values, converted, texts_of

_BLOCK = 2**21  # inputs that are encoded at once

Encoder: TypeAlias = Numbers | Categories | Dates
_ENCODERS: dict[str, type[Encoder]] = {
    "numeric": Numbers,
    "categorical": Categories,
    "boolean": Categories,
    "date": Dates,
}


class Preprocessing:
    """The columns of a table and their encoders.

    Attributes
    ----------
    columns : Columns
        The columns, in the order of the table.
    encoders : list of Numbers, Categories, Dates or None
        Encoder of each column; None for those that are ignored.
    width : int
        Number of inputs of the network; at least 1, which is always 0 if all columns are ignored.
    """

    def __init__(self, columns: Columns, encoders: Sequence[Encoder | None]) -> None:
        self.columns = columns
        self.encoders = list(encoders)
        self.width = max(sum(one.width for one in self.encoders if one is not None), 1)

    @classmethod
    def fit(cls, table: Table, columns: Columns, bins: int) -> Self:
        """Return the preprocessing of a table, with at most `bins` bins of each column of numbers."""
        encoders: list[Encoder | None] = []
        for column, values in zip(columns, table.columns, strict=True):
            if column.kind in IGNORED or values is None:
                encoders.append(None)
                continue
            array = _inputs(column, values)
            encoders.append(
                Numbers.fit(array, bins) if column.kind == "numeric" else _ENCODERS[column.kind].fit(array)  # type: ignore[call-arg]
            )
        return cls(columns, encoders)

    def read(self, X: Any) -> Table:
        """Read the columns that are not ignored, as values of their kinds."""
        table = Table.read(X, [encoder is not None for encoder in self.encoders])
        pairs = zip(self.columns, table.columns, strict=True)
        columns = [None if values is None else _as_fitted(column, values) for column, values in pairs]
        return table._replace(columns=columns)

    def blocks(self, table: Table) -> Iterator[NDArray[np.float32]]:
        """Yield the inputs for some rows of a table after the other, so that they need little memory."""
        rows = max(_BLOCK // self.width, 1)
        for start in range(0, table.rows, rows):
            part = table if rows >= table.rows else table.part(slice(start, start + rows))
            yield self._encode(part)

    def encode(self, table: Table) -> NDArray[np.float32]:
        """Return the inputs of the network, (n, width), for a table with the same columns."""
        inputs = np.empty((table.rows, self.width), np.float32)
        start = 0
        for block in self.blocks(table):
            inputs[start : start + len(block)] = block
            start += len(block)
        return inputs

    def _encode(self, table: Table) -> NDArray[np.float32]:
        inputs = np.zeros((table.rows, self.width), np.float32)
        start = 0
        for column, encoder, values in zip(self.columns, self.encoders, table.columns, strict=True):
            if encoder is not None and values is not None:
                encoder.encode(_inputs(column, values), inputs[:, start : start + encoder.width])
                start += encoder.width
        return inputs

    def description(self) -> list[dict[str, Any]]:
        """Return the state as JSON values, one object for each column."""
        return [
            {
                "name": column.name,
                "kind": column.kind,
                "reason": column.reason,
                **({} if encoder is None else {"encoder": encoder.description()}),
            }
            for column, encoder in zip(self.columns, self.encoders, strict=True)
        ]

    @classmethod
    def of(cls, descriptions: Sequence[Mapping[str, Any]]) -> Self:
        """Return the preprocessing of such a state; raise a ValueError if it is invalid."""
        columns, encoders = [], []
        for one in descriptions:
            column = Column(*(described.text(one, name) for name in ("name", "kind", "reason")))
            if column.kind not in KINDS:
                raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {column.kind!r}")
            columns.append(column)
            ignored = column.kind in IGNORED
            encoders.append(
                None if ignored else _ENCODERS[column.kind].of(described.field(one, "encoder", dict))
            )
        return cls(Columns(columns), encoders)


def _as_fitted(column: Column, values: Values) -> Values:
    return converted(values, column.values, where(column.name))


def _inputs(column: Column, values: Values) -> NDArray[Any]:
    """Return values as the encoder of their column expects them: booleans as the texts 0 and 1."""
    array = _as_fitted(column, values).array
    return texts_of(array) if column.kind == "boolean" else array
