"""Which parameters the training's own numbers of an epoch belong to."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from localgrad._arrays import FloatArray
from localgrad._examples import Examples
from localgrad._model.model import Model
from localgrad._training.feed import Part

__all__ = ["Measure", "Measured"]

# Of examples and the name of one of the epoch's numbers.
Measure: TypeAlias = Callable[[Examples, str], float]

_ROWS = 1000  # of a sample


@dataclass(eq=False)
class Measured:
    """The parameters at the beginning of an epoch, and those before its last update.

    With the full batch they are the same, and exactly those whose cost is noted. With mini-batches that is a
    mean over the epoch. Those before the last update are as far as the epoch came, without a last step that
    nothing has measured; but if the steps before went astray too, those at the beginning are better.
    """

    measure: Measure
    names: tuple[str, str]  # of X and y
    at_start: FloatArray
    before_last: FloatArray
    part: Part | None = None  # the last of the epoch

    def parameters(self, model: Model, name: str, higher: bool) -> FloatArray:
        """Return those with the better number of this name on a sample of the rows."""
        part = self.part
        if part is None or not len(part.order) or self.at_start is self.before_last:
            return self.before_last
        which = part.order[:: -(-len(part.order) // _ROWS)]
        weights = None if part.weights is None else part.weights[which]
        if weights is not None and not weights.any():
            return self.before_last
        twin = model.copy()
        sample = Examples(twin, part.rows[which], part.targets[which], weights, self.names)
        numbers = []
        for parameters in (self.before_last, self.at_start):
            twin.native.parameters[...] = parameters
            with np.errstate(all="ignore"):
                numbers.append(self.measure(sample, name))
        last, first = numbers
        astray = first > last if higher else first < last
        astray |= math.isnan(last) and not math.isnan(first)
        return self.at_start if astray else self.before_last
