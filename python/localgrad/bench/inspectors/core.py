"""localgrad, called through its public interface."""

from collections.abc import Callable
from typing import Any

import localgrad as lg
from localgrad.bench.quantities import (
    PRIVATE_BATCH,
    PRIVATE_CLIP,
    PRIVATE_NOISE,
    PRIVATE_RATE,
    Problem,
)

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

    def jacobian(self) -> Callable[[], Any]:
        """Call `jacobian` with a single example."""
        net, x, team = self._given.net, self._given.X[0], self._given.n_threads
        return lambda: net.jacobian(x, n_threads=team)

    def hessian_product(self) -> Callable[[], Any]:
        """Call `hessian_product`."""
        net, X, y, team = self._given.net, self._given.X, self._given.y, self._given.n_threads
        v = self._given.vector
        return lambda: net.hessian_product(X, y, v, n_threads=team)

    def hessian_product_base(self) -> Callable[[], Any]:
        """Call `backprop`."""
        net, X, y, team = self._given.net, self._given.X, self._given.y, self._given.n_threads
        return lambda: net.backprop(X, y, n_threads=team).gradient

    def private(self) -> Callable[[], Any]:
        """Call `fit` with clipped gradients and noise."""
        return self._epoch(clip_per_example=PRIVATE_CLIP, noise_multiplier=PRIVATE_NOISE)

    def private_answer(self) -> Callable[[], Any]:
        """Return the change of the parameters without noise and shuffling."""
        train = self._epoch(clip_per_example=PRIVATE_CLIP, shuffle=False)
        return lambda: train().parameters - self._given.net.parameters

    def private_base(self) -> Callable[[], Any]:
        """Call `fit`."""
        return self._epoch()

    def _epoch(self, **options: Any) -> Callable[[], Any]:
        X, y, team = self._given.X, self._given.y, self._given.n_threads
        rule = lg.SGD(PRIVATE_RATE)

        def train() -> Any:
            net = self._given.net.copy()
            net.fit(X, y, epochs=1, batch_size=PRIVATE_BATCH, optimizer=rule, n_threads=team, **options)
            return net

        return train
