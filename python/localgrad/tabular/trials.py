"""The choice of the encoding of numbers, by short trainings.

Quantile bins let a network fit functions that are not smooth, and make it worse at those that are.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from localgrad.tabular.ensemble import Ensemble
from localgrad.tabular.preprocessing import Preprocessing
from localgrad.tabular.recipe import Recipe
from localgrad.tabular.rows import Rows

_ROWS_PER_BIN = 20  # and per column of numbers
_FEWEST_BINS, _MOST_BINS = 8, 48
_MOST_INPUTS = 2**28  # of all rows, 1 GiB
_SHARE = 8  # a trial has 1/8 of the epochs and of the time


class Prepared(NamedTuple):
    """A preprocessing, and what it makes of the training rows and the validation data."""

    preprocessing: Preprocessing
    rows: Rows
    held: Rows | Sequence[NDArray[np.bool_]]
    bins: int


def bins_for(rows: int, columns: int) -> int:
    """Return the number of bins to try for a table with that many columns of numbers; 0 for none."""
    if not columns:
        return 0
    bins = min(rows // (_ROWS_PER_BIN * columns), _MOST_INPUTS // (rows * columns), _MOST_BINS)
    return bins if bins >= _FEWEST_BINS else 0


class Trials:
    """Prepares a table in one of several ways: the one with the lowest validation cost after few epochs.

    Attributes
    ----------
    prepared : Prepared
        The best way so far, also after Ctrl-C.
    ensemble : Ensemble
        The network of its trial, if there was one.
    """

    prepared: Prepared

    def __init__(self, *candidates: Callable[[], Prepared]) -> None:
        self._candidates = candidates
        self.ensemble = Ensemble()

    def run(self, recipe: Recipe, seed: int, time_limit: float | None) -> None:
        """Train briefly with each candidate, if there are several."""
        if len(self._candidates) == 1:
            self.prepared = self._candidates[0]()
            return
        short = replace(recipe, epochs=-(-recipe.epochs // _SHARE), verbose=0)
        seconds = None if time_limit is None else time_limit / _SHARE
        finished: list[tuple[float, int, Ensemble]] = []
        current = 0
        try:
            for current, candidate in enumerate(self._candidates):
                vars(self).pop("prepared", None)  # before the memory of the next one is needed
                self.prepared, self.ensemble = candidate(), Ensemble()
                finished.append((self._cost(short, seed, seconds), current, self.ensemble))
        finally:
            if finished:
                _, best, self.ensemble = min(finished, key=itemgetter(0))
                if best != current:
                    vars(self).pop("prepared", None)
                    self.prepared = self._candidates[best]()

    def _cost(self, recipe: Recipe, seed: int, seconds: float | None) -> float:
        """Return the lowest validation cost of a network, infinite if its training diverges."""
        _, rows, held, _ = self.prepared
        deadline = None if seconds is None else time.monotonic() + seconds
        try:
            self.ensemble.train(recipe, rows, held, [seed], deadline)
        except FloatingPointError:
            return math.inf
        return min(self.ensemble.networks[0].history["val_cost"], default=math.inf)
