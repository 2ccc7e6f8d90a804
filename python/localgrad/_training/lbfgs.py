"""Training with SciPy's L-BFGS-B, for `localgrad.LBFGS`."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

import localgrad._core as _core
from localgrad._data.examples import Examples
from localgrad._data.feed import ArrayFeed
from localgrad._model.model import Model
from localgrad._training.full_batch import FullBatch
from localgrad._training.recipe import Recipe
from localgrad._training.run import Run
from localgrad.callbacks import Checkpoint

Vector: TypeAlias = NDArray[np.float64]

_BLOCK = 2**20  # number of activations, and of local gradients, to keep at a time


class LBFGS(FullBatch):
    """Minimizes the cost with its penalty; each iteration is an epoch."""

    @classmethod
    def check(cls, model: Model, recipe: Recipe) -> None:
        """Raise an error for arguments that L-BFGS does not support, or if SciPy is not installed."""
        try:
            import scipy.optimize  # noqa: F401
        except ImportError as error:
            raise ImportError(
                'LBFGS requires SciPy; install it with: pip install "localgrad[lbfgs]"'
            ) from error
        files = any(isinstance(one, Checkpoint) for one in recipe.callbacks)
        if files or recipe.resumption is not None:
            raise ValueError("LBFGS does not support checkpoint and resume: SciPy does not expose its state")
        cls.refuse(
            model,
            recipe,
            {
                "l1": "it requires a smooth cost, and abs(w) is not smooth at 0",
                "max_norm": "it would invalidate the curvature estimate",
            },
        )

    def train(self, run: Run) -> None:
        """Run SciPy's iterations; the network gets the parameters of each iteration."""
        from scipy.optimize import minimize

        training, recipe = run.training, self._recipe
        iterations = training.last_epoch - training.first_epoch
        if not iterations or training.stopped is not None:
            return
        assert isinstance(recipe.feed, ArrayFeed)
        objective = Objective(self._model, recipe.feed.data, recipe.penalties, recipe.n_threads)
        iteration = Iteration(objective, run, self._model, self._measure)
        try:
            # The guard is held for all iterations: SciPy continues from its own copy of the parameters, so
            # what a callback writes would be lost.
            with self._model.guard.computing(), _core.DefaultFloatMode():
                result = minimize(
                    objective,
                    self._model.parameters.astype(np.float64),
                    jac=True,
                    method="L-BFGS-B",
                    callback=iteration,
                    options={
                        "maxcor": recipe.rule.history,
                        "gtol": recipe.rule.tolerance,
                        # 0 by default: nearly equal costs do not mean that the minimum is near
                        "ftol": recipe.rule.cost_tolerance,
                        "maxiter": iterations,
                        # By default in effect no limit; that of SciPy is 15,000 in total.
                        "maxfun": recipe.rule.max_evaluations or 1000 * iterations,
                    },
                )
        finally:
            # SciPy leaves reference cycles, which must not keep the examples alive.
            for one in (objective, iteration):
                vars(one).clear()
        if training.stopped is None and training.epoch < training.last_epoch:
            training.stopped = {0: "converged", 1: "evaluations"}.get(result.status, "line_search")


class Iteration:
    """The callback that SciPy calls after each iteration."""

    def __init__(
        self, objective: "Objective", run: Run, model: Model, measure: Callable[[], dict[str, float]]
    ) -> None:
        self._objective = objective
        self._run = run
        self._model = model
        self._measure = measure

    def __call__(self, intermediate_result: Any) -> None:
        """Copy the new parameters into the network, and finish the epoch."""
        training = self._run.training
        cost = self._objective.cost_at(intermediate_result.x)
        if not math.isfinite(cost):  # keep the parameters of the iteration before
            raise StopIteration
        parameters, trained = self._model.native.parameters, self._objective.trained
        np.copyto(parameters, intermediate_result.x, casting="same_kind", where=trained)
        training.step += 1
        training.batch_cost = cost
        # Callbacks and metrics run in the floating-point mode of the caller, unlike SciPy.
        with _core.CallersFloatMode():
            self._run.record_epoch({"cost": cost}, self._run.training.epoch + 1)
            self._run.measure_epoch(self._measure)
            self._run.finish_epoch()
        if training.stopped is not None:
            raise StopIteration


class Objective:
    """The cost with its penalty, and the gradient, as functions of the parameters."""

    def __init__(
        self, model: Model, data: Examples, penalties: "_core.Regularization", n_threads: int
    ) -> None:
        # A copy, because SciPy tries parameters that the network must never have.
        self._native = model.copy().native
        self._data = data
        self._threads = n_threads
        self._sizes = model.sizes
        l2 = penalties["l2"]
        l2_of_biases = l2 if penalties["penalize_biases"] else [0.0] * len(l2)
        self._l2 = _of_parameters(model, l2, l2_of_biases, 0.0)
        factors = penalties["weight_lr_factor"], penalties["bias_lr_factor"]
        self.trained = _of_parameters(model, *factors, penalties["input_scale_lr_factor"]) > 0
        self._rows = max(1, _BLOCK // sum(model.sizes))
        # Evaluate all rows in one call, so that an error about a row has the correct row number.
        cost = data.evaluate(n_threads, standardized=True)["cost"]
        if not math.isfinite(cost):
            raise FloatingPointError(
                f"epoch 1: the cost became {cost}; the inputs or the parameters may be too large"
            )
        self._highest = cost + self._penalty(model.parameters.astype(np.float64))
        self._last: tuple[bytes, float] = (b"", 0.0)

    def __call__(self, x: Vector) -> tuple[float, Vector]:
        """Return the cost with its penalty, and the gradient, summed in float64."""
        with np.errstate(all="ignore"):
            self._native.parameters[...] = x
        cost, gradient = self._sums()
        total = cost + self._penalty(x)
        if not (math.isfinite(total) and np.isfinite(gradient).all()):
            # The step was too large. The line search cannot compute with infinities; this cost is high enough
            # to make it reduce the step.
            return self._highest + 1e3 * max(1.0, abs(self._highest)), np.zeros_like(x)
        self._last = (x.tobytes(), cost)
        return total, np.where(self.trained, gradient + self._l2 * x, 0.0)

    def cost_at(self, x: Vector) -> float:
        """Return the cost without the penalty, usually from the last call."""
        if self._last[0] != x.tobytes():
            self(x)
        return self._last[1]

    def _penalty(self, x: Vector) -> float:
        return 0.5 * float(self._l2 @ (x * x))

    def _sums(self) -> tuple[float, Vector]:
        # In blocks, because backprop keeps the activations of all of its rows.
        data, n = self._data, len(self._data)
        cost, gradient = 0.0, np.zeros(self._l2.size)
        for start in range(0, n, self._rows):
            rows, targets, w = data.part(start, min(start + self._rows, n))
            share = len(rows) / n
            c, _, _, _, g, *_ = self._native.backprop(rows, targets, w, self._threads, *data.names, True)
            cost += share * c
            gradient += share * g.astype(np.float64)
        return cost, gradient


def _of_parameters(model: Model, weights: list[float], biases: list[float], scales: float) -> Vector:
    """Return a number for each parameter, from those of the weights and biases of each layer."""
    parts = []
    for (fan_in, fan_out), w, b in zip(pairwise(model.sizes), weights, biases, strict=True):
        parts += [np.full(fan_in * fan_out, w), np.full(fan_out, b)]
    if model.options["learn_input_scale"]:
        parts.append(np.full(model.sizes[0], scales))
    return np.concatenate(parts)
