"""Rows that belong together, and the order of rows in time: the options `--group` and `--time`."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad.cli.errors import CommandError
from localgrad.cli.tables.source import Source
from localgrad.errors import BadExample
from localgrad.tabular.values import texts_of, values_of


def groups_of(source: Source, table: Any, name: str, rows: NDArray[np.intp]) -> NDArray[Any]:
    """Return the group of each row, as text; raise CommandError if a row has none or all have the same."""
    texts = texts_of(_column(source, table, name, rows).raw)
    absent = np.fromiter((one is None for one in texts.tolist()), bool, len(texts))
    _check_present(source, name, rows, absent, "--group")
    groups = texts.astype(str)
    if len(np.unique(groups)) < 2:
        raise source.error(f"column {name!r}, of --group, must have at least 2 different values, got 1")
    return groups


def order_of(source: Source, table: Any, name: str, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the order of the rows in time; raise CommandError if the column is not of dates or numbers."""
    values = _column(source, table, name, rows)
    if values.kind not in ("date", "number"):
        raise source.error(f"column {name!r}, of --time, must hold dates or numbers, got {values.kind}s")
    _check_present(source, name, rows, values.array != values.array, "--time")
    return np.argsort(values.array, kind="stable")


def _column(source: Source, table: Any, name: str, rows: NDArray[np.intp]) -> Any:
    try:
        return values_of(table.column(name), f"column {name!r}").part(rows)
    except BadExample as error:
        raise source.error(f"{error.argument} {error.reason}", error.row) from None
    except (TypeError, ValueError) as error:
        raise source.error(str(error)) from None


def _check_present(
    source: Source, name: str, rows: NDArray[np.intp], absent: NDArray[np.bool_], option: str
) -> None:
    if absent.any():
        row = int(rows[np.argmax(absent)])
        raise CommandError(f"{source.name}: {source.place(row)}: column {name!r}, of {option}, has no value")
