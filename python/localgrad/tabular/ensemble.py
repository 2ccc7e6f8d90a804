"""Networks of one shape whose outputs are averaged."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from localgrad.network import Network
from localgrad.tabular.recipe import NO_FILES, Best, Files, Recipe, Rows

_LEAST = 1e-3  # seconds of training, for one mini-batch


class Ensemble:
    """K networks of one shape.

    Attributes
    ----------
    networks : list of Network
        The networks.
    places : list of int
        The positions of the networks among those that were to be trained.
    """

    def __init__(self, networks: Sequence[Network] = ()) -> None:
        self.networks = list(networks)
        self.places = list(range(len(self.networks)))

    def train(
        self,
        recipe: Recipe,
        rows: Rows,
        held: Rows | Sequence[NDArray[np.bool_]],
        seeds: Sequence[int],
        deadline: float | None,
        files: Files = NO_FILES,
    ) -> None:
        """Train a network for each seed at the same time, until the deadline in terms of `time.monotonic`.

        `held` is the validation data of all networks, or for each network whether it holds out each row.
        Networks that have not finished an epoch are dropped, but never all of them. After Ctrl-C, the others
        have the parameters of their best epoch.
        """
        left = None if deadline is None else max(deadline - time.monotonic(), _LEAST)
        self.networks = [recipe.network(rows.X.shape[1], seed) for seed in seeds]
        self.places = list(range(len(seeds)))
        bests = [Best(recipe.monitor) for _ in seeds]
        try:
            if len(seeds) == 1:  # threads share mini-batches
                part, validation = (rows, held) if isinstance(held, Rows) else _divided(rows, held[0])
                recipe.train(self.networks[0], part, validation, left, files, bests[0])
            else:
                recipe.train_fleet(self.networks, rows, held, left, files, bests)
        finally:
            # If training diverges at once after resuming, the network has no epochs, but a best epoch.
            finished = [
                one.epochs or best.parameters is not None
                for one, best in zip(self.networks, bests, strict=True)
            ]
            self.places = [k for k in self.places if finished[k]] or [0]
            self.networks = [self.networks[k] for k in self.places]

    @property
    def trained(self) -> bool:
        """Whether a network has finished an epoch."""
        return any(one.epochs for one in self.networks)

    def predict(self, X: NDArray[np.float32], n_threads: int | None) -> NDArray[np.float64]:
        """Return the mean of the outputs, (n, outputs)."""
        total = np.zeros((len(X), self.networks[0].sizes[-1]))
        for network in self.networks:
            total += network.predict(X, n_threads=n_threads)
        return total / len(self.networks)

    def predict_held_out(
        self, X: NDArray[np.float32], held: Sequence[NDArray[np.bool_]], n_threads: int | None
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the mean of the outputs of the networks that held out each row, and whether one did."""
        total = np.zeros((len(X), self.networks[0].sizes[-1]))
        counts = np.zeros(len(X))
        for network, k in zip(self.networks, self.places, strict=True):
            rows = held[k]
            total[rows] += network.predict(X[rows], n_threads=n_threads)
            counts[rows] += 1
        some = counts > 0
        return total[some] / counts[some, np.newaxis], some


def _divided(rows: Rows, held: NDArray[np.bool_]) -> tuple[Rows, Rows | None]:
    return (rows.part(~held), rows.part(held)) if held.any() else (rows, None)
