"""Warnings about columns of text that were probably meant to be used in another way."""

from collections.abc import Container

from localgrad._support.warn import warn
from localgrad.tabular.columns import Columns
from localgrad.tabular.table import Table, where
from localgrad.tabular.texts import READERS, is_gap
from localgrad.tabular.values import Values, distinct
from localgrad.warnings import ColumnWarning

_BLEMISHES = 0.1  # of the different texts, below which the others tell what was meant


def warn_of_text(table: Table, columns: Columns, requested: Container[int]) -> None:
    """Warn of text that is nearly always a number or date, and of text that is ignored as an identifier."""
    ignored = []
    for i, (column, values) in enumerate(zip(columns, table.columns, strict=True)):
        if values is None or values.kind != "text" or values.categories or i in requested:
            continue
        if (found := _blemish(values)) is not None:
            kind, text, row = found
            warn(
                f"{where(column.name)} is read as text, because not all values are {kind}s, got {text!r} at "
                f"row {row}; replace such values with None, or set the kind of the column with columns=",
                ColumnWarning,
            )
        elif column.kind == "identifier":
            ignored.append(column.name)
    if ignored:
        names = ", ".join(map(repr, ignored))
        warn(
            f"X has columns that are ignored, because nearly every row has its own text: {names}; columns= "
            "sets their kinds, such as 'categorical', or 'identifier' to ignore them without this warning",
            ColumnWarning,
        )


def _blemish(values: Values) -> tuple[str, str, int] | None:
    """Return what nearly all texts are, and the first other one with its row; None if they are just texts."""
    texts = [one for one in distinct(values.array) if not is_gap(one)]
    for kind in ("number", "date"):
        others = [one for one in texts if READERS[kind](one) is None]
        # Digits that are not read as a number are a code, such as 01234.
        if others and len(others) < _BLEMISHES * len(texts) and not any(one.isdigit() for one in others):
            return kind, others[0], values.array.tolist().index(others[0])
    return None
