"""Findings, and the result of `History.diagnose`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from textwrap import fill
from typing import Any, overload

__all__ = ["CAUSES", "Diagnosis", "Finding"]

# In the order in which they are reported: data first, then the start, the steps, and what follows from them.
CAUSES = {
    "unscaled_inputs": "unscaled inputs",
    "targets_out_of_range": "targets out of the range of the output",
    "unscaled_targets": "unscaled targets",
    "saturation": "saturation",
    "dead_units": "dead units",
    "exploding_delta": "exploding δ",
    "vanishing_delta": "vanishing δ",
    "batch_too_small": "mini-batches too small",
    "learning_rate_too_high": "learning rate too high",
    "learning_rate_too_low": "learning rate too low",
    "too_few_updates": "too few updates",
    "constant_outputs": "constant outputs",
    "uninformative_labels": "labels that carry nothing",
    "overfitting": "overfitting",
}
_WIDTH = 88


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a training run.

    Attributes
    ----------
    cause : str
        Name of the cause, which later versions will not change: one of those listed in `Diagnosis`.
    message : str
        What was seen, in a sentence or two.
    advice : str
        What to try.
    layer : int or None
        The layer it was seen in, as in the notation: 2 is the first hidden layer. None if it is not about a
        layer.
    epoch : int or None
        The epoch in which it was first seen; the number of epochs before this fit, usually 0, if it was
        there before training. None if it is not about an epoch.
    numbers : dict of str to float
        The numbers it is based on.

    Examples
    --------
    >>> import localgrad as lg
    >>> history = lg.History(cost=[1.0, 0.5, 0.3, 0.2, 0.1], val_cost=[1.1, 0.8, 0.9, 1.2, 1.4])
    >>> finding = history.diagnose()[0]
    >>> finding.cause, finding.epoch, finding.numbers["lowest_val_cost"]
    ('overfitting', 2, 0.8)
    """

    cause: str
    message: str
    advice: str
    layer: int | None = None
    epoch: int | None = None
    numbers: dict[str, float] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The cause in words, with the layer and the epoch.

        Examples
        --------
        >>> from localgrad.diagnosis import Finding
        >>> Finding("dead_units", "Half of the units are dead.", "", layer=2, epoch=0).title
        'dead units in layer 2, before training'
        """
        where = [CAUSES.get(self.cause, self.cause)]
        if self.layer is not None:
            where.append(f" in layer {self.layer}")
        if self.epoch is not None:
            where.append(f", epoch {self.epoch}" if self.epoch else ", before training")
        return "".join(where)

    def to_dict(self) -> dict[str, Any]:
        """Return the values as a dict that JSON supports.

        Examples
        --------
        >>> from localgrad.diagnosis import Finding
        >>> Finding("overfitting", "It rises.", "Stop earlier.", epoch=3).to_dict()["epoch"]
        3
        """
        return asdict(self)

    def __str__(self) -> str:
        lines = [fill(text, _WIDTH, initial_indent="  ", subsequent_indent="  ") for text in self._texts()]
        return "\n".join([self.title, *lines])

    def _texts(self) -> tuple[str, str]:
        return self.message, f"Try: {self.advice}"


class Diagnosis(Sequence[Finding]):
    """Result of `History.diagnose`: a sequence of findings, the most likely cause first.

    It is empty, and so false, if nothing conspicuous was found. ``print(diagnosis)`` shows everything. The
    causes, in the order in which they are reported:

    - ``"unscaled_inputs"``, ``"targets_out_of_range"``, ``"unscaled_targets"``: of the data;
    - ``"saturation"``, ``"dead_units"``, ``"exploding_delta"``, ``"vanishing_delta"``: of a layer;
    - ``"learning_rate_too_high"``, ``"learning_rate_too_low"``, ``"batch_too_small"``: of the steps;
    - ``"too_few_updates"``, ``"constant_outputs"``, ``"uninformative_labels"``, ``"overfitting"``: of the
      result.

    A cause comes before what usually follows from it, so the second finding may be gone when the first is
    remedied.

    Attributes
    ----------
    findings : tuple of Finding
        The findings.
    examined : tuple of str
        Causes that were examined.
    not_examined : tuple of str
        Causes for which the history lacks the numbers.
    summary : str
        What training achieved, in a sentence.

    Examples
    --------
    >>> import localgrad as lg
    >>> diagnosis = lg.History(cost=[0.9, 0.4, 0.2, 0.1]).diagnose()
    >>> bool(diagnosis), len(diagnosis), "overfitting" in diagnosis.not_examined
    (False, 0, True)
    """

    def __init__(
        self,
        findings: Sequence[Finding],
        examined: Sequence[str],
        not_examined: Sequence[str] = (),
        summary: str = "",
        *,
        remedy: str = "diagnostics=True",
    ) -> None:
        self.findings = tuple(findings)
        self.examined = tuple(examined)
        self.not_examined = tuple(not_examined)
        self.summary = summary
        self._remedy = remedy  # with which all but overfitting is examined

    @property
    def causes(self) -> tuple[str, ...]:
        """The names of the causes that were found.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.History(cost=[0.9, 1.5, 2.5, 4.0]).diagnose().causes
        ('learning_rate_too_high',)
        """
        return tuple(finding.cause for finding in self.findings)

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Finding, ...]: ...
    def __getitem__(self, index: int | slice) -> Finding | tuple[Finding, ...]:
        return self.findings[index]

    def __len__(self) -> int:
        return len(self.findings)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Diagnosis) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Diagnosis: {', '.join(self.causes) or 'nothing conspicuous'}>"

    def __str__(self) -> str:
        lines = [f"{number}. {finding}" for number, finding in enumerate(self.findings, 1)]
        head = (fill(text, _WIDTH) for text in self._head())
        return "\n".join([*head, *lines, *(fill(text, _WIDTH) for text in self._scope())])

    def _repr_html_(self) -> str:
        parts = [f"<p>{escape(' '.join(self._head()))}</p>"]
        if self.findings:
            items = (
                f"<li><b>{escape(finding.title)}</b><br>{'<br>'.join(map(escape, finding._texts()))}</li>"
                for finding in self.findings
            )
            parts += ["<ol>", *items, "</ol>"]
        return "\n".join([*parts, *(f"<p><small>{escape(text)}</small></p>" for text in self._scope())])

    def _head(self) -> list[str]:
        nothing = "Nothing conspicuous was found." if self.examined else "Nothing was examined."
        found = {0: nothing, 1: "1 finding."}
        count = found.get(len(self), f"{len(self)} findings, the most likely cause first.")
        return [text for text in (self.summary, count) if text]

    def _scope(self) -> list[str]:
        """Return what was examined, if nothing was found, and what was not."""
        texts = []
        if self.examined and not self.findings:
            texts.append(f"Examined: {_list(self.examined)}.")
        if self.not_examined:
            remedy = " and ".join(self._remedies())
            texts.append(f"Not examined: {_list(self.not_examined)}; train with {remedy}.")
        return texts

    def _remedies(self) -> list[str]:
        remedies = []
        if set(self.not_examined) - {"overfitting"}:
            remedies.append(self._remedy)
        if "overfitting" in self.not_examined:
            remedies.append("validation data")
        return remedies


def _list(causes: Sequence[str]) -> str:
    return ", ".join(CAUSES[cause] for cause in causes)
