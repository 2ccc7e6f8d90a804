"""localgrad, called through its public interface."""

from collections.abc import Callable
from typing import Any

from localgrad.bench.workload import FloatArray, Workload


class Core:
    """`localgrad.Network`."""

    def __init__(self, work: Workload) -> None:
        self._work = work
        self._net = work.initial.copy()

    def train(self, epochs: int, shuffle: bool = True) -> float:
        """Call `fit`."""
        history = self._net.fit(
            self._work.X,
            self._work.y,
            epochs=epochs,
            batch_size=self._work.batch_size,
            optimizer=self._work.optimizer,
            shuffle=shuffle,
            n_threads=self._work.n_threads,
        )
        return float(history["cost"][-1])

    def parameters(self) -> FloatArray:
        """Return a view of the network's parameters."""
        return self._net.parameters

    def prediction(self, X: FloatArray) -> Callable[[], Any]:
        """Call `predict`."""
        net, n_threads = self._net, self._work.n_threads
        return lambda: net.predict(X, n_threads=n_threads)
