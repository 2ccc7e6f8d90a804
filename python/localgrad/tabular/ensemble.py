"""Networks of one shape whose outputs are averaged."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from localgrad.network import Network
from localgrad.tabular.recipe import Recipe
from localgrad.tabular.rows import Rows


class Ensemble:
    """K networks of one shape.

    Attributes
    ----------
    networks : list of Network
        The networks.
    """

    def __init__(self, networks: Sequence[Network] = ()) -> None:
        self.networks = list(networks)

    def train(
        self,
        recipe: Recipe,
        rows: Rows,
        held: Rows | Sequence[NDArray[np.bool_]],
        seeds: Sequence[int],
        deadline: float | None,
    ) -> None:
        """Add a trained network for each seed, until the deadline in terms of `time.monotonic`.

        `held` is the validation data of all networks, or for each network whether it holds out each row. The
        first network is trained in any case. After Ctrl-C, the last one has the parameters of its best epoch.
        """
        for k, seed in enumerate(seeds):
            left = None if deadline is None else (deadline - time.monotonic()) / (len(seeds) - k)
            if left is not None and left <= 0:
                if k:
                    break
                left = 1e-3  # one mini-batch
            network = recipe.network(rows.X.shape[1], seed)
            train, validation = (rows, held) if isinstance(held, Rows) else _divided(rows, held[k])
            self.networks.append(network)
            recipe.train(network, train, validation, left)

    @property
    def trained(self) -> bool:
        """Whether a network has finished an epoch."""
        return any(one.epochs for one in self.networks)

    def drop_untrained(self) -> None:
        """Remove networks that have not finished an epoch, except the first network."""
        self.networks[1:] = [one for one in self.networks[1:] if one.epochs]

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
        for network, rows in zip(self.networks, held, strict=False):
            total[rows] += network.predict(X[rows], n_threads=n_threads)
            counts[rows] += 1
        some = counts > 0
        return total[some] / counts[some, np.newaxis], some


def _divided(rows: Rows, held: NDArray[np.bool_]) -> tuple[Rows, Rows | None]:
    return (rows.part(~held), rows.part(held)) if held.any() else (rows, None)
