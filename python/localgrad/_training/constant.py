"""The best prediction that is the same for all examples, with which `History.diagnose` compares costs."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad._model.model import Model
from localgrad._model.native import NATIVE

_STEPS = 80  # of Rprop, which suffice for four digits of the cost


class Constant:
    """A network of which only the biases of the output layer count, fitted to targets.

    `cost` is the mean cost of the targets, `delta` the root mean square of δ. Both are None for a custom
    cost, which is not called more often than training does.
    """

    def __init__(
        self, model: Model, targets: NDArray[Any], y: NDArray[np.float64], weights: NDArray[np.float64] | None
    ) -> None:
        """Fit the biases; `y` has the targets as rows of numbers, also those of labels."""
        self.cost: float | None = None
        self.delta: float | None = None
        if model.cost == "custom":
            return
        options = model.options | {"activation": [], "init": "zeros", "init_gain": [1.0], "dropout": []}
        options |= {"standardize": False, "learn_input_scale": False, "init_given": False}
        options |= {"input_noise": 0.0, "input_dropout": 0.0}
        self._native = NATIVE["float64"]([1, model.sizes[-1]], options)
        self._fit(targets, y, weights)

    def _fit(
        self, targets: NDArray[Any], y: NDArray[np.float64], weights: NDArray[np.float64] | None
    ) -> None:
        bias = self._native.parameters[self._native.sizes[-1] :]
        mean, spread = np.average(y, axis=0, weights=weights), max(float(y.std(axis=0).max()), 1e-12)
        output = self._native.options["output"].partition("(")[0]
        bias[...], step_size = _start(output, np.resize(mean, bias.shape), spread)
        step, before = np.full(bias.shape, step_size), np.zeros(bias.shape)
        best: tuple[float, NDArray[Any], float] | None = None
        for _ in range(_STEPS):
            cost, gradient, delta = self._backprop(targets, weights)
            if best is None or cost < best[0]:
                best = cost, bias.copy(), delta
            # The mean is the best constant for some costs already.
            if step.max() < 1e-4 * step_size or abs(gradient).max() <= 1e-6 * delta:
                break
            step *= np.where(gradient * before > 0, 1.2, np.where(gradient * before < 0, 0.5, 1.0))
            bias -= np.sign(gradient) * step
            before = gradient
        if best is not None:
            self.cost, bias[...], self.delta = best

    def cost_of(self, targets: NDArray[Any], weights: NDArray[np.float64] | None) -> float | None:
        """Return the mean cost of other targets for the same prediction."""
        return None if self.cost is None else self._backprop(targets, weights)[0]

    def _backprop(
        self, targets: NDArray[Any], weights: NDArray[np.float64] | None
    ) -> tuple[float, NDArray[Any], float]:
        rows = np.zeros((len(targets), 1))
        cost, _, _, deltas, gradient, *_ = self._native.backprop(rows, targets, weights, 1, "X", "y", True)
        width = self._native.sizes[-1]
        return cost, gradient[width:], float(np.sqrt(np.mean(deltas[-1] ** 2)))


def _start(
    output: str, mean: NDArray[np.float64], spread: float
) -> tuple[NDArray[np.float64] | float, float]:
    """Return biases to start from, and a step."""
    with np.errstate(all="ignore"):
        if output in ("identity", "leaky_relu"):
            return mean, 0.3 * spread
        if output == "softmax":
            return np.log(np.maximum(mean, 1e-9)), 0.3
        if output == "sigmoid":
            inside = mean.clip(1e-9, 1 - 1e-9)
            return np.log(inside / (1 - inside)), 0.3
    return 0.0, 0.3
