"""Columns of text that were probably meant to be used in another way."""

from collections.abc import Container, Iterator
from typing import NamedTuple

from localgrad._support.warn import warn
from localgrad.tabular.columns import Columns
from localgrad.tabular.table import Table, where
from localgrad.tabular.texts import READERS, is_gap
from localgrad.tabular.values import Values, distinct
from localgrad.warnings import ColumnWarning

_BLEMISHES = 0.1  # of the different texts, below which the others tell what was meant


class Blemish(NamedTuple):
    """A column of text that is nearly always a number or date: which of them, and the first other value.

    `used` is the kind of the column instead, "categorical" or "identifier".
    """

    column: str
    used: str
    kind: str
    text: str
    row: int


def warn_of_text(table: Table, columns: Columns, requested: Container[int]) -> None:
    """Warn of text that is nearly always a number or date, and of text that is ignored as an identifier."""
    for found in blemishes(table, columns, requested):
        ignored = " and ignored" if found.used == "identifier" else ""
        warn(
            f"{where(found.column)} is read as text{ignored}, because not all values are {found.kind}s, got "
            f"{found.text!r} at row {found.row}; replace such values with None, or set the kind of the "
            "column with columns=",
            ColumnWarning,
        )
    if others := ignored_text(table, columns, requested):
        names = ", ".join(map(repr, others))
        warn(
            f"X has columns that are ignored, because nearly every row has its own text: {names}; columns= "
            "sets their kinds, such as 'categorical', or 'identifier' to ignore them without this warning",
            ColumnWarning,
        )


def blemishes(table: Table, columns: Columns, requested: Container[int]) -> Iterator[Blemish]:
    """Yield the columns of text that are nearly always numbers or dates."""
    for name, kind, values in _texts(table, columns, requested):
        if (found := blemish(values)) is not None:
            yield Blemish(name, kind, *found)


def ignored_text(table: Table, columns: Columns, requested: Container[int]) -> list[str]:
    """Return the other columns of text that are ignored as identifiers."""
    return [
        name
        for name, kind, values in _texts(table, columns, requested)
        if kind == "identifier" and blemish(values) is None
    ]


def _texts(table: Table, columns: Columns, requested: Container[int]) -> Iterator[tuple[str, str, Values]]:
    """Yield the name, kind and values of columns of text whose kinds are not requested."""
    for i, (column, values) in enumerate(zip(columns, table.columns, strict=True)):
        if values is not None and values.kind == "text" and not values.categories and i not in requested:
            yield column.name, column.kind, values


def blemish(values: Values) -> tuple[str, str, int] | None:
    """Return what nearly all texts are, and the first other one with its row; None if they are just texts."""
    texts = [one for one in distinct(values.array) if not is_gap(one)]
    for kind in ("number", "date"):
        others = [one for one in texts if READERS[kind](one) is None]
        # Digits that are not read as a number are a code, such as 01234.
        if others and len(others) < _BLEMISHES * len(texts) and not any(one.isdigit() for one in others):
            return kind, others[0], values.array.tolist().index(others[0])
    return None
