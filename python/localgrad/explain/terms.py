"""Formulas as trees of terms, which writers turn into plain text or LaTeX and which have a value.

A symbol, such as z^2_0, is written by its name or, with ``numbers=True``, as its value. The same tree
therefore serves for both sides of "z = w a + b = 0.5 · 2 + 1". Formulas are written with Python's operators:
``1 / (1 + exp(-z))``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TypeAlias

from localgrad.explain.writers import Writer

SUM, PRODUCT, ATOM = 1, 2, 3  # how tightly the parts of a term are bound together


class Term:
    """Base class of terms, with the operators. Subclasses define `value` and `write`."""

    binding = ATOM
    is_dots = False  # whether it stands for terms that are left out
    is_symbol = False  # whether its name may have a superscript

    @property
    def value(self) -> float:
        """The number that the term stands for."""
        raise NotImplementedError

    def write(self, writer: Writer, numbers: bool = False) -> str:
        """Return the term in the writer's language, with symbols or with the numbers put in."""
        raise NotImplementedError

    def within(self, writer: Writer, numbers: bool, binding: int) -> str:
        """Return the term as a part of a term that binds its parts this tightly."""
        text = self.write(writer, numbers)
        negative = numbers and text.startswith("-") and binding > SUM
        return writer.brackets(text) if self.binding < binding or negative else text

    def __add__(self, other: Like) -> Term:
        return Sum([self, term(other)])

    def __radd__(self, other: Like) -> Term:
        return Sum([term(other), self])

    def __sub__(self, other: Like) -> Term:
        return Sum([self, Minus(term(other))])

    def __rsub__(self, other: Like) -> Term:
        return Sum([term(other), Minus(self)])

    def __mul__(self, other: Like) -> Term:
        return Product([self, term(other)])

    def __rmul__(self, other: Like) -> Term:
        return Product([term(other), self])

    def __truediv__(self, other: Like) -> Term:
        return Fraction(self, term(other))

    def __rtruediv__(self, other: Like) -> Term:
        return Fraction(term(other), self)

    def __pow__(self, other: Like) -> Term:
        return Power(self, term(other))

    def __neg__(self) -> Term:
        return Minus(self)


Like: TypeAlias = Term | float


class Number(Term):
    """A number, with all digits that a writer shows."""

    def __init__(self, value: float) -> None:
        self._value = float(value)
        self.binding = ATOM if self._value >= 0 else SUM

    @property
    def value(self) -> float:
        """The number."""
        return self._value

    def write(self, writer: Writer, numbers: bool = False) -> str:
        """Return the digits."""
        return writer.number(self._value)


class Minus(Term):
    """The negative of a term."""

    binding = SUM

    def __init__(self, of: Term) -> None:
        self._of = of

    @property
    def value(self) -> float:
        """The negative value."""
        return -self._of.value

    def write(self, writer: Writer, numbers: bool = False) -> str:
        """Return "-" and the term."""
        return "-" + self._of.within(writer, numbers, PRODUCT)


class Sum(Term):
    """A sum."""

    binding = SUM

    def __init__(self, terms: Sequence[Term], of_products: bool = False) -> None:
        self.terms, self.of_products = terms, of_products

    @property
    def value(self) -> float:
        """The sum."""
        return math.fsum(one.value for one in self.terms)

    def products(self) -> Sum:
        """Return the sum of the values of the terms."""
        return Sum([one if one.is_dots else Number(one.value) for one in self.terms])

    def write(self, writer: Writer, numbers: bool = False) -> str:
        """Return the terms with + and - between them."""
        text = self.terms[0].write(writer, numbers)
        for one in self.terms[1:]:
            part = one.write(writer, numbers)
            text += f" - {part[1:]}" if part.startswith("-") else f" + {part}"
        return text


class Product(Term):
    """A product; 0 times anything, even infinity, is 0, as in 0 log 0."""

    binding = PRODUCT

    def __init__(self, factors: Sequence[Term]) -> None:
        self._factors: list[Term] = [
            part for one in factors for part in (one._factors if isinstance(one, Product) else (one,))
        ]

    @property
    def value(self) -> float:
        """The product."""
        values = [one.value for one in self._factors]
        return 0.0 if 0.0 in values else math.prod(values)

    def write(self, writer: Writer, numbers: bool = False) -> str:
        """Return the factors, with a sign between numbers."""
        return writer.times(numbers).join(
            one.write(writer, numbers)
            if k == 0 and one.binding >= PRODUCT
            else one.within(writer, numbers, PRODUCT + (k > 0))
            for k, one in enumerate(self._factors)
        )


class Fraction(Term):
    """A fraction."""

    binding = PRODUCT

    def __init__(self, above: Term, below: Term) -> None:
        self._above, self._below = above, below

    @property
    def value(self) -> float:
        """The quotient; 0 / 0 is 0, as the term is absent, and others divided by 0 are infinite."""
        above, below = self._above.value, self._below.value
        if below == 0:
            return math.copysign(math.inf, above) if above else 0.0
        return above / below

    def write(self, writer: Writer, numbers: bool = False) -> str:
        """Return the numerator over the denominator."""
        if writer.two_dimensional:
            return writer.fraction(self._above.write(writer, numbers), self._below.write(writer, numbers))
        above = self._above.within(writer, numbers, PRODUCT)
        return writer.fraction(above, self._below.within(writer, numbers, ATOM))


class Power(Term):
    """A power."""

    def __init__(self, base: Term, exponent: Term) -> None:
        self._base, self._exponent = base, exponent

    @property
    def value(self) -> float:
        """The power, infinite if it overflows."""
        try:
            return float(self._base.value**self._exponent.value)
        except OverflowError:
            return math.inf

    def write(self, writer: Writer, numbers: bool = False) -> str:
        """Return the base with its exponent."""
        base = self._base.within(writer, numbers, ATOM)
        if self._base.is_symbol and (not numbers or not re.fullmatch(r"[\d.]+|\(.*|\\left.*", base)):
            base = writer.brackets(base)  # z^2 is the second layer's, and 2e-5^2 is not clear
        return writer.power(base, self._exponent.write(writer, numbers))


def term(value: Like) -> Term:
    """Return a term as it is, and a number as a term."""
    return value if isinstance(value, Term) else Number(value)
