"""Classes of settings, such as optimizers and schedules: frozen dataclasses that check their fields.

The fields declare what they accept; help, repr, equality, hashes and pickles follow from them.
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
    """Base class: checks each field and converts it to a plain type."""

    def __post_init__(self) -> None:
        for one in fields(self):
            check = one.metadata["check"]
            # The class is frozen, so its own __setattr__ raises an error.
            object.__setattr__(self, one.name, check(getattr(self, one.name), one.name))
        self._check()

    def _check(self) -> None:
        """Check the fields against each other."""


@dataclass_transform(frozen_default=True)
def settings(kind: type[T]) -> type[T]:
    """Make a class a frozen dataclass that also accepts other libraries' names of its arguments."""
    return other_names(dataclass(frozen=True)(kind))


def checked(check: Callable[[Any, str], Any], default: Any = MISSING, *, kw_only: bool = False) -> Any:
    """Declare a field with the value that ``check(value, name)`` returns."""
    return field(default=default, kw_only=kw_only, metadata={"check": check})


def number(default: Any = MISSING, **limits: Any) -> Any:
    """Declare a finite number, within the limits that `localgrad._arguments.check.real` takes."""
    return checked(partial(real, **limits), default)


def optional(**limits: Any) -> Any:
    """Declare a number as `number` does, or None, the default."""
    return checked(lambda value, name: None if value is None else real(value, name, **limits), None)


def whole(default: int, *, at_least: int) -> Any:
    """Declare an integer of at least `at_least`."""
    return checked(partial(integer, at_least=at_least), default)


def flag(*, kw_only: bool = False) -> Any:
    """Declare a bool with the default False."""
    return checked(boolean, False, kw_only=kw_only)
