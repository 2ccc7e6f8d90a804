"""How formulas are written: as plain text with Unicode's superscripts, and as LaTeX."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol, TypeAlias

Index: TypeAlias = int | str

_RAISED = str.maketrans("0123456789-+lL", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ˡᴸ")
_LOWERED = str.maketrans("0123456789jk", "₀₁₂₃₄₅₆₇₈₉ⱼₖ")
_NAMES = {
    "½": r"\tfrac{1}{2}", "φ": r"\varphi", "φ′": r"\varphi'", "δ": r"\delta", "μ": r"\mu", "σ": r"\sigma",
    "η": r"\eta", "Φ": r"\Phi", "≤": r"\le", "≥": r"\ge", "√(2π)": r"\sqrt{2\pi}", "√(2/π)": r"\sqrt{2/\pi}",
    "ỹ": r"\tilde y", "α": r"\alpha", "λ": r"\lambda", "log": r"\log", "max": r"\max", "min": r"\min",
    "tanh": r"\tanh", "cosh": r"\cosh", "≠": r"\ne",
}  # fmt: skip


class Writer(Protocol):
    """What a language of formulas has to define; all arguments and results are text."""

    two_dimensional: bool

    def number(self, value: float) -> str: ...  # noqa: D102
    def name(self, name: str) -> str: ...  # noqa: D102
    def symbol(self, letter: str, layer: Index | None, units: tuple[Index, ...]) -> str: ...  # noqa: D102
    def partial(self, of: str, symbol: str) -> str: ...  # noqa: D102
    def brackets(self, text: str) -> str: ...  # noqa: D102
    def times(self, numbers: bool) -> str: ...  # noqa: D102
    def dots(self, left_out: int) -> str: ...  # noqa: D102
    def fraction(self, above: str, below: str) -> str: ...  # noqa: D102
    def power(self, base: str, exponent: str) -> str: ...  # noqa: D102
    def call(self, name: str, arguments: Sequence[str]) -> str: ...  # noqa: D102
    def sigma(self, index: str, of: str) -> str: ...  # noqa: D102
    def cases(self, pieces: Sequence[Sequence[str]]) -> str: ...  # noqa: D102


class Digits:
    """Numbers with up to `decimals` decimal places, and no more digits than the data type has."""

    def __init__(self, decimals: int, precision: int) -> None:
        self._decimals, self._precision = decimals, precision

    def number(self, value: float) -> str:
        """Return a number without trailing zeros; very small and large ones with an exponent."""
        if value == 0 or not math.isfinite(value):
            return f"{value + 0.0:g}" if value == value else "nan"  # -0 becomes 0
        before = math.floor(math.log10(abs(value))) + 1
        if -4 < before <= self._precision:
            places = max(min(self._decimals, self._precision - before), 0)
            text = f"{value:.{places}f}"
            if float(text):
                return text.rstrip("0").rstrip(".") if "." in text else text
        return f"{value:.{min(self._decimals, self._precision)}g}"


class Text(Digits):
    """Plain text: z²₀, δ³₁, w²₀₁."""

    two_dimensional = False

    def name(self, name: str) -> str:
        """Return the name as it is."""
        return name

    def symbol(self, letter: str, layer: Index | None, units: tuple[Index, ...]) -> str:
        """Return a letter with the layer raised and the units lowered."""
        raised = "" if layer is None else str(layer).translate(_RAISED)
        between = "," if any(len(str(unit)) > 1 for unit in units) else ""
        return letter + raised + between.join(str(unit).translate(_LOWERED) for unit in units)

    def partial(self, of: str, symbol: str) -> str:
        """Return ∂c/∂z."""
        return f"∂{of}/∂{symbol}"

    def brackets(self, text: str) -> str:
        """Return the text in parentheses."""
        return f"({text})"

    def times(self, numbers: bool) -> str:
        """Return the sign between factors."""
        return " · " if numbers else " "

    def dots(self, left_out: int) -> str:
        """Return what stands for terms that are left out."""
        return f"… ({left_out} more)"

    def fraction(self, above: str, below: str) -> str:
        """Return above/below."""
        return f"{above}/{below}"

    def power(self, base: str, exponent: str) -> str:
        """Return the base with a raised number or ^(...)."""
        whole = exponent.removeprefix("-").isdigit()
        return base + (exponent.translate(_RAISED) if whole else f"^{self._exponent(exponent)}")

    def _exponent(self, exponent: str) -> str:
        return exponent if exponent.isalpha() else self.brackets(exponent)

    def call(self, name: str, arguments: Sequence[str]) -> str:
        """Return name(arguments)."""
        return f"|{arguments[0]}|" if name == "abs" else f"{name}({', '.join(arguments)})"

    def sigma(self, index: str, of: str) -> str:
        """Return a sum over an index."""
        return f"Σ{index.translate(_LOWERED)} {of}"

    def cases(self, pieces: Sequence[Sequence[str]]) -> str:
        """Return the pieces in one line."""
        return ", ".join(f"{piece} if {condition}" for piece, condition in pieces)


class Latex(Digits):
    """LaTeX, for the mathematical mode."""

    two_dimensional = True

    def number(self, value: float) -> str:
        """Return a number with a power of ten instead of an exponent."""
        text, _, exponent = super().number(value).partition("e")
        text = text.replace("inf", r"\infty").replace("nan", r"\mathrm{NaN}")
        return rf"{text} \cdot 10^{{{int(exponent)}}}" if exponent else text

    def name(self, name: str) -> str:
        """Return the command of a letter or function."""
        plain = name if len(name) == 1 else rf"\operatorname{{{name.replace('_', chr(92) + '_')}}}"
        return _NAMES.get(name, plain)

    def symbol(self, letter: str, layer: Index | None, units: tuple[Index, ...]) -> str:
        """Return a letter with a superscript and a subscript."""
        raised = "" if layer is None else f"^{{{layer}}}"
        between = "," if any(len(str(unit)) > 1 for unit in units) else ""
        lowered = f"_{{{between.join(map(str, units))}}}" if units else ""
        return self.name(letter) + raised + lowered

    def partial(self, of: str, symbol: str) -> str:
        """Return a partial derivative as a fraction."""
        return rf"\frac{{\partial {of}}}{{\partial {symbol}}}"

    def brackets(self, text: str) -> str:
        """Return the text in parentheses of its height."""
        return rf"\left({text}\right)"

    def times(self, numbers: bool) -> str:
        r"""Return the sign between factors."""
        return r" \cdot " if numbers else r" \, "

    def dots(self, left_out: int) -> str:
        """Return what stands for terms that are left out."""
        return rf"\dots\;(\text{{{left_out} more}})"

    def fraction(self, above: str, below: str) -> str:
        """Return a fraction."""
        return rf"\frac{{{above}}}{{{below}}}"

    def power(self, base: str, exponent: str) -> str:
        """Return the base with its exponent."""
        return f"{{{base}}}^{{{exponent}}}"

    def call(self, name: str, arguments: Sequence[str]) -> str:
        """Return the function of its arguments."""
        if name == "abs":
            return rf"\left|{arguments[0]}\right|"
        return rf"{self.name(name)}\left({', '.join(arguments)}\right)"

    def sigma(self, index: str, of: str) -> str:
        """Return a sum over an index."""
        return rf"\sum_{index} {of}"

    def cases(self, pieces: Sequence[Sequence[str]]) -> str:
        """Return the pieces below each other."""
        lines = (rf"{piece} & \text{{if }} {condition}" for piece, condition in pieces)
        return r"\begin{cases}" + r" \\ ".join(lines) + r"\end{cases}"
