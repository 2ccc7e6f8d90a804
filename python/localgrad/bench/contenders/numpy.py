"""Plain NumPy, with one line per equation."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import localgrad as lg
from localgrad.bench.workload import FloatArray, Workload


def _sigmoid(z: FloatArray) -> FloatArray:
    np.negative(z, out=z)
    np.exp(z, out=z)
    z += 1
    return np.reciprocal(z, out=z)


def _tanh(z: FloatArray) -> FloatArray:
    return np.tanh(z, out=z)


_ACTIVATIONS: dict[str, tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray], FloatArray]]] = {
    "sigmoid": (_sigmoid, lambda a: a * (1 - a)),
    "tanh": (_tanh, lambda a: 1 - a * a),
}
"""φ, computed in place on z, and φ' as a function of a."""


class _SGD:
    """w ← w - ηg."""

    def __init__(self, optimizer: lg.SGD) -> None:
        self._eta = optimizer.learning_rate

    def begin(self) -> None:
        """Begin a mini-batch."""

    def step(self, w: FloatArray, g: FloatArray, which: int) -> None:
        """Update one array of parameters."""
        g *= self._eta
        w -= g


class _Adam:
    """m ← β₁m + (1 - β₁)g, v ← β₂v + (1 - β₂)g², w ← w - η/(1 - β₁^t) m/(√v/√(1 - β₂^t) + ε)."""

    def __init__(self, optimizer: lg.Adam) -> None:
        self._settings = optimizer
        self._t = 0
        self._means: dict[int, tuple[FloatArray, FloatArray]] = {}

    def begin(self) -> None:
        """Begin a mini-batch."""
        self._t += 1
        beta1, beta2 = self._settings.beta1, self._settings.beta2
        self._rate = self._settings.learning_rate / (1 - beta1**self._t)
        self._root = math.sqrt(1 - beta2**self._t)

    def step(self, w: FloatArray, g: FloatArray, which: int) -> None:
        """Update one array of parameters and its m and v."""
        beta1, beta2, epsilon = self._settings.beta1, self._settings.beta2, self._settings.epsilon
        if which not in self._means:
            self._means[which] = np.zeros_like(g), np.zeros_like(g)
        m, v = self._means[which]
        m *= beta1
        m += (1 - beta1) * g
        v *= beta2
        g *= g
        g *= 1 - beta2
        v += g
        np.sqrt(v, out=g)
        g /= self._root
        g += epsilon
        np.divide(m, g, out=g)
        g *= self._rate
        w -= g


class PlainNumPy:
    """A network with the same activation in all hidden layers, identity outputs, and the quadratic cost."""

    def __init__(self, work: Workload) -> None:
        self._work = work
        self._random = np.random.default_rng(0)
        self._phi, self._slope = _ACTIVATIONS[(*work.initial.activation, "sigmoid")[0]]
        self._w = [w.T.copy() for w in work.initial.weights]  # (fan_in, fan_out)
        self._b = [b.copy() for b in work.initial.biases]
        rule = work.optimizer
        self._descent = _Adam(rule) if isinstance(rule, lg.Adam) else _SGD(rule)

    def train(self, epochs: int, shuffle: bool = True) -> float:
        """Train on mini-batches, whose rows are selected by index."""
        X, y, size = self._work.X, self._work.y, self._work.batch_size
        # If exp(-z) overflows to infinity, the activation is 0, as it should be.
        with np.errstate(over="ignore"):
            for _ in range(epochs):
                order = self._random.permutation(len(X)) if shuffle else np.arange(len(X))
                costs = [
                    self._step(X[rows], y[rows])
                    for rows in (order[start : start + size] for start in range(0, len(X), size))
                ]
        return sum(costs) / len(costs)

    def _step(self, x: FloatArray, y: FloatArray) -> float:
        activations = self._forward(x)
        delta = activations.pop() - y  # (D1)
        cost = float(np.vdot(delta, delta)) / (2 * len(x))  # (C)
        delta /= len(x)  # the factor 1/b of (M), so that the gradients below are those of the mean cost
        self._descent.begin()
        for i in range(len(self._w) - 1, -1, -1):
            w, a = self._w[i], activations[i]
            # (D2) before w is updated. It is not needed for the input.
            below = (delta @ w.T) * self._slope(a) if i else delta
            self._descent.step(w, a.T @ delta, 2 * i)  # (G1)
            self._descent.step(self._b[i], delta.sum(axis=0), 2 * i + 1)  # (G2)
            delta = below
        return cost

    def _forward(self, x: FloatArray) -> list[FloatArray]:
        activations = [x]
        for i, (w, b) in enumerate(zip(self._w, self._b, strict=True)):
            z = activations[-1] @ w  # (F)
            z += b
            activations.append(z if i == len(self._w) - 1 else self._phi(z))
        return activations

    def parameters(self) -> FloatArray:
        """Return the parameters in one array."""
        return np.concatenate([part.ravel() for pair in zip(self._w, self._b, strict=True) for part in pair])

    def prediction(self, X: FloatArray) -> Callable[[], Any]:
        """Return a function that runs the forward pass."""
        return lambda: self._forward(X)[-1]
