"""Reading the columns of arrays and data frames, of any type, as one of four kinds of values."""

import numbers
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from localgrad.errors import BadExample
from localgrad.tabular.texts import READERS, is_gap, moment

_TEXTS = {str, type(None)}
_MISSING = {"NAType", "NaTType"}  # pandas' markers, which cannot be compared


class Values(NamedTuple):
    """The values of a column.

    `kind` is "number" or "boolean" (float64, NaN where missing), "date" (datetime64[us], NaT) or "text"
    (objects: str or None). `categories` is whether the data frame declares them as categories. `raw` are the
    values as they were given, from which texts are made, so that they do not depend on other rows.
    """

    kind: str
    array: NDArray[Any]
    raw: NDArray[Any]
    categories: bool = False

    def part(self, rows: NDArray[Any] | slice) -> "Values":
        """Return some of the values."""
        return self._replace(array=self.array[rows], raw=self.raw[rows])


def values_of(column: Any, name: str) -> Values:
    """Return the values of a column; raise a TypeError or ValueError that names it if they are of no kind."""
    dtype = str(getattr(column, "dtype", getattr(column, "type", ""))).lower()
    array = np.asarray(column)
    if array.ndim != 1:
        raise ValueError(f"{name} must have one value per row, got arrays of shape {array.shape[1:]}")
    if dtype.startswith(("categor", "enum", "dictionary")):
        return Values("text", texts_of(array), array, True)
    kind = array.dtype.kind
    if kind == "b":
        return Values("boolean", array.astype(np.float64), array)
    if kind in "iuf":
        return Values("number", _finite(array.astype(np.float64), name), array)
    if kind == "M":
        return Values("date", array.astype("datetime64[us]"), array)
    if kind in "US":
        array = array.astype(str).astype(object)
    elif kind != "O":
        raise TypeError(f"{name} must hold numbers, text, booleans or dates, got the dtype {array.dtype}")
    return _of_objects(array, name)


def converted(values: Values, kind: str, name: str, why: str = "as in fit") -> Values:
    """Return values as another kind; raise a BadExample for the first one that cannot be converted."""
    if values.kind == kind:
        return values
    if kind == "text":
        return values._replace(kind=kind, array=texts_of(values.raw))
    if (values.kind, kind) == ("boolean", "number"):
        return values._replace(kind=kind)
    if np.all(_is_missing(values.array)):
        return values._replace(kind=kind, array=_empty(kind, len(values.array)))
    if values.kind == "text" or (values.kind, kind) == ("number", "boolean"):
        array, bad = _read(texts_of(values.array), kind)
        if bad is None:
            return values._replace(kind=kind, array=array)
        found = values.array[bad : bad + 1].tolist()[0]
        raise BadExample(name, bad, f"must hold {kind}s, {why}, got {found!r}")
    raise ValueError(f"{name} must hold {kind}s, {why}, got {values.kind}s")


def distinct(array: NDArray[Any]) -> dict[Any, int]:
    """Return the different values that are not missing, and how often each occurs."""
    if array.dtype == object:
        counts = Counter(array.tolist())
        counts.pop(None, None)
        return dict(counts)
    present, counts_of = np.unique(array[~_is_missing(array)], return_counts=True)
    return dict(zip(present.tolist(), counts_of.tolist(), strict=True))


def _of_objects(array: NDArray[Any], name: str) -> Values:
    if set(map(type, array.tolist())) <= _TEXTS:
        return _of_texts(texts_of(array), array)
    missing = _is_missing(array)
    given = array[~missing].tolist()
    kinds: list[tuple[str, Any]] = [
        ("boolean", (bool, np.bool_)),
        ("number", (numbers.Real, Decimal)),
        ("date", (date, np.datetime64)),
    ]
    for kind, types in kinds:
        if all(isinstance(one, types) for one in given):
            read: Callable[[Any], Any] = moment if kind == "date" else float
            filled = _filled([None if gap else read(one) for one, gap in _pairs(array, missing)], kind)
            return Values(kind, _finite(filled, name) if kind == "number" else filled, array)
    return _of_texts(texts_of(array), array)


def _of_texts(texts: NDArray[Any], array: NDArray[Any]) -> Values:
    """Return texts as the first kind that all of them can be read as."""
    for kind in ("number", "date"):
        filled, bad = _read(texts, kind)
        if bad is None and not np.all(_is_missing(filled)):
            return Values(kind, filled, array)
    return Values("text", texts, array)


def _read(texts: NDArray[Any], kind: str) -> tuple[NDArray[Any], int | None]:
    """Return the values that are written in texts, and None or the first row with something else."""
    read, rows = READERS[kind], texts.tolist()
    places = {text: i for i, text in enumerate(dict.fromkeys(rows))}  # each different text is read once
    values = _empty(kind, len(places))
    for text, i in places.items():
        if text is None:
            continue
        if (value := read(text)) is not None:
            values[i] = value
        elif not is_gap(text):
            return values, rows.index(text)
    return values[np.fromiter(map(places.__getitem__, rows), np.intp, len(rows))], None


def _pairs(array: NDArray[Any], missing: NDArray[np.bool_]) -> Any:
    return zip(array.tolist(), missing.tolist(), strict=True)


def _is_missing(array: NDArray[Any]) -> NDArray[np.bool_]:
    if array.dtype.kind in "fM":
        missing: NDArray[np.bool_] = array != array  # NaN and NaT
        return missing
    if array.dtype.kind != "O":
        return np.zeros(len(array), bool)
    return np.fromiter((_absent(one) for one in array.tolist()), bool, len(array))


def _absent(value: Any) -> bool:
    if value is None or type(value).__name__ in _MISSING:
        return True
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, numbers.Number | np.generic) and bool(value != value)


def texts_of(array: NDArray[Any]) -> NDArray[Any]:
    """Return values as str, integers without a decimal point, or None where they are missing."""
    result = np.empty(len(array), object)
    rows = array.tolist()
    if set(map(type, rows)) <= _TEXTS:
        result[:] = [text if text and not text.isspace() else None for text in rows]
        return result
    for i, (value, gap) in enumerate(_pairs(array, _is_missing(array))):
        whole = isinstance(value, float) and not gap and value.is_integer()
        result[i] = None if gap else str(int(value) if whole else value)
    return result


def _filled(found: list[Any], kind: str) -> NDArray[Any]:
    array = _empty(kind, len(found))
    for i, value in enumerate(found):
        if value is not None:
            array[i] = value
    return array


def _empty(kind: str, n: int) -> NDArray[Any]:
    """Return n missing values."""
    if kind == "date":
        return np.full(n, np.datetime64("NaT"), "datetime64[us]")
    return np.full(n, None, object) if kind == "text" else np.full(n, np.nan)


def _finite(array: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    bad = np.isinf(array)
    if bad.any():
        row = int(np.argmax(bad))
        raise BadExample(name, row, f"must be finite or missing, got {array[row]}")
    return array
