"""JAX. An epoch is one call of a jitted function that shuffles and scans over the mini-batches."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import localgrad as lg
from localgrad.bench.workload import FloatArray, Workload

_ACTIVATIONS = {"sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh}


class Jitted:
    """A network with a list of pairs (w, b) as parameters, w of shape (fan_in, fan_out)."""

    def __init__(self, work: Workload) -> None:
        net = work.initial
        phi = _ACTIVATIONS[(*net.activation, "sigmoid")[0]]
        rows, size = len(work.X), work.batch_size
        self._parameters = [
            (jnp.array(w.T), jnp.array(b)) for w, b in zip(net.weights, net.biases, strict=True)
        ]
        self._state, descend = _descent(work.optimizer, self._parameters)
        self._X, self._y = jnp.asarray(work.X), jnp.asarray(work.y)
        self._key = jax.random.key(0)

        def forward(parameters: Any, x: Any) -> Any:
            *hidden, (w, b) = parameters
            for inner_w, inner_b in hidden:
                x = phi(x @ inner_w + inner_b)
            return x @ w + b

        def cost(parameters: Any, x: Any, y: Any) -> Any:
            return ((forward(parameters, x) - y) ** 2).sum() / (2 * size)

        def epoch(parameters: Any, state: Any, X: Any, y: Any, key: Any) -> Any:
            order = jnp.arange(rows) if key is None else jax.random.permutation(key, rows)

            def step(now: Any, batch: Any) -> Any:
                parameters, state = now
                loss, slopes = jax.value_and_grad(cost)(parameters, X[batch], y[batch])
                return descend(parameters, slopes, state), loss

            now, losses = jax.lax.scan(step, (parameters, state), order.reshape(-1, size))
            return *now, losses.mean()

        self._epoch = jax.jit(epoch, donate_argnums=(0, 1))
        self._forward = jax.jit(forward)

    def train(self, epochs: int, shuffle: bool = True) -> float:
        """Call the jitted epoch function."""
        for _ in range(epochs):
            key = None
            if shuffle:
                self._key, key = jax.random.split(self._key)
            self._parameters, self._state, cost = self._epoch(
                self._parameters, self._state, self._X, self._y, key
            )
        return float(cost)  # waits for the computation

    def parameters(self) -> FloatArray:
        """Return the parameters in one array."""
        return np.concatenate([np.asarray(part).ravel() for pair in self._parameters for part in pair])

    def prediction(self, X: FloatArray) -> Callable[[], Any]:
        """Return a function that calls the jitted network and waits for the result."""
        x = jnp.asarray(X)
        return lambda: self._forward(self._parameters, x).block_until_ready()


def _descent(optimizer: lg.SGD | lg.Adam, parameters: Any) -> tuple[Any, Callable[[Any, Any, Any], Any]]:
    """Return the initial state of the optimizer, and its step, which returns new parameters and state."""
    eta = optimizer.learning_rate

    def sgd(parameters: Any, slopes: Any, state: Any) -> Any:
        return jax.tree.map(lambda w, g: w - eta * g, parameters, slopes), state

    if not isinstance(optimizer, lg.Adam):
        return (), sgd
    beta1, beta2, epsilon = optimizer.beta1, optimizer.beta2, optimizer.epsilon

    def adam(parameters: Any, slopes: Any, state: Any) -> Any:
        t, m, v = state
        t += 1
        m = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, m, slopes)
        v = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, v, slopes)
        rate = eta / -jnp.expm1(t * math.log(beta1))  # 1 - beta1^t, to full precision
        root = jnp.sqrt(-jnp.expm1(t * math.log(beta2)))
        return jax.tree.map(
            lambda w, m, v: w - rate * m / (jnp.sqrt(v) / root + epsilon), parameters, m, v
        ), (t, m, v)

    start = [jax.tree.map(jnp.zeros_like, parameters) for _ in range(2)]
    return (jnp.zeros(()), *start), adam
