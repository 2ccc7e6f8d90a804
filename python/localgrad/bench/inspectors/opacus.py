"""Opacus, a library for differentially private training with PyTorch."""

import warnings
from collections.abc import Callable
from typing import Any

import torch
from opacus.grad_sample import GradSampleModule, GradSampleModuleFastGradientClipping
from opacus.optimizers import DPOptimizer
from torch.nn import functional

from localgrad.bench.quantities import (
    PRIVATE_BATCH,
    PRIVATE_CLIP,
    PRIVATE_NOISE,
    PRIVATE_RATE,
    Problem,
)

_ROWS = 500  # of a mini-batch; larger and smaller ones are slower

# PyTorch warns because the data needs no gradient, which is as it should be.
warnings.filterwarnings("ignore", "Full backward hook is firing")


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

    def private(self) -> Callable[[], Any]:
        """Train an epoch with `DPOptimizer`."""
        return self._epoch(PRIVATE_NOISE, shuffle=True)

    def private_answer(self) -> Callable[[], Any]:
        """Return the change of the parameters without noise and shuffling."""
        train = self._epoch(0.0, shuffle=False)
        start = self._flat()

        def change() -> Any:
            train()
            return self._flat() - start

        return change

    def _flat(self) -> Any:
        return torch.cat([part.detach().t().ravel() for part in self._model.parameters()])

    def _epoch(self, noise: float, *, shuffle: bool) -> Callable[[], Any]:
        # The model remembers its hooks, so the one for private training is not that of the norms.
        model = GradSampleModule(self._model)
        optimizer = DPOptimizer(
            torch.optim.SGD(self._model.parameters(), lr=PRIVATE_RATE),
            noise_multiplier=noise,
            max_grad_norm=PRIVATE_CLIP,
            expected_batch_size=PRIVATE_BATCH,
        )

        def train() -> Any:
            count = len(self._X)
            order = torch.randperm(count) if shuffle else torch.arange(count)
            for batch in order.split(PRIVATE_BATCH):
                optimizer.zero_grad()
                functional.cross_entropy(model(self._X[batch]), self._y[batch]).backward()
                optimizer.step()

        return train
