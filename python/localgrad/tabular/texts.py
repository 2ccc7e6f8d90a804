"""Numbers, dates and booleans that are written as text."""

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np

_GAPS = {"?", "-", "na", "n/a", "nan", "null", "none"}
# No leading zeros: 01234 is a code.
_NUMBER = re.compile(r"\s*[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*")
_BOOLEANS = {"true": 1.0, "1": 1.0, "false": 0.0, "0": 0.0}


def is_gap(text: str) -> bool:
    """Return whether a text among numbers, dates or booleans stands for a missing one."""
    return text.strip().lower() in _GAPS


def number_in(text: str) -> float | None:
    """Return the number in a text; None for others and for codes such as 01234 and 1_2."""
    if _NUMBER.fullmatch(text) is None:
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def date_in(text: str) -> Any:
    """Return the date in a text of the form of ISO 8601, otherwise None."""
    if not text[:4].isdigit() or text[4:5] != "-":
        return None
    try:
        return moment(datetime.fromisoformat(text.strip()))
    except ValueError:
        return None


def boolean_in(text: str) -> float | None:
    """Return 1 or 0 for a boolean in a text, otherwise None."""
    return _BOOLEANS.get(text.strip().lower())


def moment(value: Any) -> Any:
    """Return a date or time as datetime64, in UTC if it has a time zone."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return np.datetime64(value, "us")


READERS: dict[str, Callable[[str], Any]] = {"number": number_in, "date": date_in, "boolean": boolean_in}
