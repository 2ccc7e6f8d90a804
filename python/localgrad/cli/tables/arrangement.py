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


def group_rows(groups: NDArray[Any], fraction: float, seed: int) -> NDArray[np.bool_]:
    """Return whether each row is held out: whole groups, drawn at random, of about a share of the rows.

    Examples
    --------
    >>> import numpy as np
    >>> held = group_rows(np.array(["a", "b", "c", "d", "e"] * 2), 0.4, 0)
    >>> held.sum(), (held[:5] == held[5:]).all()
    (np.int64(4), np.True_)
    """
    codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)[1:]
    wanted, held, found = fraction * len(groups), 0, []
    for group in np.random.default_rng(seed).permutation(len(sizes)).tolist():
        # A group that brings the number of rows closer to the wanted one, but never all of them.
        if sizes[group] < 2 * (wanted - held) and held + sizes[group] < len(groups):
            found.append(group)
            held += int(sizes[group])
    return np.isin(codes, found)


def last_rows(n: int, fraction: float) -> NDArray[np.bool_]:
    """Return whether each row is among the last ones, a share of all.

    Examples
    --------
    >>> last_rows(5, 0.4).tolist()
    [False, False, False, True, True]
    """
    return np.arange(n) >= n - min(round(n * fraction), n - 1)


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
