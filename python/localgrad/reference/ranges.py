"""What a number must be, in the words of the error that says otherwise."""

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
    """Return a number that is in one of `RANGES`.

    Parameters
    ----------
    what : str
        Which.
    value : float
        The number.
    name : str
        What an error message calls it.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If it is not.

    Examples
    --------
    >>> must_be("in [0, 1)", 0.5, "dropout")
    0.5
    """
    if not RANGES[what](value):
        raise ValueError(f"{name} must be {what}, got {value}")
    return float(value)


def settings_must_be(what: str, settings: object, *names: str) -> None:
    """Check some of the attributes of an object.

    Examples
    --------
    >>> settings_must_be("in [0, 1)", 0.5j, "real", "imag")
    """
    for name in names:
        must_be(what, getattr(settings, name), name)
