"""Names of metrics and their parameters. The metrics themselves are in `registry`."""

from __future__ import annotations  # so that help() shows types by their names

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from localgrad._arguments.check import choice, integer, real
from localgrad._arguments.names.similar import near
from localgrad._arguments.names.values import common_name, known_name
from localgrad.metrics.registry import HIGHER_IS_BETTER

# The type of the parameter of each metric that has one, and its check.
_PARAMETERS: dict[str, tuple[type[int | float], Callable[[Any, str], float]]] = {
    "top_k": (int, partial(integer, at_least=1)),
    "pinball": (float, partial(real, above=0.0, below=1.0)),
}


class Name(NamedTuple):
    """The name of a metric and its parameter."""

    bare: str
    parameter: float | None

    def __str__(self) -> str:
        return self.bare if self.parameter is None else f"{self.bare}({self.parameter!r})"


def parse(value: Any, argument: str) -> Name:
    """Parse a metric's name such as "top_k(5)". Errors name the argument that contains it.

    Examples
    --------
    >>> str(parse("pinball( .90 )", "metrics"))
    'pinball(0.9)'
    """
    text = known_name(value, argument, HIGHER_IS_BETTER, "metrics").strip()
    bare, bracket, inside = (part.strip() for part in text.partition("("))
    if not bracket:
        return Name(bare, None)
    if bare not in _PARAMETERS:
        raise ValueError(f"{argument} must be {bare!r} without a parameter, got {value!r}")
    kind, check = _PARAMETERS[bare]
    try:
        if not inside.endswith(")"):
            raise ValueError
        number = kind(inside[:-1])
    except ValueError:
        raise ValueError(
            f"{argument} must be {bare!r} with one {kind.__name__} in parentheses, got {value!r}"
        ) from None
    return Name(bare, check(number, f"the parameter of {argument}, {bare}(...),"))


def higher_is_better(name: str) -> bool | None:
    """Return whether higher values of a cost or metric are better.

    Parameters
    ----------
    name : str
        A key of the history: ``"cost"`` or the name of a metric, with or without the prefix ``"val_"`` and a
        parameter.

    Returns
    -------
    bool or None
        None if the name is unknown, such as that of a user-defined metric.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.metrics.higher_is_better("val_top_k(5)"), lg.metrics.higher_is_better("cost")
    (True, False)
    >>> lg.metrics.higher_is_better("learning_rate")
    """
    bare = name.removeprefix("val_").partition("(")[0]
    return False if bare == "cost" else HIGHER_IS_BETTER.get(bare)


def direction(monitor: str | None, mode: Any) -> bool:
    """Return whether higher values of a monitored cost or metric are better.

    Parameters
    ----------
    monitor : str or None
        A key of the history; None for a cost.
    mode : {"min", "max"} or None
        The argument `mode`; None to decide by the name.

    Raises
    ------
    TypeError, ValueError
        If `mode` is invalid, or None for a name that is unknown.

    Examples
    --------
    >>> direction("val_f1", None), direction("mine", "max"), direction(None, None)
    (True, True, False)
    """
    if mode is not None and mode != "auto":  # "auto" is Keras' name for None
        return choice(mode, "mode", ("min", "max")) == "max"
    higher = higher_is_better(monitor or "cost")
    if higher is None:
        higher = higher_is_better(common_name(str(monitor)))
    if higher is None:
        names = ("cost", *HIGHER_IS_BETTER)
        raise ValueError(
            f"mode must be 'min' or 'max' for the unknown monitor {monitor!r}, got None"
            f"{near(str(monitor), [*names, *(f'val_{name}' for name in names)])} "
            f"(known are {', '.join(names)}, also with the prefix 'val_'; a custom metric requires mode)"
        )
    return higher
