"""Arguments of a fleet that may have one value for each member."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def is_sequence(value: Any) -> bool:
    """Return whether a value is a sequence or an array, but not a str."""
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, Sequence) and not isinstance(value, str)


def each_member(value: Any, name: str, members: int) -> list[Any]:
    """Return the value of each member: a sequence has one for each, any other value is for all."""
    if not is_sequence(value):
        return [value] * members
    if len(value) != members:
        raise ValueError(
            f"{name} must be a single value or have length {members}, one value for each member, "
            f"got length {len(value)}"
        )
    return list(value)
