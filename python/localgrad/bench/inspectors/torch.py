"""PyTorch with the function transforms of `torch.func`."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from torch.nn import functional

from localgrad.bench.inspectors import fastest
from localgrad.bench.quantities import Problem

_CHUNK = 100  # examples whose gradients are in memory at the same time


class TorchFunc:
    """A function of a list of pairs (w, b) and a batch of inputs."""

    def __init__(self, problem: Problem) -> None:
        self._phi = {"relu": functional.relu, "tanh": torch.tanh}[problem.net.activation[0]]
        self._vector = [(w, b) for w, b in _pairs(problem.net.sizes, problem.vector)]
        self._layers = [(torch.from_numpy(w), torch.from_numpy(b)) for w, b in problem.layers()]
        self._X, self._y = torch.from_numpy(problem.X), torch.from_numpy(problem.y)

    def norms(self) -> Callable[[], Any]:
        """Compute the gradients of a chunk of examples with vmap and grad, and their norms."""
        gradients = torch.func.vmap(torch.func.grad(self._cost), in_dims=(None, 0, 0))

        def norms() -> Any:
            result = []
            for x, y in zip(self._X.split(_CHUNK), self._y.split(_CHUNK), strict=True):
                parts = [part for pair in gradients(self._layers, x, y) for part in pair]
                squares = [part.flatten(1).square().sum(1) for part in parts]
                result.append(torch.stack(squares).sum(0).sqrt())
            return torch.cat(result)

        return norms

    def jacobian(self) -> Callable[[], Any]:
        """Use reverse or forward mode, whichever is faster."""
        x = self._X[0]
        modes = (torch.func.jacrev(self._forward, argnums=1), torch.func.jacfwd(self._forward, argnums=1))
        return fastest(*(partial(mode, self._layers, x) for mode in modes))

    def hessian_product(self) -> Callable[[], Any]:
        """Use forward mode through the gradient."""
        gradient = torch.func.grad(lambda layers: self._cost(layers, self._X, self._y) / len(self._X))

        def product() -> Any:
            _, result = torch.func.jvp(gradient, (self._layers,), (self._vector,))
            return torch.cat([part.t().ravel() for pair in result for part in pair])

        return product

    def _forward(self, layers: Any, x: Any) -> Any:
        *hidden, (w, b) = layers
        for inner_w, inner_b in hidden:
            x = self._phi(functional.linear(x, inner_w, inner_b))
        return functional.linear(x, w, b)

    def _cost(self, layers: Any, x: Any, y: Any) -> Any:
        return functional.cross_entropy(self._forward(layers, x), y, reduction="sum")


def _pairs(sizes: Any, flat: Any) -> Any:
    """Return the weights and biases in an array in the order of `localgrad.Network.parameters`."""
    start = 0
    for fan_in, fan_out in pairwise(sizes):
        middle, end = start + fan_in * fan_out, start + (fan_in + 1) * fan_out
        w = flat[start:middle].reshape(fan_in, fan_out).T.copy()
        yield torch.from_numpy(w), torch.from_numpy(flat[middle:end].copy())
        start = end
