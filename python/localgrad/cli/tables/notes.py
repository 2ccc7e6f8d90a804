"""Remarks about the data: columns, rows without a target, and warnings."""

import sys
from collections.abc import Mapping
from typing import Any

from localgrad.cli.tables.results import counted
from localgrad.cli.tables.target import Target
from localgrad.tabular.columns import IGNORED, VALUES, Columns, detect, requested
from localgrad.tabular.suspicions import blemishes, ignored_text
from localgrad.tabular.table import Table


def of_missing_targets(target: Target) -> None:
    """Say which rows are left out because they have no target."""
    if not target.missing:
        return
    number = len(target.missing)
    row, found = target.missing[0]
    place = target.source.place(row)
    first = f"{place} has {found!r}" if found else f"{place} is empty"
    print(f"{counted(number, 'row')} without a value of {target.name!r} left out (the first: {first})")


def of_columns(part: Any, kinds: Mapping[str, str]) -> Columns:
    """Print what each column is taken for, and which may be meant otherwise; return the columns."""
    table = Table.read(part.X)
    given = requested(kinds, table.labels)
    table = table.converted({i: VALUES[kind] for i, kind in given.items() if kind not in IGNORED})
    columns = detect(table.names, table.columns, given)
    print(f"\n{columns}\n", flush=True)
    for found in blemishes(table, columns, given):
        place = part.source.place(int(part.rows[found.row]))
        _warn(
            f"column {found.column!r} is read as text, because not all values are {found.kind}s: {place} has "
            f"{found.text!r}"
        )
    if ignored := ignored_text(table, columns, given):
        _warn(
            f"ignored, because nearly every row has its own text: {', '.join(map(repr, ignored))}; --column "
            "NAME=KIND sets another kind, such as categorical, --ignore NAME ends this warning"
        )
    return columns


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
