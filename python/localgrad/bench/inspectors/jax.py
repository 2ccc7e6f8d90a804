"""JAX with jitted functions."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from localgrad.bench.inspectors import fastest
from localgrad.bench.quantities import Problem

_CHUNK = 100  # examples whose gradients are in memory at the same time


class Jitted:
    """A function of a list of pairs (w, b), w of shape (fan_in, fan_out)."""

    def __init__(self, problem: Problem) -> None:
        self._phi = {"relu": jax.nn.relu, "tanh": jnp.tanh}[problem.net.activation[0]]
        self._vector = list(_pairs(problem.net.sizes, jnp.asarray(problem.vector)))
        self._layers = [(jnp.array(w.T), jnp.array(b)) for w, b in problem.layers()]
        self._X, self._y = jnp.asarray(problem.X), jnp.asarray(problem.y)

    def norms(self) -> Callable[[], Any]:
        """Compute the norms of the gradients of a chunk of examples in a jitted function."""
        gradients = jax.vmap(jax.grad(self._cost), in_axes=(None, 0, 0))

        def of_chunk(layers: Any, x: Any, y: Any) -> Any:
            parts = jax.tree.leaves(gradients(layers, x, y))
            return jnp.sqrt(sum((part.reshape(len(x), -1) ** 2).sum(1) for part in parts))

        jitted = jax.jit(of_chunk)

        def norms() -> Any:
            starts = range(0, len(self._X), _CHUNK)
            chunks = [jitted(self._layers, self._X[k : k + _CHUNK], self._y[k : k + _CHUNK]) for k in starts]
            return np.concatenate([np.asarray(chunk) for chunk in chunks])

        return norms

    def jacobian(self) -> Callable[[], Any]:
        """Use reverse or forward mode, whichever is faster."""
        x = self._X[0]
        modes = [jax.jit(mode(self._forward, argnums=1)) for mode in (jax.jacrev, jax.jacfwd)]
        return fastest(*(partial(_done, mode, self._layers, x) for mode in modes))

    def hessian_product(self) -> Callable[[], Any]:
        """Use forward mode through the gradient."""

        def product(layers: Any, v: Any, X: Any, y: Any) -> Any:
            def cost(layers: Any) -> Any:
                return jax.vmap(self._cost, in_axes=(None, 0, 0))(layers, X, y).mean()

            result = jax.jvp(jax.grad(cost), (layers,), (v,))[1]
            return jnp.concatenate([part.ravel() for pair in result for part in pair])

        return partial(_done, jax.jit(product), self._layers, self._vector, self._X, self._y)

    def _forward(self, layers: Any, x: Any) -> Any:
        *hidden, (w, b) = layers
        for inner_w, inner_b in hidden:
            x = self._phi(x @ inner_w + inner_b)
        return x @ w + b

    def _cost(self, layers: Any, x: Any, y: Any) -> Any:
        return -jax.nn.log_softmax(self._forward(layers, x))[y]


def _done(function: Any, *arguments: Any) -> Any:
    """Call a jitted function and wait for its result."""
    return function(*arguments).block_until_ready()


def _pairs(sizes: Any, flat: Any) -> Any:
    """Return the weights and biases in an array in the order of `localgrad.Network.parameters`."""
    start = 0
    for fan_in, fan_out in pairwise(sizes):
        middle, end = start + fan_in * fan_out, start + (fan_in + 1) * fan_out
        yield flat[start:middle].reshape(fan_in, fan_out), flat[middle:end]
        start = end
