"""Objects that are nothing but settings: checked once, unchangeable, compared and hashed by value.

A class of settings is a frozen dataclass whose fields say what they take; help, repr, equality, hashes and
pickles follow from them.
"""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from functools import partial
from typing import Any, TypeVar, dataclass_transform

from localgrad._arguments.check import boolean, integer, real
from localgrad._arguments.names.keywords import other_names

T = TypeVar("T")


@dataclass(frozen=True)
class Settings:
    """The base: brings each field to its plain type, or refuses it by its name."""

    def __post_init__(self) -> None:
        for one in fields(self):
            check = one.metadata["check"]
            object.__setattr__(self, one.name, check(getattr(self, one.name), one.name))
        self._check()

    def _check(self) -> None:
        """Refuse what only together makes no sense."""


@dataclass_transform(frozen_default=True)
def settings(kind: type[T]) -> type[T]:
    """Make a class of settings a frozen dataclass that takes other libraries' names of its arguments."""
    return other_names(dataclass(frozen=True)(kind))


def checked(check: Callable[[Any, str], Any], default: Any = MISSING, *, kw_only: bool = False) -> Any:
    """Declare a field whose value ``check(value, name)`` returns."""
    return field(default=default, kw_only=kw_only, metadata={"check": check})


def number(default: Any = MISSING, **limits: Any) -> Any:
    """Declare a finite number within the limits that `localgrad._arguments.check.real` takes."""
    return checked(partial(real, **limits), default)


def optional(**limits: Any) -> Any:
    """Declare such a number, or None, the default."""
    return checked(lambda value, name: None if value is None else real(value, name, **limits), None)


def whole(default: int, *, at_least: int) -> Any:
    """Declare an integer."""
    return checked(partial(integer, at_least=at_least), default)


def flag(*, kw_only: bool = False) -> Any:
    """Declare a bool, False by default."""
    return checked(boolean, False, kw_only=kw_only)
