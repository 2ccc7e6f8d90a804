"""The pure-Python reference."""

from collections.abc import Callable
from typing import Any

import numpy as np

import localgrad as lg
from localgrad import reference
from localgrad.bench.workload import FloatArray, Workload


class Reference:
    """`localgrad.reference.Network`, in float64."""

    def __init__(self, work: Workload) -> None:
        net = work.initial
        self._batch_size = work.batch_size
        self._X, self._y = work.X.tolist(), work.y.tolist()
        self._net = reference.Network(
            net.sizes,
            activation=net.activation,
            output=net.output,
            cost=net.cost,
            init=([w.tolist() for w in net.weights], [b.tolist() for b in net.biases]),
            dropout=net.dropout,
            seed=net.seed,
        )
        self._rule = _rule(work.optimizer)

    def train(self, epochs: int, shuffle: bool = True) -> float:
        """Call `fit`."""
        history = self._net.fit(
            self._X,
            self._y,
            epochs=epochs,
            batch_size=self._batch_size,
            optimizer=self._rule,
            shuffle=shuffle,
        )
        return float(history["cost"][-1])

    def parameters(self) -> FloatArray:
        """Return the parameters in one array."""
        return np.array(self._net.parameters)

    def prediction(self, X: FloatArray) -> Callable[[], Any]:
        """Return a function that calls `predict`."""
        rows = X.tolist()
        return lambda: self._net.predict(rows)


def _rule(optimizer: lg.SGD | lg.Adam) -> reference.SGD | reference.Adam:
    if isinstance(optimizer, lg.Adam):
        return reference.Adam(
            optimizer.learning_rate, optimizer.beta1, optimizer.beta2, epsilon=optimizer.epsilon
        )
    return reference.SGD(optimizer.learning_rate)
