"""Terms of functions: calls, functions defined by pieces, and sums over an index."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from localgrad.explain.symbols import Constant
from localgrad.explain.terms import PRODUCT, SUM, Like, Power, Term, term
from localgrad.explain.writers import Writer

HALF = Constant("½", 0.5)
_E = Constant("e", math.e)


class Sigma(Term):
    """The sum of a term over an index, without a value."""

    binding = PRODUCT

    def __init__(self, index: str, of: Term) -> None:
        self._index, self._of = index, of

    def write(self, writer: Writer, numbers: bool = False) -> str:
        """Return the sum with its index."""
        return writer.sigma(self._index, self._of.within(writer, numbers, PRODUCT))


class Call(Term):
    """A named function of terms."""

    def __init__(self, name: str, function: Callable[..., float], *of: Term) -> None:
        self._name, self._function, self._of = name, function, of

    @property
    def value(self) -> float:
        """The value of the function."""
        try:
            return self._function(*(one.value for one in self._of))
        except OverflowError:
            return math.inf

    def write(self, writer: Writer, numbers: bool = False) -> str:
        """Return the name and the arguments."""
        return writer.call(self._name, [one.write(writer, numbers) for one in self._of])


_COMPARE = {
    ">": operator.gt,
    "≥": operator.ge,
    "<": operator.lt,
    "≤": operator.le,
    "=": operator.eq,
    "≠": operator.ne,
}


class Comparison(Term):
    """A condition such as z > 0; it holds if its value is not 0."""

    def __init__(self, left: Like, sign: str, right: Like) -> None:
        self._left, self._sign, self._right = term(left), sign, term(right)

    @property
    def value(self) -> float:
        """1 if the condition holds, otherwise 0."""
        left, right = self._left.value, self._right.value
        return float(_COMPARE[self._sign](left, right))

    def write(self, writer: Writer, numbers: bool = False) -> str:
        """Return the condition."""
        left, right = (one.write(writer, numbers) for one in (self._left, self._right))
        return f"{left} {writer.name(self._sign)} {right}"


class Cases(Term):
    """A function that is defined piece by piece."""

    binding = SUM

    def __init__(self, *pieces: tuple[Like, Comparison]) -> None:
        self._pieces = [(term(one), condition) for one, condition in pieces]

    def chosen(self) -> tuple[Term, Comparison]:
        """Return the piece whose condition holds, and the condition."""
        return next((piece for piece in self._pieces if piece[1].value), self._pieces[-1])

    @property
    def value(self) -> float:
        """The value of the piece whose condition holds."""
        return self.chosen()[0].value

    def write(self, writer: Writer, numbers: bool = False) -> str:
        """Return all pieces."""
        return writer.cases([tuple(one.write(writer, numbers) for one in piece) for piece in self._pieces])


def exp(z: Like) -> Term:
    """Return e^z."""
    return Power(_E, term(z))
