"""Numbers with decimal commas in text files, such as 1,5."""

import re
from typing import Any

import pyarrow as pa
import pyarrow.compute

from localgrad.tabular.values import Values, distinct

REMEDY = "pass --decimal , to read decimal commas"

_COMMA = r"^(\s*[+-]?[0-9]*),([0-9]+(?:[eE][+-]?[0-9]+)?\s*)$"
_SHARE = 0.9  # of the different texts of a column of numbers


def with_points(table: Any) -> Any:
    """Return a table of text with a point in place of the comma in each number."""
    columns = [pyarrow.compute.replace_substring_regex(one, _COMMA, r"\1.\2") for one in table.columns]
    return pa.table(columns, names=table.column_names)


def has_comma(value: Any) -> bool:
    """Return whether a value is a number with a decimal comma.

    Examples
    --------
    >>> has_comma("-1,5"), has_comma("1,2,3")
    (True, False)
    """
    return isinstance(value, str) and re.match(_COMMA, value) is not None


def first_comma(values: Values) -> tuple[int, str] | None:
    """Return the first row and text with a decimal comma if nearly all texts are numbers with one."""
    if values.kind != "text":
        return None
    texts = list(distinct(values.array))
    commas = list(filter(has_comma, texts))
    if not commas or sum(has_comma(one) or one.strip().isdigit() for one in texts) < _SHARE * len(texts):
        return None
    return values.array.tolist().index(commas[0]), commas[0]
