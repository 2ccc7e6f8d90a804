"""Arguments of a fleet that may have one value for each member."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np


def is_sequence(value: Any) -> bool:
    """Return whether a value is a sequence or an array, but not a str."""
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, Sequence) and not isinstance(value, str)


@contextmanager
def of_member(k: int) -> Iterator[None]:
    """Add a note to errors that names the member."""
    try:
        yield
    except Exception as error:
        error.add_note(f"This error occurred in member {k} of the Fleet.")
        raise


def each_member(value: Any, name: str, members: int, check: Callable[[Any, str], Any]) -> list[Any]:
    """Return the value of each member: a sequence has one for each, any other value is for all.

    ``check(value, name)`` raises an error for an invalid value; the name has an index if there are several.
    """
    if not is_sequence(value):
        check(value, name)
        return [value] * members
    if len(value) != members:
        raise ValueError(
            f"{name} must be a single value or have length {members}, one value for each member, "
            f"got length {len(value)}"
        )
    for k, one in enumerate(value):
        check(one, f"{name}[{k}]")
    return list(value)
