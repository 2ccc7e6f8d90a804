"""Prediction intervals by conformalized quantile regression."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from localgrad.network import Network
from localgrad.tabular.ensemble import Ensemble
from localgrad.tabular.recipe import Files, Recipe, Rows


@dataclass(frozen=True)
class Intervals:
    """A network that predicts two quantiles, and the amount by which to widen them.

    Attributes
    ----------
    network : Network
        Predicts the lower and the upper limit of standardized targets.
    margin : float
        What to add on both sides; may be negative.
    """

    network: Network
    margin: float

    @classmethod
    def train(
        cls,
        recipe: Recipe,
        rows: Rows,
        held: Rows | Sequence[NDArray[np.bool_]],
        coverage: float,
        seed: int,
        deadline: float | None,
        files: Files,
    ) -> Self:
        """Train the network, and choose the margin on the validation rows."""
        low, high = (1.0 - coverage) / 2.0, (1.0 + coverage) / 2.0
        own = replace(recipe, cost=f"quantile({low!r}, {high!r})", outputs=2)
        # Both quantiles have the same target.
        ensemble = Ensemble()
        ensemble.train(own, rows, held, [seed], deadline, files)
        validation = held if isinstance(held, Rows) else rows.part(held[0])
        network = ensemble.networks[0]
        limits = np.sort(network.predict(validation.X, n_threads=recipe.n_threads), axis=1)
        # How far each target is outside of its interval; negative inside.
        scores = np.maximum(limits[:, 0] - validation.y, validation.y - limits[:, 1])
        # The finite-sample correction of split conformal prediction: rank ⌈(n + 1) coverage⌉.
        rank = min(math.ceil((len(scores) + 1) * coverage), len(scores))
        return cls(network, float(np.sort(scores)[rank - 1]))

    def predict(self, X: NDArray[np.float32], n_threads: int | None) -> NDArray[np.float64]:
        """Return the limits for standardized targets, (n, 2)."""
        limits = np.sort(self.network.predict(X, n_threads=n_threads).astype(np.float64), axis=1)
        limits += np.array([-self.margin, self.margin])
        # A negative margin must not turn an interval around.
        middle = limits.mean(axis=1, keepdims=True)
        return np.where(limits[:, :1] <= limits[:, 1:], limits, middle)
