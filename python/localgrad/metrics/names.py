"""What users write for a metric, taken apart; `registry` has the metrics, each declared by `@metric`."""

from __future__ import annotations  # help() then shows types by their names

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from localgrad._arguments.check import choice, integer, real
from localgrad._arguments.names.similar import near
from localgrad._arguments.names.values import common_name, known_name
from localgrad.metrics.registry import HIGHER_IS_BETTER

# The parameter of those that have one, and its check.
_PARAMETERS: dict[str, tuple[type[int | float], Callable[[Any, str], float]]] = {
    "top_k": (int, partial(integer, at_least=1)),
    "pinball": (float, partial(real, above=0.0, below=1.0)),
}


class Name(NamedTuple):
    """A name taken apart."""

    bare: str
    parameter: float | None

    def __str__(self) -> str:
        return self.bare if self.parameter is None else f"{self.bare}({self.parameter!r})"


def parse(value: Any, argument: str) -> Name:
    """Take a metric's name apart, such as "top_k(5)"; an error calls it by the argument.

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
        raise ValueError(f"{argument} must give {bare} no parameter, got {value!r}")
    kind, check = _PARAMETERS[bare]
    try:
        if not inside.endswith(")"):
            raise ValueError
        number = kind(inside[:-1])
    except ValueError:
        raise ValueError(
            f"{argument} must give {bare} one {kind.__name__} in parentheses, got {value!r}"
        ) from None
    return Name(bare, check(number, f"the parameter of {argument}, {bare}(...),"))


def higher_is_better(name: str) -> bool | None:
    """Tell which way a number of the history is better.

    Parameters
    ----------
    name : str
        A key of the history: ``"cost"`` or the name of a metric, with or without ``"val_"`` before it and a
        parameter behind it.

    Returns
    -------
    bool or None
        None if the name is not known, such as that of a function of your own.

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
    """Tell whether what is monitored is better if it is higher: what `mode` says, or what is known of it.

    Parameters
    ----------
    monitor : str or None
        A key of the history; None for a cost.
    mode : {"min", "max"} or None
        What whoever monitors it says.

    Raises
    ------
    TypeError, ValueError
        If `mode` is something else, or None for a name of which nothing is known.

    Examples
    --------
    >>> direction("val_f1", None), direction("mine", "max"), direction(None, None)
    (True, True, False)
    """
    if mode is not None and mode != "auto":  # as Keras calls what is known
        return choice(mode, "mode", ("min", "max")) == "max"
    higher = higher_is_better(monitor or "cost")
    if higher is None:
        higher = higher_is_better(common_name(str(monitor)))
    if higher is None:
        names = ("cost", *HIGHER_IS_BETTER)
        raise ValueError(
            f"mode must be 'min' or 'max' with monitor {monitor!r}, of which nothing is known, got None"
            f"{near(str(monitor), [*names, *(f'val_{name}' for name in names)])} "
            f"(known are {', '.join(names)}, also after 'val_'; a metric of your own needs mode)"
        )
    return higher
