"""Which parameters the training's own numbers of an epoch belong to."""

import math

import numpy as np

from localgrad._arrays.rows import FloatArray
from localgrad._data.examples import Examples
from localgrad._data.feed import Part
from localgrad._model.model import Model
from localgrad.metrics import Metric

_ROWS = 1000  # of a sample


class Measured:
    """The parameters at the beginning of an epoch and before its last update, if a callback wants them.

    With the full batch they are the same, and exactly those whose cost is noted. With mini-batches that is a
    mean over the epoch. Those before the last update are as far as the epoch came, without a last step that
    nothing has measured; but if the steps before went astray too, those at the beginning are better.
    """

    def __init__(
        self, model: Model, metrics: tuple[Metric, ...], n_threads: int, names: tuple[str, str]
    ) -> None:
        self._model = model
        self._metrics = metrics
        self._threads = n_threads
        self._names = names  # of X and y
        self.kept: tuple[FloatArray, FloatArray] | None = None  # at the beginning, before the last update
        self.part: Part | None = None  # the last of the epoch

    def begin(self, keep: bool) -> None:
        """Begin an epoch."""
        start = self._model.parameters.copy() if keep else None
        self.kept, self.part = None if start is None else (start, start), None

    def before_last(self) -> None:
        """Keep the parameters, before the last update."""
        if self.kept is not None:
            self.kept = self.kept[0], self._model.parameters.copy()

    def parameters(self, name: str, higher: bool) -> FloatArray:
        """Return those with the better number of this name on a sample of the rows."""
        if self.kept is None:
            return self._model.parameters
        at_start, before_last = self.kept
        part = self.part
        if part is None or not len(part.order) or at_start is before_last:
            return before_last
        which = part.order[:: -(-len(part.order) // _ROWS)]
        weights = None if part.weights is None else part.weights[which]
        if weights is not None and not weights.any():
            return before_last
        twin = self._model.copy()
        sample = Examples(twin, part.rows[which], part.targets[which], weights, self._names)
        numbers = []
        for parameters in (before_last, at_start):
            twin.native.parameters[...] = parameters
            with np.errstate(all="ignore"):
                numbers.append(self._measure(sample, name))
        last, first = numbers
        astray = first > last if higher else first < last
        astray |= math.isnan(last) and not math.isnan(first)
        return at_start if astray else before_last

    def _measure(self, sample: Examples, name: str) -> float:
        """Measure one number of an epoch; those that do not depend on the parameters are NaN."""
        wanted = [metric for metric in self._metrics if metric.name == name]
        return sample.measure(self._threads, wanted).get(name, math.nan)
