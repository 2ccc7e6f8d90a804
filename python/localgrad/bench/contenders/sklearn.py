"""scikit-learn's MLPRegressor, with one call of `partial_fit` per epoch.

Its gradient is that of our cost, so the learning rates are the same. The loss that it reports is averaged
over the outputs, whereas our cost is summed over them. Its Adam adds ε to √v before the bias correction of v;
algorithm 1 of the paper and all other contenders add it after the correction.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.neural_network import MLPRegressor

import localgrad as lg
from localgrad.bench.workload import FloatArray, Workload

_ACTIVATIONS = {"sigmoid": "logistic", "tanh": "tanh"}


class Regressor:
    """MLPRegressor with SGD without momentum or Adam, no regularization, and a constant learning rate."""

    def __init__(self, work: Workload) -> None:
        net = work.initial
        self._X, self._y = work.X, work.y.ravel() if work.y.shape[1] == 1 else work.y
        self._outputs = work.y.shape[1]
        self._model = MLPRegressor(
            hidden_layer_sizes=net.sizes[1:-1],
            activation=_ACTIVATIONS[(*net.activation, "sigmoid")[0]],
            alpha=0.0,
            batch_size=work.batch_size,
            learning_rate="constant",
            **_solver(work.optimizer),
            random_state=np.random.RandomState(0),  # with an int, every epoch would have the same order
        )
        # The arrays of parameters are created by the first step. Set the initial parameters afterward, and
        # delete the optimizer so that a new one is created.
        self._model.partial_fit(self._X[: work.batch_size], self._y[: work.batch_size])
        for ours, theirs in ((net.weights, self._model.coefs_), (net.biases, self._model.intercepts_)):
            for value, array in zip(ours, theirs, strict=True):
                array[...] = value.T
        del self._model._optimizer

    def train(self, epochs: int, shuffle: bool = True) -> float:
        """Call `partial_fit`."""
        self._model.set_params(shuffle=shuffle)
        for _ in range(epochs):
            self._model.partial_fit(self._X, self._y)
        cost: float = self._model.loss_ * self._outputs
        return cost

    def parameters(self) -> FloatArray:
        """Return the parameters in one array."""
        pairs = zip(self._model.coefs_, self._model.intercepts_, strict=True)
        return np.concatenate([part.ravel() for pair in pairs for part in pair])

    def prediction(self, X: FloatArray) -> Callable[[], Any]:
        """Return a function that calls `predict`."""
        return lambda: self._model.predict(X).reshape(len(X), -1)


def _solver(optimizer: lg.SGD | lg.Adam) -> dict[str, Any]:
    if isinstance(optimizer, lg.Adam):
        return {
            "solver": "adam",
            "learning_rate_init": optimizer.learning_rate,
            "beta_1": optimizer.beta1,
            "beta_2": optimizer.beta2,
            "epsilon": optimizer.epsilon,
        }
    return {
        "solver": "sgd",
        "learning_rate_init": optimizer.learning_rate,
        "momentum": 0.0,
        "nesterovs_momentum": False,
    }
