"""The parts of an explanation: sections with equations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from localgrad.explain.functions import Cases, Comparison
from localgrad.explain.terms import Sum, Term
from localgrad.explain.writers import Text, Writer


@dataclass(frozen=True)
class Equation:
    """left = symbols = numbers = value, because of a condition.

    Attributes
    ----------
    left : Term
        What is computed.
    right : sequence of Term
        Equal forms of the right-hand side. The numbers are put into the last one.
    value : float or None
        The result; None for a definition, which has no numbers.
    sign : str
        "=", or "←" for an update.
    """

    left: Term
    right: Sequence[Term] = ()
    value: float | None = None
    sign: str = "="

    def parts(self, writer: Writer) -> tuple[list[str], str]:
        """Return the left-hand side, the equal forms of the right-hand side, and the condition."""
        conditions: list[Comparison] = []
        forms = [self._piece(one, conditions) if self.value is not None else one for one in self.right]
        parts = [self.left.write(writer), *(one.write(writer) for one in forms)]
        if self.value is not None:
            if forms:
                last = forms[-1]
                parts.append(last.write(writer, numbers=True))
                if isinstance(last, Sum) and last.of_products:
                    parts.append(last.products().write(writer, numbers=True))
            parts.append(writer.number(self.value))
        distinct = [one for k, one in enumerate(parts) if k == 0 or one != parts[k - 1]]
        return distinct, conditions[-1].write(writer) if conditions else ""

    @staticmethod
    def _piece(one: Term, conditions: list[Comparison]) -> Term:
        if not isinstance(one, Cases):
            return one
        piece, condition = one.chosen()
        conditions.append(condition)
        return piece


@dataclass(frozen=True)
class Section:
    """A heading, definitions, and equations or sentences about what is left out."""

    label: str
    title: str
    definitions: list[Equation] = field(default_factory=list)
    lines: list[Equation | str] = field(default_factory=list)


def without_repetitions(sections: list[Section]) -> list[Section]:
    """Return the sections without the definitions that an earlier section has."""
    known: set[str] = set()
    found = []
    for section in sections:
        texts = [" = ".join(one.parts(Text(6, 7))[0]) for one in section.definitions]
        new = [one for one, text in zip(section.definitions, texts, strict=True) if text not in known]
        known.update(texts)
        found.append(replace(section, definitions=new))
    return found
