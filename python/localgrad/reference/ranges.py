"""Checks that numbers are in range. The names of the ranges are used in error messages."""

import math
from typing import Any

RANGES = {
    "at least 0": lambda v: v >= 0,
    "above 0": lambda v: v > 0,
    "finite and at least 0": lambda v: 0 <= v < math.inf,
    "finite and above 0": lambda v: 0 < v < math.inf,
    "finite and above 1": lambda v: 1 < v < math.inf,
    "in [0, 1)": lambda v: 0 <= v < 1,
    "in (0, 1)": lambda v: 0 < v < 1,
}


def must_be(what: str, value: Any, name: str) -> float:
    """Check that a number is in one of `RANGES`, and return it.

    Parameters
    ----------
    what : str
        Name of the range.
    value : float
        The number.
    name : str
        Name of the number for error messages.

    Returns
    -------
    float
        The number.

    Raises
    ------
    ValueError
        If it is out of range.

    Examples
    --------
    >>> must_be("in [0, 1)", 0.5, "dropout")
    0.5
    """
    if not RANGES[what](value):
        raise ValueError(f"{name} must be {what}, got {value}")
    return float(value)


def settings_must_be(what: str, settings: object, *names: str) -> None:
    """Check that the named attributes of an object are in one of `RANGES`.

    Examples
    --------
    >>> settings_must_be("in [0, 1)", 0.5j, "real", "imag")
    """
    for name in names:
        must_be(what, getattr(settings, name), name)
