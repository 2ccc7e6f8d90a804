"""Terms with names: variables, their derivatives, constants, and dots for what is left out."""

from __future__ import annotations

from localgrad.explain.terms import Term
from localgrad.explain.writers import Index, Writer


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

    is_symbol = True

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


class Dots(Term):
    """Terms of a sum that are left out."""

    is_dots = True

    def __init__(self, count: int, value: float) -> None:
        self._count, self._value = count, value

    @property
    def value(self) -> float:
        """The sum of the terms that are left out."""
        return self._value

    def write(self, writer: Writer, numbers: bool = False) -> str:
        """Return dots and the number of terms."""
        return writer.dots(self._count)
