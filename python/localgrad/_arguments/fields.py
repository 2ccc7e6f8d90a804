"""Checked access to the fields of a JSON object in a file."""

import json
from collections.abc import Mapping
from typing import Any

from localgrad._arguments.check import shown


def parse(text: str, what: str, *, finite: bool = True) -> dict[str, Any]:
    """Return the JSON object in a text; its numbers must be finite unless `finite` is False."""
    try:
        value = json.loads(text, parse_constant=_refuse if finite else None)
    except RecursionError:
        raise ValueError(f"{what} must be JSON, got one nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError(f"{what} must be a JSON object, got {type(value).__name__}")
    return value


def _refuse(name: str) -> None:
    raise ValueError(f"numbers must be finite, got {name}")


def field(values: Mapping[str, Any], name: str, *kinds: type, what: str = "the description") -> Any:
    """Return a field of one of these types."""
    if name not in values:
        raise ValueError(f"{what} must have {name!r}, got {shown(list(values))}")
    value = values[name]
    if type(value) not in kinds:  # not isinstance: a bool is not an int here
        wanted = " or ".join(kind.__name__ for kind in kinds)
        raise ValueError(f"{name} must be of type {wanted}, got {type(value).__name__}")
    return value
