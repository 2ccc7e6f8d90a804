"""The rows of files with their targets, for training, testing and validation."""

import argparse
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad.cli.outputs import counted
from localgrad.cli.tables import notes
from localgrad.cli.tables.files import open_table
from localgrad.cli.tables.names import check_columns
from localgrad.cli.tables.source import Source
from localgrad.cli.tables.split import group_rows, last_rows, test_rows
from localgrad.cli.tables.target import Target


@dataclass(frozen=True)
class Part:
    """Rows of a file with their targets, and perhaps groups; `rows` are their numbers in the file."""

    source: Source
    X: Any
    y: NDArray[Any]
    rows: NDArray[np.intp]
    groups: NDArray[Any] | None = None

    def part(self, places: NDArray[np.intp]) -> "Part":
        """Return some of the rows, in this order."""
        groups = None if self.groups is None else self.groups[places]
        return Part(self.source, self.X.take(places), self.y[places], self.rows[places], groups)


def divided(
    part: Part, arguments: argparse.Namespace, target: Target, classifies: bool
) -> tuple[Part, Part | None]:
    """Return the rows to train on, and those to test on."""
    if isinstance(arguments.test, str):
        return part, other_part(arguments.test, arguments, target.name, part.X.column_names, part.y)
    if arguments.test == 0:
        return part, None
    if part.groups is not None:
        held = group_rows(part.groups, arguments.test, arguments.seed)
    elif arguments.time is not None:
        held = last_rows(len(part.y), arguments.test)
    else:
        held = test_rows(part.y, arguments.test, arguments.seed, classes=classifies)
    if not held.any() or held.all():
        print("there are too few rows to hold some out for testing")
        return part, None
    if classifies:
        check_several(part.source, target.name, part.y[~held])
        unknown = held & ~np.isin(part.y, part.y[~held])
        if unknown.any():
            label = part.y[unknown].tolist()[0]
            number = counted(int(unknown.sum()), "test row")
            print(f"{number} of classes that no row to train on has left out (the first: {label!r})")
        return part.part(np.flatnonzero(~held)), part.part(np.flatnonzero(held & ~unknown))
    return part.part(np.flatnonzero(~held)), part.part(np.flatnonzero(held))


def check_several(source: Source, name: str, y: NDArray[Any]) -> None:
    """Raise CommandError if all targets are the same."""
    values = np.unique(y)
    if len(values) < 2:
        raise source.error(
            f"column {name!r}, the target, has the value {values.tolist()[0]!r} in all {len(y):,} rows"
        )


def other_part(
    path: str, arguments: argparse.Namespace, target: str, names: list[str], y: NDArray[Any]
) -> Part:
    """Return the rows of another file with the same columns, for testing or validation."""
    source = open_table(path, arguments)
    check_columns([*names, target], source)
    table = source.read()
    found = Target.read(source, table, target)
    notes.of_missing_targets(found)
    if y.dtype.kind == "f":
        values: NDArray[Any] = found.numbers()
    else:
        values = found.labels(y.dtype.kind)
        found.unknown(np.unique(y), values)
    return Part(source, table.select(names).take(found.rows), values, found.rows)
