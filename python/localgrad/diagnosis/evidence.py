"""The numbers of a history in the form in which the rules use them."""

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad.diagnosis.setup import DataSummary, Setup, Snapshot

Array = NDArray[np.float64]

SOLVED = 0.9  # share of the cost; unusual numbers that did not prevent this did no harm
BOUNDED = ("sigmoid", "tanh", "softsign", "hard_sigmoid", "hard_tanh")  # flat on both sides


class Evidence:
    """A history, its setup, and quantities derived from them.

    Attributes
    ----------
    cost, val_cost : ndarray of shape (epochs,)
        Costs of the epochs; empty if there are none.
    setup : Setup or None
        Settings and data of the fit.
    first_epoch : int
        Number of epochs before this fit.
    diverged : bool
        Whether the fit ended because a number became infinite or NaN.
    """

    def __init__(self, history: Mapping[str, Any], setup: Setup | None, first_epoch: int) -> None:
        self._history = history
        self.setup = setup
        self.first_epoch = first_epoch
        self.cost, self.val_cost = self._numbers("cost"), self._numbers("val_cost")
        self.diverged = setup is not None and setup.diverged

    def _numbers(self, name: str) -> Array:
        return np.array(self._history.get(name, ()), np.float64).reshape(-1)

    @property
    def measured(self) -> bool:
        """Whether the last epoch was trained with diagnostics."""
        return any(np.ndim(row) == 1 for row in self._history.get("update_ratio", ())[-1:])

    def table(self, quantity: str) -> Array | None:
        """Return a quantity of each layer, of shape (epochs, layers); None if it was not recorded."""
        rows = [row for row in self._history.get(quantity, ()) if np.ndim(row) == 1]
        return np.array(rows, np.float64) if rows else None

    @cached_property
    def known(self) -> set[str]:
        """What the history contains: "cost", "validation", "data", and "layers"."""
        has_data = self.setup is not None and self.setup.data is not None
        parts = {
            "cost": len(self.cost) > 0 or self.diverged,
            "validation": len(self.val_cost) > 0,
            "data": has_data,
            "layers": has_data and (self.table("update_ratio") is not None or self.diverged),
        }
        return {name for name, there in parts.items() if there}

    @property
    def data(self) -> DataSummary | None:
        """Summary of the data."""
        return None if self.setup is None else self.setup.data

    @property
    def start(self) -> Snapshot | None:
        """The network before training."""
        return None if self.setup is None else self.setup.start

    @cached_property
    def constant_cost(self) -> float | None:
        """Cost of the best constant prediction, if it is known and other costs can be compared with it."""
        cost = None if self.data is None else self.data.constant_cost
        return cost if cost is not None and cost > 0 else None

    @cached_property
    def final_cost(self) -> float:
        """Cost at the end, without dropout and noise if possible; NaN if there is none."""
        if self.setup is not None and self.setup.end is not None:
            return self.setup.end.cost
        return float(self.cost[-1]) if len(self.cost) else math.nan

    @cached_property
    def learned(self) -> float | None:
        """Share of the cost of the best constant prediction, or else of the first epoch, that was removed."""
        if self.diverged or not math.isfinite(self.final_cost):
            return -math.inf
        before = self.constant_cost
        if before is None:
            before = float(self.cost[0]) if len(self.cost) else math.nan
        return 1 - self.final_cost / before if before > 0 else None

    @property
    def unsolved(self) -> bool:
        """Whether so much of the cost remains that something may be wrong."""
        return self.learned is None or self.learned < SOLVED

    def activation(self, layer: int) -> str:
        """Return the name of the activation of a layer, without parameters."""
        assert self.setup is not None
        return self.setup.activations[layer - 2].partition("(")[0]

    def at_start(self, quantity: str, least: float) -> tuple[int, float] | None:
        """Return the hidden layer with the largest share before training, if that is at least `least`."""
        shares = () if self.start is None else getattr(self.start, quantity)[:-1]
        if not shares or max(shares) < least:
            return None
        return int(np.argmax(shares)) + 2, max(shares)

    def later(self, quantity: str, least: float) -> tuple[int, int, float] | None:
        """Return hidden layer, epoch and share if a share is at least `least` at the end of training.

        The epoch is the first since which it has been so.
        """
        table = self.table(quantity)
        if table is None or table.shape[1] < 2:
            return None
        layer = int(np.argmax(table[-1, :-1]))
        if not table[-1, layer] >= least:
            return None
        below = np.flatnonzero(table[:, layer] < least)
        # Epochs before a checkpoint may have been trained without diagnostics.
        first = len(self._history[quantity]) - len(table) + (int(below[-1]) + 1 if len(below) else 0)
        return layer + 2, self.epoch(first), float(table[-1, layer])

    @cached_property
    def first_step(self) -> float:
        """Largest update relative to the weights of a layer, of the first steps; 0 if unknown."""
        known = () if self.start is None else self.start.step_ratio
        table = self.table("update_ratio")
        if not known and table is not None:
            known = tuple(table[0])
        return max((number for number in known or () if not math.isnan(number)), default=0.0)

    @cached_property
    def risen(self) -> float:
        """Cost of the last epoch, compared with the lowest one and that of the best constant prediction."""
        if not len(self.cost):
            return 0.0
        lowest = float(np.nanmin([*self.cost, self.constant_cost or math.inf]))
        return float(self.cost[-1]) / lowest if lowest > 0 else 0.0

    def epoch(self, index: int) -> int:
        """Return the number of an epoch of this history, given its index."""
        return self.first_epoch + index + 1

    @property
    def steps(self) -> int:
        """Number of updates; 0 if unknown."""
        mini_batches = None if self.setup is None else self.setup.mini_batches
        return (mini_batches or 0) * len(self.cost)

    @cached_property
    def moved(self) -> Array | None:
        """Path of the weights of each layer: the sum of all update ratios."""
        ratios = self.table("update_ratio")
        if ratios is None or not self.steps:
            return None
        return np.asarray(np.nansum(ratios, axis=0) * (self.steps / len(ratios)))

    @cached_property
    def falling(self) -> float:
        """Share of the whole decrease of the cost that happened in the last quarter of the epochs."""
        return _in_last_quarter(self.cost)

    @cached_property
    def late_fall(self) -> float:
        """Decrease of the cost in the last quarter of the epochs, compared with the cost before it."""
        quarter = len(self.cost) // 4
        if not quarter or not self.cost[-1 - quarter] > 0:
            return math.nan
        return float(1 - self.cost[-1] / self.cost[-1 - quarter])

    @cached_property
    def val_falling(self) -> float:
        """The same of the validation cost; NaN without."""
        return _in_last_quarter(self.val_cost)

    @cached_property
    def late_rate(self) -> float:
        """Learning rate in the last quarter of the epochs compared with all, if a schedule lowers it."""
        rates = self._numbers("learning_rate")
        quarter, mean = len(rates) // 4, float(rates.mean()) if len(rates) else 0.0
        return min(1.0, float(rates[-quarter:].mean()) / mean) if quarter and mean > 0 else 1.0

    def summary(self) -> str:
        """Return what training achieved, in a sentence."""
        if self.diverged:
            return "Training diverged."
        if not len(self.cost):
            return "No epoch was completed."
        if self.learned is None:
            return ""
        if self.constant_cost is None:
            return f"The cost went from {self.cost[0]:.4g} in the first epoch to {self.cost[-1]:.4g}."
        best = f"{self.constant_cost:.4g} for the best prediction that is the same for all examples"
        return f"The cost at the end is {self.final_cost:.4g}; it is {best}."


def _in_last_quarter(costs: Array) -> float:
    """Return the share of the decrease that happened in the last quarter; NaN for less than four epochs."""
    quarter = len(costs) // 4
    if not quarter:
        return math.nan
    whole = costs[0] - costs[-1]
    return float((costs[-1 - quarter] - costs[-1]) / whole) if whole > 0 else 0.0
