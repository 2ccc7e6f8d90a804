"""Sections as lines of text and as LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from localgrad.explain.sections import Equation, Section
from localgrad.explain.writers import Latex, Text

_WIDTH = 100  # columns of a line of plain text
_WIDE = 60  # characters of an equation's plain text that fit into a line of formulas


def as_text(section: Section, writer: Text) -> str:
    """Return the heading, the definitions and the equations of a section, one per line."""
    lines = [f"{section.label} {section.title}".strip()]
    for definition in section.definitions:
        lines += _lines_of(definition, writer, "    ")
    if section.definitions and section.lines:
        lines.append("")
    for line in section.lines:
        lines += [f"  {line}"] if isinstance(line, str) else _lines_of(line, writer, "  ")
    return "\n".join(lines)


def _lines_of(equation: Equation, writer: Text, indent: str) -> list[str]:
    """Return an equation in one line, or with one line per form if it is too wide."""
    (left, first, *others), condition = equation.parts(writer)
    ending = f", as {condition}" if condition else ""
    whole = f"{indent}{left} {equation.sign} {' = '.join([first, *others])}{ending}"
    if len(whole) <= _WIDTH:
        return [whole]
    between = " " * (len(indent) + len(left) + 1)
    return [
        f"{indent}{left} {equation.sign} {first}",
        *(f"{between}= {one}{ending if k == len(others) - 1 else ''}" for k, one in enumerate(others)),
    ]


def as_latex(section: Section, writer: Latex) -> list[tuple[str, bool]]:
    """Return the lines of an aligned block for each run of equations, and sentences; True for a block."""
    found = [(_block(section.definitions, writer), True)] if section.definitions else []
    for sentences, run in groupby(section.lines, key=lambda one: isinstance(one, str)):
        if sentences:
            found += [(str(one), False) for one in run]
        else:
            found.append((_block([one for one in run if isinstance(one, Equation)], writer), True))
    return found


def _block(equations: Sequence[Equation], writer: Latex) -> str:
    return r" \\ ".join(_aligned(one, writer) for one in equations)


def _aligned(equation: Equation, writer: Latex) -> str:
    (left, first, *others), condition = equation.parts(writer)
    sign = r"\leftarrow" if equation.sign == "←" else "="
    ending = rf" \quad \text{{as }} {condition}" if condition else ""
    forms = [first, *others]
    plain = Text(6, 7)
    (_, *texts), _ = equation.parts(plain)
    if sum(map(len, texts)) <= _WIDE:
        return rf"{left} &{sign} {' = '.join(forms)}{ending}"
    return rf"{left} &{sign} " + r" \\ &= ".join(forms) + ending
