"""localgrad, called through its public interface."""

from collections.abc import Callable
from typing import Any

from localgrad.bench.quantities import Problem

_ROWS = 256  # of a mini-batch of the forward and δ pass


class Core:
    """`localgrad.Network`."""

    def __init__(self, problem: Problem) -> None:
        self._given = problem

    def norms(self) -> Callable[[], Any]:
        """Call `gradient_norms`."""
        net, X, y, team = self._given.net, self._given.X, self._given.y, self._given.n_threads
        return lambda: net.gradient_norms(X, y, n_threads=team).total

    def norms_base(self) -> Callable[[], Any]:
        """Train an epoch with frozen weights: the forward pass, δ of all layers, and bias gradients."""
        net, X, y, team = self._given.net.copy(), self._given.X, self._given.y, self._given.n_threads
        return lambda: net.fit(
            X,
            y,
            epochs=1,
            batch_size=_ROWS,
            optimizer="sgd",
            weight_lr_factor=0,
            bias_lr_factor=1e-30,  # above 0, so that δ of every layer is needed
            shuffle=False,
            n_threads=team,
        )
