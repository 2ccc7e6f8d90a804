"""Opacus, a library for differentially private training with PyTorch."""

from collections.abc import Callable
from typing import Any

import torch
from opacus.grad_sample import GradSampleModuleFastGradientClipping
from torch.nn import functional

from localgrad.bench.quantities import Problem

_ROWS = 500  # of a mini-batch; larger and smaller ones are slower


class Opacus:
    """A `torch.nn.Sequential` of linear layers and relu."""

    def __init__(self, problem: Problem) -> None:
        modules: list[Any] = []
        for w, b in problem.layers():
            layer = torch.nn.Linear(w.shape[1], w.shape[0])
            with torch.no_grad():
                layer.weight.copy_(torch.from_numpy(w))
                layer.bias.copy_(torch.from_numpy(b))
            modules += [layer, torch.nn.ReLU()]
        self._model = torch.nn.Sequential(*modules[:-1])
        self._X, self._y = torch.from_numpy(problem.X), torch.from_numpy(problem.y)

    def norms(self) -> Callable[[], Any]:
        """Compute norms as for ghost clipping, which does not compute the gradients of examples."""
        model = GradSampleModuleFastGradientClipping(self._model, loss_reduction="sum")

        def norms() -> Any:
            result = []
            for x, y in zip(self._X.split(_ROWS), self._y.split(_ROWS), strict=True):
                functional.cross_entropy(model(x), y, reduction="sum").backward()
                result.append(model.get_norm_sample().clone())
                model.zero_grad()
            return torch.cat(result)

        return norms
