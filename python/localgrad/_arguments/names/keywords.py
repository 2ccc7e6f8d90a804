"""A decorator that accepts other libraries' names of keyword arguments."""

import re
from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, TypeVar

from localgrad._arguments.names.arguments import HINTS, OWNERS, PAIRS, SAME
from localgrad._arguments.names.similar import asked, near

F = TypeVar("F", bound=Callable[..., Any])


def other_names(function: F) -> F:
    """Make a function, or the constructor of a class, accept other libraries' names of its arguments.

    An unknown name raises a TypeError that suggests one. The signature does not change.
    """
    if isinstance(function, type):
        constructor: Any = function
        constructor.__init__ = _wrapped(constructor.__init__, function.__name__)
        return function
    wrapper: Any = _wrapped(function, function.__qualname__.removesuffix(".__init__").rpartition(".")[2])
    return wrapper  # type: ignore[no-any-return]


def _wrapped(function: Callable[..., Any], called: str) -> Callable[..., Any]:
    code = function.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    if hasattr(function, "__signature__"):  # set by `regularized`; the code has only **regularization
        names = tuple(signature(function).parameters)
    known = frozenset(names)

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if not known.issuperset(kwargs):
            kwargs = _translated(kwargs, known, called)
        return function(*args, **kwargs)

    return wrapper


def _translated(kwargs: dict[str, Any], known: frozenset[str], called: str) -> dict[str, Any]:
    translated: dict[str, Any] = {}
    for name, value in kwargs.items():
        for ours, part in _ours(name, value, known, called):
            if ours in translated or (ours != name and ours in kwargs):
                raise TypeError(f"{called}() got both {name!r} and {ours!r}, which mean the same")
            translated[ours] = part
    return translated


def _hint(name: str, known: frozenset[str]) -> str:
    """Return the suggestion for a name; if this function lacks that argument, name the one that has it."""
    hint = HINTS.get(name, "")
    argument = re.match(r"(\w+)(=|,| or |$)", hint)
    if argument is None or argument[1] in known:
        return hint
    if any(ours.startswith(name) for ours in known):  # an abbreviation, such as tol: left to `_near`
        return ""
    owner = OWNERS.get(argument[1])
    return f"{owner}({argument[1]}=...)" if owner else ""


def _near(name: str, known: frozenset[str]) -> str:
    """Suggest an argument of a similar name or, if there is none, another library's name of one."""
    others = [other for other, ours in SAME.items() if ours in known]
    return near(name, sorted(known - {"self"})) or near(name, others, cutoff=0.8)


def _ours(name: str, value: Any, known: frozenset[str], called: str) -> list[tuple[str, Any]]:
    if name in known:
        return [(name, value)]
    if SAME.get(name) in known:
        return [(SAME[name], value)]
    pair = PAIRS.get(name)
    if pair and known.issuperset(pair):
        try:
            first, second = value
        except (TypeError, ValueError):
            raise TypeError(
                f"{name} must be a pair of numbers, ({pair[0]}, {pair[1]}), got {value!r:.60}"
            ) from None
        return [(pair[0], first), (pair[1], second)]
    hint = _hint(name, known)
    if hint.startswith(f"{called}({name}="):  # of another class
        hint = f"Network.{hint}"
    meant = asked(hint) if hint else _near(name, known)
    raise TypeError(f"{called}() got an unexpected keyword argument {name!r}{meant}")
