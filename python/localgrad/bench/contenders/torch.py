"""PyTorch, eager and compiled. Data are tensors from the start; mini-batches are selected by index."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional

import localgrad as lg
from localgrad.bench.workload import FloatArray, Workload

_ACTIVATIONS = {"sigmoid": torch.nn.Sigmoid, "tanh": torch.nn.Tanh}


class Eager:
    """A `torch.nn.Sequential`, trained with autograd and an optimizer of `torch.optim`."""

    def __init__(self, work: Workload) -> None:
        net = work.initial
        layers = []
        for i, (weights, biases) in enumerate(zip(net.weights, net.biases, strict=True)):
            layer = torch.nn.Linear(weights.shape[1], weights.shape[0])
            with torch.no_grad():
                layer.weight.copy_(torch.from_numpy(weights.copy()))
                layer.bias.copy_(torch.from_numpy(biases.copy()))
            layers.append(layer)
            if i < len(net.activation):
                layers.append(_ACTIVATIONS[net.activation[i]]())
        self.model = torch.nn.Sequential(*layers)
        self.X, self.y = torch.from_numpy(work.X), torch.from_numpy(work.y)
        self.batch_size = work.batch_size
        self._optimizer = _optimizer(work.optimizer, self.model.parameters())

    def train(self, epochs: int, shuffle: bool = True) -> float:
        """Train with the loop of PyTorch's tutorials."""
        rows = len(self.X)
        for _ in range(epochs):
            cost = torch.zeros(())
            order = torch.randperm(rows) if shuffle else torch.arange(rows)
            for batch in order.split(self.batch_size):
                self.step(batch, cost)
        return float(cost) * self.batch_size / rows

    def step(self, batch: Any, cost: Any) -> None:
        """Train on one mini-batch and add its cost."""
        x, y = self.X[batch], self.y[batch]
        loss = functional.mse_loss(self.model(x), y, reduction="sum") / (2 * self.batch_size)
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()
        cost += loss.detach()

    def parameters(self) -> FloatArray:
        """Return the parameters in one array, with the weights transposed into localgrad's order."""
        parts = [part.detach().numpy().T.ravel() for part in self.model.parameters()]
        return np.concatenate(parts)

    def prediction(self, X: FloatArray) -> Callable[[], Any]:
        """Return a function that calls the model in inference mode."""
        x = torch.from_numpy(X)

        def predict() -> Any:
            with torch.inference_mode():
                return self.model(x)

        return predict


class Compiled(Eager):
    """The whole step compiled by `torch.compile`, which is faster than compiling only model and loss."""

    def __init__(self, work: Workload) -> None:
        super().__init__(work)
        self._parameters = {name: part.detach() for name, part in self.model.named_parameters()}
        self._state, descend = _descent(work.optimizer, self._parameters)
        gradient = torch.func.grad_and_value(self._loss)

        def step(parameters: Any, state: Any, X: Any, y: Any, batch: Any, cost: Any) -> None:
            slopes, loss = gradient(parameters, X[batch], y[batch])
            descend(parameters, slopes, state)
            cost.add_(loss)

        # torch.compile caches at most eight compiled versions per code object, so each network gets a copy.
        step.__code__ = step.__code__.replace()
        self._step = torch.compile(step, dynamic=False, fullgraph=True)

    def _loss(self, parameters: Any, x: Any, y: Any) -> Any:
        output = torch.func.functional_call(self.model, parameters, (x,))
        return functional.mse_loss(output, y, reduction="sum") / (2 * self.batch_size)

    def step(self, batch: Any, cost: Any) -> None:
        """Call the compiled step, which updates the parameters of the model in place."""
        self._step(self._parameters, self._state, self.X, self.y, batch, cost)


def _optimizer(settings: lg.SGD | lg.Adam, parameters: Any) -> Any:
    if not isinstance(settings, lg.Adam):
        return torch.optim.SGD(parameters, lr=settings.learning_rate)
    return torch.optim.Adam(
        parameters,
        lr=settings.learning_rate,
        betas=(settings.beta1, settings.beta2),
        eps=settings.epsilon,
        fused=True,  # faster than a loop (the default) and foreach on all these networks
    )


def _descent(settings: lg.SGD | lg.Adam, parameters: Any) -> tuple[Any, Callable[[Any, Any, Any], None]]:
    """Return the initial state of the optimizer and its in-place step, which is compiled."""
    eta = settings.learning_rate

    def sgd(parameters: Any, slopes: Any, state: Any) -> None:
        for name, w in parameters.items():
            w.sub_(eta * slopes[name])

    if not isinstance(settings, lg.Adam):
        return (), sgd
    beta1, beta2, epsilon = settings.beta1, settings.beta2, settings.epsilon

    def adam(parameters: Any, slopes: Any, state: Any) -> None:
        t, means = state
        t.add_(1)
        rate = eta / -torch.expm1(t * math.log(beta1))  # 1 - beta1^t, to full precision
        root = torch.sqrt(-torch.expm1(t * math.log(beta2)))
        for name, w in parameters.items():
            (m, v), g = means[name], slopes[name]
            m.mul_(beta1).add_((1 - beta1) * g)
            v.mul_(beta2).add_((1 - beta2) * g * g)
            w.sub_(rate * m / (v.sqrt() / root + epsilon))

    means = {name: (torch.zeros_like(w), torch.zeros_like(w)) for name, w in parameters.items()}
    return (torch.zeros(()), means), adam
