"""PyTorch with the function transforms of `torch.func`."""

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional

from localgrad.bench.quantities import Problem

_CHUNK = 100  # examples whose gradients are in memory at the same time


class TorchFunc:
    """A function of a list of pairs (w, b), with relu, and a batch of inputs."""

    def __init__(self, problem: Problem) -> None:
        self._layers = [(torch.from_numpy(w), torch.from_numpy(b)) for w, b in problem.layers()]
        self._X, self._y = torch.from_numpy(problem.X), torch.from_numpy(problem.y)

    def norms(self) -> Callable[[], Any]:
        """Compute the gradients of a chunk of examples with vmap and grad, and their norms."""
        gradients = torch.func.vmap(torch.func.grad(_cost), in_dims=(None, 0, 0))

        def norms() -> Any:
            result = []
            for x, y in zip(self._X.split(_CHUNK), self._y.split(_CHUNK), strict=True):
                parts = [part for pair in gradients(self._layers, x, y) for part in pair]
                squares = [part.flatten(1).square().sum(1) for part in parts]
                result.append(torch.stack(squares).sum(0).sqrt())
            return torch.cat(result)

        return norms


def _forward(layers: Any, x: Any) -> Any:
    *hidden, (w, b) = layers
    for inner_w, inner_b in hidden:
        x = functional.relu(functional.linear(x, inner_w, inner_b))
    return functional.linear(x, w, b)


def _cost(layers: Any, x: Any, y: Any) -> Any:
    return functional.cross_entropy(_forward(layers, x), y, reduction="sum")
