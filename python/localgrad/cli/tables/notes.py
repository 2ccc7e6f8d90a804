"""Remarks about the data: columns, rows without a target, and warnings."""

import sys
from collections.abc import Container, Mapping
from typing import Any

from localgrad.cli.outputs import counted
from localgrad.cli.tables.decimals import REMEDY, first_comma
from localgrad.cli.tables.target import Target
from localgrad.tabular.columns import IGNORED, VALUES, Columns, detect, requested
from localgrad.tabular.suspicions import blemishes, ignored_text
from localgrad.tabular.table import Table

_OF_TEXT = {
    "identifier": "is read as text and ignored",
    "categorical": "is read as categories",
    "constant": "is ignored",
}


def of_missing_targets(target: Target) -> None:
    """Say which rows are left out because they have no target."""
    if not target.missing:
        return
    number = len(target.missing)
    row, found = target.missing[0]
    place = target.source.place(row)
    first = f"{place} has {found!r}" if found else f"{place} is empty"
    print(f"{counted(number, 'row')} without a value of {target.name!r} left out (the first: {first})")
    if number > len(target.rows):
        _warn(f"most rows of {target.source.name} have no value of {target.name!r}")


def of_columns(part: Any, kinds: Mapping[str, str]) -> Columns:
    """Print what each column is taken for, and which may be meant otherwise; return the columns."""
    table = Table.read(part.X)
    given = requested(kinds, table.labels)
    table = table.converted({i: VALUES[kind] for i, kind in given.items() if kind not in IGNORED})
    columns = detect(table.names, table.columns, given)
    print(f"\n{columns}\n", flush=True)
    commas = _warn_of_commas(part, table, columns, given)
    for found in blemishes(table, columns, given):
        place = part.source.place(int(part.rows[found.row]))
        kind = "date" if found.kind == "date" else "numeric"
        _warn(
            f"column {found.column!r} {_OF_TEXT[found.used]}, because not all values are {found.kind}s: "
            f"{place} has {found.text!r}; correct such values or leave them empty; --column "
            f"{found.column}={kind} makes them an error"
        )
    if ignored := [one for one in ignored_text(table, columns, given) if one not in commas]:
        _warn(
            f"ignored, because nearly every row has its own text: {', '.join(map(repr, ignored))}; --column "
            "NAME=KIND sets another kind, such as categorical, --ignore NAME ends this warning"
        )
    return columns


def _warn_of_commas(part: Any, table: Table, columns: Columns, given: Container[int]) -> set[str]:
    """Warn of columns of text with decimal commas; return their names."""
    names = set()
    for i, (column, values) in enumerate(zip(columns, table.columns, strict=True)):
        if i in given or values is None or (comma := first_comma(values)) is None:
            continue
        place = part.source.place(int(part.rows[comma[0]]))
        _warn(f"column {column.name!r} {_OF_TEXT[column.kind]}: {place} has {comma[1]!r}; {REMEDY}")
        names.add(column.name)
    return names


def of_other_columns(columns: Columns, fitted: Columns) -> None:
    """Print the columns that training has taken for something else, for which equal rows count once."""
    pairs = zip(columns, fitted, strict=True)
    if others := [one for before, one in pairs if before.kind != one.kind]:
        print(f"with equal rows counted once:\n{Columns(others)}\n")


def show_warning(message: Any, category: type[Warning], *_: Any) -> None:
    """Show a warning as one line, without the line of code."""
    _warn(str(message))


def _warn(message: str) -> None:
    print(f"localgrad train: warning: {message}", file=sys.stderr)
