"""Backpropagation of some examples, summarized per layer."""

import math
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from localgrad._model.model import Model
from localgrad._training.recipe import Recipe
from localgrad.diagnosis import Snapshot

# Activations whose derivative vanishes on both sides, and the largest value of it.
STEEPEST = {"sigmoid": 0.25, "tanh": 1.0, "softsign": 1.0, "hard_sigmoid": 1 / 6, "hard_tanh": 1.0}
_FLAT = 0.05  # of the largest derivative: a unit below that is saturated
_DEAD = 1e-4  # derivative of a unit that no example can change


class Rows(NamedTuple):
    """Some examples with their weights."""

    rows: NDArray[Any]
    targets: NDArray[Any]
    weights: NDArray[np.float64] | None


def snapshot(model: Model, sample: Rows, recipe: Recipe) -> Snapshot:
    """Return the summary of a backpropagation of the examples; the network is not changed."""
    native, names = model.native, recipe.feed.names
    with np.errstate(all="ignore"), model.guard.computing():
        cost, z, a, deltas, gradient, *_ = native.backprop(*sample, recipe.n_threads, *names, True)
        slopes = [native.activation_derivative(i, z[i], a[i + 1]) for i in range(len(z) - 1)]
        norms, total = native.gradient_norms(sample.rows, sample.targets, recipe.n_threads, *names)
        rate, ratios = getattr(recipe.rule, "learning_rate", None), None
        if rate and not recipe.schedules:
            ratios = _step_ratios(model, recipe, rate, gradient, norms)
        return Snapshot(
            cost=cost,
            delta_rms=tuple(_rms(one) for one in deltas),
            z_rms=tuple(_rms(one) for one in z),
            a_rms=tuple(_rms(one) for one in a[1:]),
            saturated=(*map(_saturated, model.activation, slopes), 0.0),
            dead=(*(float((abs(slope) < _DEAD).all(axis=0).mean()) for slope in slopes), 0.0),
            step_ratio=ratios,
            gradient_noise_scale=_noise_scale(gradient, total),
            output_std=tuple(float(one) for one in a[-1].astype(np.float64).std(axis=0)),
        )


def _saturated(activation: str, slope: NDArray[Any]) -> float:
    steepest = STEEPEST.get(activation)
    return 0.0 if steepest is None else float((abs(slope) < _FLAT * steepest).mean())


def _noise_scale(gradient: NDArray[Any], norms: NDArray[np.float64]) -> float:
    """Return the quotient of the variance of the gradients of examples and the square of their mean."""
    n, g = len(norms), gradient.astype(np.float64)
    if n < 2:
        return math.nan
    of_mean = _sum_of_squares(g)
    variance = (float((norms**2).mean()) - of_mean) * n / (n - 1)
    square = of_mean - variance / n
    return variance / square if square > 0 else math.inf


def _step_ratios(
    model: Model, recipe: Recipe, rate: float, gradient: NDArray[Any], norms: NDArray[np.float64]
) -> tuple[float, ...]:
    """Return the size of the first update relative to the weights of each layer."""
    settings, ratios, place = asdict(recipe.rule), [], 0
    for i in range(len(model.sizes) - 1):
        w = model.native.weights(i)
        size = w.size + len(w)
        g = gradient[place : place + size].astype(np.float64)
        place += size
        if type(recipe.rule).__name__ == "SGD":
            # The expected square of the gradient of a mini-batch: that of the mean, plus its variance.
            of_mean = _sum_of_squares(g)
            square = of_mean + max(float((norms[:, i] ** 2).mean()) - of_mean, 0.0) / recipe.feed.batch_size
            step = rate / (1 - settings["momentum"]) * np.sqrt(square / size)
        else:  # adaptive optimizers: each component changes by the learning rate
            step = rate if g.any() else 0.0
        scale = _rms(w)
        ratios.append(float(step / scale) if scale else 0.0)
    return tuple(ratios)


def _sum_of_squares(numbers: NDArray[np.float64]) -> float:
    return float(np.square(numbers).sum())  # g @ g may start threads, which takes longer


def _rms(numbers: NDArray[Any]) -> float:
    return float(np.sqrt(np.mean(np.square(numbers, dtype=np.float64))))
