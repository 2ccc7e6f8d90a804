"""JAX: an epoch is one call of a jitted function, which shuffles and scans over the mini-batches."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from localgrad.bench.workload import FloatArray, Workload

__all__ = ["Jitted"]

_ACTIVATIONS = {"sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh}


class Jitted:
    """Pairs (w, b) of arrays, w of shape (fan_in, fan_out)."""

    def __init__(self, work: Workload) -> None:
        net = work.initial
        phi = _ACTIVATIONS[(*net.activation, "sigmoid")[0]]
        rows, size, rate = len(work.X), work.batch_size, work.learning_rate
        self._parameters = [
            (jnp.array(w.T), jnp.array(b)) for w, b in zip(net.weights, net.biases, strict=True)
        ]
        self._X, self._y = jnp.asarray(work.X), jnp.asarray(work.y)
        self._key = jax.random.key(0)

        def forward(parameters: Any, x: Any) -> Any:
            *hidden, (w, b) = parameters
            for inner_w, inner_b in hidden:
                x = phi(x @ inner_w + inner_b)
            return x @ w + b

        def cost(parameters: Any, x: Any, y: Any) -> Any:
            return ((forward(parameters, x) - y) ** 2).sum() / (2 * size)

        def epoch(parameters: Any, X: Any, y: Any, key: Any) -> Any:
            order = jnp.arange(rows) if key is None else jax.random.permutation(key, rows)

            def step(parameters: Any, batch: Any) -> Any:
                loss, slopes = jax.value_and_grad(cost)(parameters, X[batch], y[batch])
                return jax.tree.map(lambda p, slope: p - rate * slope, parameters, slopes), loss

            parameters, losses = jax.lax.scan(step, parameters, order.reshape(-1, size))
            return parameters, losses.mean()

        self._epoch = jax.jit(epoch, donate_argnums=0)
        self._forward = jax.jit(forward)

    def train(self, epochs: int, shuffle: bool = True) -> float:
        """Call the jitted epoch."""
        for _ in range(epochs):
            key = None
            if shuffle:
                self._key, key = jax.random.split(self._key)
            self._parameters, cost = self._epoch(self._parameters, self._X, self._y, key)
        return float(cost)  # waits for the computation

    def parameters(self) -> FloatArray:
        """Return the parameters in one array."""
        return np.concatenate([np.asarray(part).ravel() for pair in self._parameters for part in pair])

    def prediction(self, X: FloatArray) -> Callable[[], Any]:
        """Call the jitted network and wait for its result."""
        x = jnp.asarray(X)
        return lambda: self._forward(self._parameters, x).block_until_ready()
