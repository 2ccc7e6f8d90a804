"""Formulas as trees of terms, which writers turn into plain text or LaTeX and which have a value.

A symbol, such as z^2_0, is written by its name or, with ``numbers=True``, as its value. The same tree
therefore serves for both sides of "z = w a + b = 0.5 · 2 + 1". Formulas are written with Python's operators:
``1 / (1 + exp(-z))``.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import TypeAlias

from localgrad.explain.writers import Writer

Index: TypeAlias = int | str

SUM, PRODUCT, ATOM = 1, 2, 3  # how tightly the parts of a term are bound together


class Term:
    """Base class of terms, with the operators. Subclasses define `value` and `write`."""

    binding = ATOM

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


class Constant(Term):
    """A constant with a name that is also written where numbers are put in, such as e or ½."""

    def __init__(self, name: str, value: float) -> None:
        self._name, self._value = name, value

    @property
    def value(self) -> float:
        """The number."""
        return self._value

    def write(self, writer: Writer, numbers: bool = False) -> str:
        """Return the name."""
        return writer.name(self._name)


class Symbol(Term):
    """A variable: a letter, the number of its layer, and the numbers of its units."""

    def __init__(
        self, letter: str, value: float, layer: Index | None = None, units: tuple[Index, ...] = ()
    ) -> None:
        self._value = value
        self.letter, self.layer, self.units = letter, layer, units

    @property
    def value(self) -> float:
        """The value of the variable."""
        return self._value

    def name(self, writer: Writer) -> str:
        """Return the name of the variable."""
        return writer.symbol(self.letter, self.layer, self.units)

    def write(self, writer: Writer, numbers: bool = False) -> str:
        """Return the name, or the digits of the value."""
        return writer.number(self._value) if numbers else self.name(writer)


class Partial(Symbol):
    """The partial derivative ∂c/∂v of the cost, or of another variable, with respect to v."""

    def __init__(self, variable: Symbol, value: float, of: Symbol | None = None) -> None:
        super().__init__(variable.letter, value, variable.layer, variable.units)
        self._of = Symbol("c", value) if of is None else of

    def name(self, writer: Writer) -> str:
        """Return ∂c/∂v."""
        return writer.partial(self._of.name(writer), super().name(writer))


class Prime(Symbol):
    """The derivative φ′(z) of an activation function."""

    def __init__(self, z: Symbol, value: float) -> None:
        super().__init__(z.letter, value, z.layer, z.units)

    def name(self, writer: Writer) -> str:
        """Return φ′(z)."""
        return writer.call("φ′", [super().name(writer)])


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


class Dots(Term):
    """Terms of a sum that are left out."""

    def __init__(self, count: int, value: float) -> None:
        self._count, self._value = count, value

    @property
    def value(self) -> float:
        """The sum of the terms that are left out."""
        return self._value

    def write(self, writer: Writer, numbers: bool = False) -> str:
        """Return dots and the number of terms."""
        return writer.dots(self._count)


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
        return Sum([one if isinstance(one, Dots) else Number(one.value) for one in self.terms])

    def write(self, writer: Writer, numbers: bool = False) -> str:
        """Return the terms with + and - between them."""
        text = self.terms[0].write(writer, numbers)
        for one in self.terms[1:]:
            part = one.write(writer, numbers)
            text += f" - {part[1:]}" if part.startswith("-") else f" + {part}"
        return text


class Sigma(Term):
    """The sum of a term over an index, without a value."""

    binding = PRODUCT

    def __init__(self, index: str, of: Term) -> None:
        self._index, self._of = index, of

    def write(self, writer: Writer, numbers: bool = False) -> str:
        """Return the sum with its index."""
        return writer.sigma(self._index, self._of.within(writer, numbers, PRODUCT))


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
        if isinstance(self._base, Symbol) and not numbers:
            base = writer.brackets(base)  # z^2 is the second layer's
        return writer.power(base, self._exponent.write(writer, numbers))


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


def term(value: Like) -> Term:
    """Return a term as it is, and a number as a term."""
    return value if isinstance(value, Term) else Number(value)


HALF = Constant("½", 0.5)
_E = Constant("e", math.e)


def exp(z: Like) -> Term:
    """Return e^z."""
    return Power(_E, term(z))
