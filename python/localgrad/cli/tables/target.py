"""The column to predict: its values, and whether they are classes or numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad.cli.errors import CommandError
from localgrad.cli.tables.decimals import REMEDY, first_comma
from localgrad.cli.tables.source import Source
from localgrad.errors import BadExample
from localgrad.tabular.suspicions import blemish
from localgrad.tabular.texts import is_gap
from localgrad.tabular.values import Values, converted, distinct, values_of

CLASSIFICATION, REGRESSION = TASKS = ("classification", "regression")

_MOST_CLASSES = 10  # of integers
_ROWS_PER_CLASS = 5  # of integers, on average
_ROWS_PER_LABEL = 2  # of text, on average: with fewer, they are names of rows
_LARGEST = 1e150  # whose square is finite
_EXACT = 2**53  # integers are exact as float64 up to here


@dataclass(frozen=True)
class Target:
    """The targets of a table.

    Attributes
    ----------
    rows : ndarray of int
        The rows that have a target.
    values : Values
        The targets of these rows.
    missing : list of (int, str)
        The rows without a target, and what they have instead.
    """

    source: Source
    name: str
    rows: NDArray[np.intp]
    values: Values
    missing: list[tuple[int, str]]

    @classmethod
    def read(cls, source: Source, table: Any, name: str) -> "Target":
        """Return the targets of a table; raise CommandError if no row has one."""
        try:
            values = values_of(table.column(name), f"column {name!r}")
        except BadExample as error:
            raise source.error(f"{error.argument} {error.reason}", error.row) from None
        except (TypeError, ValueError) as error:
            raise source.error(str(error)) from None
        present = _present(values)
        gaps = np.flatnonzero(~present)
        if not present.any():
            raise source.error(f"column {name!r}, the target, has no values")
        missing = [(row, _shown(values.raw[row])) for row in gaps.tolist()]
        return cls(source, name, np.flatnonzero(present), values.part(present), missing)

    def task(self) -> tuple[str, str]:
        """Return whether to predict classes or numbers, and why; raise CommandError if it is unclear."""
        counts = distinct(self.values.array)
        rows, number = len(self.rows), len(counts)
        if self.values.kind == "boolean":
            return CLASSIFICATION, "its values are booleans"
        if self.values.kind == "date":
            raise self._unclear("has dates", "classification for one class per date")
        if self.values.kind == "text":
            if (found := blemish(self.values)) is not None and found[0] == "number":
                raise self._at(found[2], f"must be a number, as most of its values, got {found[1]!r}")
            if (comma := first_comma(self.values)) is not None:
                raise self._at(comma[0], f"has the text {comma[1]!r}; {REMEDY}")
            if number * _ROWS_PER_LABEL > rows:
                some = self.values.array[0]
                raise self._at(
                    0,
                    f"is text, not numbers, with {number:,} different values in {rows:,} rows, such as "
                    f"{some!r}; numbers must be written like 1234.5; pass --task classification for classes",
                )
            return CLASSIFICATION, f"its values are text, {number} different values"
        if not all(float(one).is_integer() for one in counts):
            return REGRESSION, "its values are numbers"
        if number <= _MOST_CLASSES and number * _ROWS_PER_CLASS <= rows:
            return CLASSIFICATION, f"its values are integers, only {number} different ones"
        return REGRESSION, f"its values are integers, {number:,} different ones"

    def numbers(self) -> NDArray[np.float64]:
        """Return the targets as numbers; raise CommandError if one is not, or their squares overflow."""
        found = self._converted("number")
        if np.abs(found).max() > _LARGEST:
            place = int(np.argmax(np.abs(found)))
            raise self._at(place, f"must be of at most {_LARGEST:g} in size, got {found[place]:g}")
        return found

    def labels(self, kind: str | None = None) -> NDArray[Any]:
        """Return the targets as classes; `kind` is the letter of their dtype, by default found."""
        if kind is None:
            kind = {"boolean": "b", "number": "i"}.get(self.values.kind, "U")
            if kind == "i" and not all(_is_integer(one) for one in distinct(self.values.array)):
                kind = "U"
        if kind in "iu":
            return self._converted("number").astype(np.int64)
        if kind == "f":
            return self._converted("number")
        return self._converted("boolean").astype(bool) if kind == "b" else self._converted("text").astype(str)

    def unknown(self, classes: NDArray[Any], labels: NDArray[Any]) -> None:
        """Raise CommandError if there are labels that are none of the classes of a model."""
        bad = ~np.isin(labels, classes)
        if bad.any():
            place = int(np.argmax(bad))
            label = labels[place : place + 1].tolist()[0]
            known = ", ".join(map(repr, classes.tolist()[:20]))
            raise self._at(place, f"must be a class of the model ({known}), got {label!r}")

    def _converted(self, kind: str) -> NDArray[Any]:
        try:
            return converted(self.values, kind, "it").array
        except BadExample as error:
            found = _shown(self.values.raw[error.row])
            raise self._at(error.row, f"must be a {kind}, got {found!r}") from None
        except ValueError:
            raise self.source.error(
                f"column {self.name!r}, the target, must hold {kind}s, got {self.values.kind}s"
            ) from None

    def _at(self, place: int, message: str) -> CommandError:
        return self.source.error(f"column {self.name!r}, the target, {message}", int(self.rows[place]))

    def _unclear(self, what: str, remedy: str) -> CommandError:
        return self.source.error(f"column {self.name!r}, the target, {what}; pass --task {remedy}")


def _present(values: Values) -> NDArray[np.bool_]:
    array = values.array
    if array.dtype != object:
        present: NDArray[np.bool_] = array == array  # NaN and NaT are not
        return present
    return np.fromiter((one is not None and not is_gap(one) for one in array.tolist()), bool, len(array))


def _is_integer(value: float) -> bool:
    return float(value).is_integer() and abs(value) < _EXACT


def _shown(value: Any) -> str:
    return "" if value is None or value != value else str(value)
