"""Checked access to the fields of a description, a JSON object in a file."""

import json
import math
from collections.abc import Mapping
from typing import Any

from localgrad._arguments.check import shown


def parse(text: str, what: str) -> dict[str, Any]:
    """Return the JSON object in a text."""
    try:
        value = json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError(f"{what} must be JSON, got one nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError(f"{what} must be a JSON object, got {type(value).__name__}")
    return value


def _refuse(name: str) -> None:
    raise ValueError(f"numbers must be finite, got {name}")


def field(description: Mapping[str, Any], name: str, *kinds: type) -> Any:
    """Return a field of one of these types."""
    if name not in description:
        raise ValueError(f"the description must have {name!r}, got {shown(list(description))}")
    value = description[name]
    if type(value) not in kinds:  # not isinstance: a bool is not an int here
        wanted = " or ".join(kind.__name__ for kind in kinds)
        raise ValueError(f"{name} must be of type {wanted}, got {type(value).__name__}")
    return value


def flag(description: Mapping[str, Any], name: str) -> bool:
    """Return a boolean."""
    value: bool = field(description, name, bool)
    return value


def number(description: Mapping[str, Any], name: str) -> float:
    """Return a finite number."""
    return _finite(field(description, name, float, int), name)


def count(description: Mapping[str, Any], name: str, *, at_least: int = 0) -> int:
    """Return an integer that is at least `at_least`."""
    value: int = field(description, name, int)
    if value < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {value}")
    return value


def text(description: Mapping[str, Any], name: str) -> str:
    """Return a text."""
    value: str = field(description, name, str)
    return value


def numbers(description: Mapping[str, Any], name: str) -> list[float]:
    """Return a list of finite numbers."""
    values = field(description, name, list)
    if not all(type(one) in (float, int) for one in values):
        raise ValueError(f"{name} must be a list of numbers, got {shown(values)}")
    return [_finite(one, name) for one in values]


def texts(description: Mapping[str, Any], name: str) -> list[str]:
    """Return a list of different texts."""
    values: list[str] = field(description, name, list)
    if not all(type(one) is str for one in values) or len(set(values)) < len(values):
        raise ValueError(f"{name} must be a list of different strings, got {shown(values)}")
    return values


def objects(description: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return a list of JSON objects."""
    values: list[dict[str, Any]] = field(description, name, list)
    if not all(type(one) is dict for one in values):
        raise ValueError(f"{name} must be a list of JSON objects, got {shown(values)}")
    return values


def _finite(value: Any, name: str) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {shown(value)}")
    return number
