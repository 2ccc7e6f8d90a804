"""The parameters for which the training metrics of an epoch are measured."""

import math

import numpy as np

from localgrad._arrays.rows import FloatArray
from localgrad._data.examples import Examples
from localgrad._data.feed import Part
from localgrad._model.model import Model
from localgrad.metrics import Metric

_ROWS = 1000  # rows of the sample on which parameters are compared


class Measured:
    """The parameters at the start of an epoch and before its last update, if a callback needs them.

    For full batches they are the same, and the cost in the history is that of these parameters. For
    mini-batches the cost is a mean over the epoch. The parameters before the last update are the latest ones
    that have been measured. If earlier updates diverged, those at the start of the epoch are better.
    """

    def __init__(
        self, model: Model, metrics: tuple[Metric, ...], n_threads: int, names: tuple[str, str]
    ) -> None:
        self._model = model
        self._metrics = metrics
        self._threads = n_threads
        self._names = names  # of X and y
        self.kept: tuple[FloatArray, FloatArray] | None = None  # at the start, before the last update
        self.part: Part | None = None  # the last part of the epoch so far

    def begin(self, keep: bool) -> None:
        """Start an epoch; keep its initial parameters if `keep` is True."""
        start = self._model.parameters.copy() if keep else None
        self.kept, self.part = None if start is None else (start, start), None

    def before_last(self) -> None:
        """Keep the current parameters as those before the last update."""
        if self.kept is not None:
            self.kept = self.kept[0], self._model.parameters.copy()

    def parameters(self, name: str, higher: bool) -> FloatArray:
        """Return the parameters with the better value of a metric on a sample of the last part."""
        if self.kept is None:
            return self._model.parameters
        at_start, before_last = self.kept
        part = self.part
        if part is None or not len(part.order) or at_start is before_last:
            return before_last
        which = part.order[:: -(-len(part.order) // _ROWS)]  # evenly spaced in a random order
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
        """Return a metric of the sample; NaN for a name that does not depend on the parameters."""
        wanted = [metric for metric in self._metrics if metric.name == name]
        return sample.measure(self._threads, wanted, standardized=True).get(name, math.nan)
