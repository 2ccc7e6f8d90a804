"""JAX with jitted functions."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from localgrad.bench.quantities import Problem

_CHUNK = 100  # examples whose gradients are in memory at the same time


class Jitted:
    """A function of a list of pairs (w, b), w of shape (fan_in, fan_out), with relu."""

    def __init__(self, problem: Problem) -> None:
        self._layers = [(jnp.array(w.T), jnp.array(b)) for w, b in problem.layers()]
        self._X, self._y = jnp.asarray(problem.X), jnp.asarray(problem.y)

    def norms(self) -> Callable[[], Any]:
        """Compute the norms of the gradients of a chunk of examples in a jitted function."""
        gradients = jax.vmap(jax.grad(_cost), in_axes=(None, 0, 0))

        def of_chunk(layers: Any, x: Any, y: Any) -> Any:
            parts = jax.tree.leaves(gradients(layers, x, y))
            return jnp.sqrt(sum((part.reshape(len(x), -1) ** 2).sum(1) for part in parts))

        jitted = jax.jit(of_chunk)

        def norms() -> Any:
            starts = range(0, len(self._X), _CHUNK)
            chunks = [jitted(self._layers, self._X[k : k + _CHUNK], self._y[k : k + _CHUNK]) for k in starts]
            return np.concatenate([np.asarray(chunk) for chunk in chunks])

        return norms


def _forward(layers: Any, x: Any) -> Any:
    *hidden, (w, b) = layers
    for inner_w, inner_b in hidden:
        x = jax.nn.relu(x @ inner_w + inner_b)
    return x @ w + b


def _cost(layers: Any, x: Any, y: Any) -> Any:
    return -jax.nn.log_softmax(_forward(layers, x))[y]
