"""Detecting what the columns of a table contain."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from localgrad._arguments.check import choice, shown
from localgrad.tabular.values import Values, distinct

KINDS = ("numeric", "categorical", "boolean", "date", "identifier", "constant")
IGNORED = ("identifier", "constant")
VALUES = {"numeric": "number", "categorical": "text", "boolean": "boolean", "date": "date"}

# Text is an identifier if nearly every row has its own value, and there are enough rows to tell.
_DISTINCT_SHARE = 0.95
_FEWEST_ROWS = 20


@dataclass(frozen=True)
class Column:
    """A column of the training data, and what it was taken for.

    Attributes
    ----------
    name : str
        Its name in the data frame, or ``"x0"``, ``"x1"``, ... in an array.
    kind : str
        ``"numeric"``, ``"categorical"``, ``"boolean"``, ``"date"``, or ``"identifier"`` or ``"constant"``,
        which are ignored.
    reason : str
        Why.

    Examples
    --------
    >>> from localgrad.tabular import Column
    >>> Column("size", "numeric", "numbers").kind
    'numeric'
    """

    name: str
    kind: str
    reason: str

    @property
    def values(self) -> str:
        """The kind of values from which the column is encoded."""
        return VALUES[self.kind]


class Columns(Sequence[Column]):
    """The columns of a table, as detected by `fit`; prints as a table.

    Examples
    --------
    >>> from localgrad.tabular import TabularRegressor
    >>> rows = [[20.5, "red"], [31.0, "blue"], [27.2, "red"], [35.9, "red"]]
    >>> model = TabularRegressor(epochs=1, random_state=0).fit(rows, [1.0, 2.0, 3.0, 4.0])
    >>> model.columns_
    x0  numeric      numbers
    x1  categorical  text, 2 different values
    >>> model.columns_[1].kind
    'categorical'
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = tuple(columns)

    def __getitem__(self, index: Any) -> Any:
        return self._columns[index]

    def __len__(self) -> int:
        return len(self._columns)

    def __iter__(self) -> Iterator[Column]:
        return iter(self._columns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Columns) and self._columns == other._columns

    def __hash__(self) -> int:
        return hash(self._columns)

    def __repr__(self) -> str:
        names = max((len(one.name) for one in self), default=0)
        kinds = max((len(one.kind) for one in self), default=0)
        return "\n".join(f"{one.name:<{names}}  {one.kind:<{kinds}}  {one.reason}" for one in self)


def requested(kinds: Mapping[Any, str] | None, labels: Sequence[Any]) -> dict[int, str]:
    """Return the kinds given by the user, by labels or numbers of columns, by their numbers."""
    if not isinstance(kinds, Mapping | None):
        raise TypeError(f"columns must be a dict of names and kinds, got {shown(kinds)}")
    found = {}
    for key, kind in (kinds or {}).items():
        if isinstance(key, bool | np.bool_):
            raise TypeError(f"columns keys must be names or numbers of columns of X, got {key}")
        if key in labels:
            i = labels.index(key)
        elif isinstance(key, int | np.integer) and 0 <= key < len(labels):
            i = int(key)
        else:
            raise ValueError(f"columns keys must be names or numbers of columns of X, got {key!r}")
        found[i] = choice(kind, f"columns[{key!r}]", KINDS)
    return found


def detect(names: Sequence[str], table: Sequence[Values | None], given: Mapping[int, str]) -> Columns:
    """Return what each column contains, unless its kind is given."""
    return Columns(
        [
            Column(name, given[i], "as requested")
            if i in given or values is None
            else _detected(name, values)
            for i, (name, values) in enumerate(zip(names, table, strict=True))
        ]
    )


def _detected(name: str, values: Values) -> Column:
    present = distinct(values.array)
    rows = sum(present.values())
    if len(present) < 2:
        gaps = len(values.array) - rows
        what = "only missing values" if not present else f"the value {next(iter(present))!r:.40} only"
        # A column of one value and gaps distinguishes rows.
        if not present or not gaps:
            return Column(name, "constant", what)
    if values.kind == "number":
        if _is_identifier(name, present, rows):
            return Column(
                name, "identifier", "integers, different in each row, and the name of an identifier"
            )
        return Column(name, "numeric", "numbers")
    if values.kind in ("boolean", "date"):
        return Column(name, values.kind, f"{values.kind}s")
    count = len(present)
    if not values.categories and rows >= _FEWEST_ROWS and count >= _DISTINCT_SHARE * rows:
        return Column(name, "identifier", f"text, {count} different values in {rows} rows")
    what = "declared as categories" if values.categories else "text"
    return Column(name, "categorical", f"{what}, {count} different value{'' if count == 1 else 's'}")


def _is_identifier(name: str, present: Mapping[Any, int], rows: int) -> bool:
    """Return whether numbers are those of the rows, such as "id", "customer_id", "index" or "Unnamed: 0"."""
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    named = plain in ("", "id", "index", "rownames", "row_id") or plain.endswith("_id")
    named = named or plain.startswith("unnamed:") or (name[-2:] in ("Id", "ID") and name[-3:-2].islower())
    return named and len(present) == rows and all(float(one).is_integer() for one in present)
