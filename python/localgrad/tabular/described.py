"""Checked access to the fields of a description, a JSON object in a file."""

import math
from collections.abc import Mapping
from typing import Any

from localgrad._arguments.check import shown
from localgrad._arguments.fields import field, parse

__all__ = ["count", "field", "flag", "number", "numbers", "objects", "parse", "text", "texts"]


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
