"""The backpropagation of one example, written out."""

from __future__ import annotations

import html

import numpy as np

from localgrad._data.examples import Examples
from localgrad.explain import backward, forward, update
from localgrad.explain.layout import as_latex, as_text
from localgrad.explain.quantities import Quantities
from localgrad.explain.sections import Section, without_repetitions
from localgrad.explain.update import Update
from localgrad.explain.writers import Digits, Latex, Text
from localgrad.trace import Trace

__all__ = ["Explanation"]

_DECIMALS = {"float32": (6, 7), "float64": (9, 15)}  # shown by default, and significant digits


class Explanation:
    """Result of `Network.explain`: the backpropagation of one example, equation by equation.

    ``print(explanation)`` shows plain text, and a notebook shows formulas. Symbols and labels are those of
    the notation page of the documentation. Layers are numbered from 1, the input, and units from 0, so that
    w²₀₁ is ``net.weights[0][0, 1]``.

    Attributes
    ----------
    trace : Trace
        All quantities as arrays, as from `Network.backprop`.
    update : Update or None
        The parameters and the cost after one update: ``learning_rate``, ``parameters``, ``cost``, and
        ``cost_of_weights`` after an update of the weights alone. None for ``learning_rate=None``.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([1, 1], output="tanh", init=([[[2.0]]], [[-1.0]]), dtype="float64")
    >>> explanation = net.explain([0.75], [1.0], learning_rate=0.5)
    >>> explanation
    <Explanation of one example through 1-1, learning rate 0.5>
    >>> print(explanation)  # doctest: +ELLIPSIS
    Backpropagation of one example through 1-1
    x = (0.75), y = (1)
    <BLANKLINE>
    (F) Feed forward, layer 2, tanh
        zˡⱼ = Σₖ wˡⱼₖ aˡ⁻¹ₖ + bˡⱼ
        φ(z) = tanh(z)
    <BLANKLINE>
      z²₀ = w²₀₀ a¹₀ + b²₀ = 2 · 0.75 - 1 = 0.5
      a²₀ = tanh(z²₀) = tanh(0.5) = 0.462117157
    ...
    >>> round(explanation.trace.cost, 6), round(explanation.update.cost, 6)
    (0.144659, 0.050965)
    """

    trace: Trace
    update: Update | None

    def __init__(
        self,
        data: Examples,
        trace: Trace,
        learning_rate: float | None,
        digits: int | None,
        max_units: int,
    ) -> None:
        self.trace = trace
        self.update = None if learning_rate is None else Update._of(data, trace, learning_rate)
        decimals, self._precision = _DECIMALS[data.model.dtype.name]
        self._decimals = decimals if digits is None else digits
        self._sizes = data.model.sizes
        x = np.asarray(data.rows[:1]).ravel()
        q = Quantities(data.model, trace, max_units)
        self._x = [float(v) for v in x[:max_units]], len(x)
        self._y = (
            [q.y(k).value for k in range(min(data.model.target_width, max_units))],
            (data.model.target_width),
        )
        self._sections = without_repetitions(
            [
                *forward.inputs(q, x),
                *forward.feed_forward(q),
                forward.cost(q),
                backward.output_layer(q),
                *backward.hidden_layers(q),
                *backward.gradients(q),
                *([] if self.update is None else update.explained(q, self.update)),
            ]
        )

    def _title(self) -> str:
        return f"Backpropagation of one example through {'-'.join(map(str, self._sizes))}"

    def _example(self) -> str:
        vectors = ((name, *self._vector(*values)) for name, values in (("x", self._x), ("y", self._y)))
        return ", ".join(f"{name} = ({numbers}{more})" for name, numbers, more in vectors)

    def _vector(self, first: list[float], count: int) -> tuple[str, str]:
        write = Digits(self._decimals, self._precision).number
        return ", ".join(map(write, first)), f", ... {count - len(first)} more" if count > len(first) else ""

    def __str__(self) -> str:
        writer = Text(self._decimals, self._precision)
        sections = (as_text(section, writer) for section in self._sections)
        return "\n\n".join([f"{self._title()}\n{self._example()}", *sections])

    def latex(self) -> str:
        r"""Return the explanation as LaTeX, for a document with the package amsmath.

        Returns
        -------
        str
            Paragraphs and environments ``align*``.

        Examples
        --------
        >>> import localgrad as lg
        >>> text = lg.Network([2, 1], seed=0).explain([1.0, 2.0], [0.5]).latex()
        >>> r"\delta^{2}_{0} &= " in text
        True
        """
        parts = [f"{self._title()}: ${self._example()}$"]
        for section in self._sections:
            heading = f"{section.label} {section.title}".strip().replace("_", r"\_").replace("η", r"$\eta$")
            parts.append(rf"\paragraph{{{heading}}}")
            parts += [
                rf"\begin{{align*}}{text}\end{{align*}}" if formula else text
                for text, formula in self._latex_of(section)
            ]
        return "\n\n".join(parts)

    def _latex_of(self, section: Section) -> list[tuple[str, bool]]:
        return as_latex(section, Latex(self._decimals, self._precision))

    def _repr_html_(self) -> str:
        parts = [f"<p><b>{self._title()}</b><br>{self._example()}</p>"]
        for section in self._sections:
            parts.append(f"<p><b>{html.escape(f'{section.label} {section.title}'.strip())}</b></p>")
            for text, formula in self._latex_of(section):
                body = rf"\begin{{aligned}}{text}\end{{aligned}}" if formula else text
                escaped = html.escape(body, quote=False)
                parts.append(f"$${escaped}$$" if formula else f"<p>{escaped}</p>")
        return '<div style="text-align: left; overflow-x: auto">' + "\n".join(parts) + "</div>"

    def __repr__(self) -> str:
        rate = "" if self.update is None else f", learning rate {self.update.learning_rate:g}"
        return f"<Explanation of one example through {'-'.join(map(str, self._sizes))}{rate}>"
