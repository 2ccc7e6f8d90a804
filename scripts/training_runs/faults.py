"""Faults: each function draws an ordinary run, and returns it with a copy that has a fault."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from training_runs.case import Case, ordinary
from training_runs.data import Rng


def with_inputs(case: Case, change: Callable[[np.ndarray], np.ndarray]) -> Case:
    fit = dict(case.fit)
    if "validation" in fit:
        fit["validation"] = (change(fit["validation"][0]), fit["validation"][1])
    return replace(case, X=change(case.X), fit=fit)


def with_targets(case: Case, change: Callable[[np.ndarray], np.ndarray], **network: Any) -> Case:
    fit = dict(case.fit)
    if "validation" in fit:
        fit["validation"] = (fit["validation"][0], change(fit["validation"][1]))
    return replace(case, y=change(case.y), fit=fit, network=case.network | network)


def unscaled_inputs(rng: Rng) -> tuple[Case, Case]:
    case = ordinary(rng)
    m = case.X.shape[1]
    kind = str(rng.choice(["large", "columns", "offset", "small"]))
    if kind == "large":
        factor, offset = 10 ** rng.uniform(1.5, 4), 0.0
    elif kind == "small":
        factor, offset = 10 ** -rng.uniform(2, 4), 0.0
    elif kind == "columns":
        factor, offset = 10 ** rng.uniform(-2, 4, m), 10 ** rng.uniform(-2, 3, m)
    else:
        factor, offset = 1.0, 10 ** rng.uniform(1.3, 3, m)
    return case, with_inputs(case, lambda X: X * factor + offset)


def targets_out_of_range(rng: Rng) -> tuple[Case, Case]:
    case = ordinary(rng, classes=False)
    output = str(rng.choice(["sigmoid", "tanh", "hard_sigmoid", "softsign", "relu", "softplus"]))
    low, high = {"tanh": (-1, 1), "softsign": (-1, 1)}.get(output, (0, 1))
    reach = max(abs(float(case.y.min())), float(case.y.max()))
    inside = with_targets(
        case, lambda y: (low + high) / 2 + (high - low) / 2 * 0.9 * y / reach, output=output, cost="mse"
    )
    factor = float(10 ** rng.uniform(0.0, 1.5))
    offset = float(rng.uniform(-1, 1)) * factor
    if output in ("relu", "softplus"):
        offset = min(offset, 0.0)
    return inside, with_targets(case, lambda y: factor * y + offset, output=output, cost="mse")


def with_rate(case: Case, factor: float) -> Case:
    rule = case.fit["optimizer"]
    return replace(
        case, fit=case.fit | {"optimizer": replace(rule, learning_rate=rule.learning_rate * factor)}
    )


def learning_rate_too_high(rng: Rng) -> tuple[Case, Case]:
    case = ordinary(rng)
    return case, with_rate(case, float(10 ** rng.uniform(1.3, 3)))


def learning_rate_too_low(rng: Rng) -> tuple[Case, Case]:
    case = ordinary(rng)
    return case, with_rate(case, float(10 ** -rng.uniform(1.7, 4)))


def vanishing_delta(rng: Rng) -> tuple[Case, Case]:
    if rng.random() < 0.5:  # deep, with sigmoid units
        case = ordinary(rng, hidden=(5, 10), activations=("relu", "elu", "leaky_relu"))
        return case, replace(case, network=case.network | {"activation": "sigmoid"})
    case = ordinary(rng, hidden=(3, 8), activations=("tanh", "relu", "elu", "gelu", "silu", "leaky_relu"))
    return case, replace(case, network=case.network | {"init_gain": float(rng.uniform(0.03, 0.3))})


def exploding_delta(rng: Rng) -> tuple[Case, Case]:
    case = ordinary(rng, hidden=(3, 8), activations=("relu", "elu", "leaky_relu", "gelu", "silu", "selu"))
    return case, replace(case, network=case.network | {"init_gain": float(rng.uniform(2, 6))})


def dead_units(rng: Rng) -> tuple[Case, Case]:
    case = ordinary(rng, hidden=(1, 4), activations=("relu",))
    if rng.random() < 0.5:
        return case, replace(case, bias=-float(rng.uniform(2, 20)))
    return case, replace(case, shift=-float(rng.uniform(0.5, 3)), bias=-float(rng.uniform(0.5, 3)))


def saturation(rng: Rng) -> tuple[Case, Case]:
    case = ordinary(rng, hidden=(1, 4), activations=("tanh", "sigmoid", "hard_tanh", "softsign"))
    return case, replace(case, network=case.network | {"init_gain": float(10 ** rng.uniform(0.8, 2.3))})


FAULTS = (
    unscaled_inputs,
    targets_out_of_range,
    learning_rate_too_high,
    learning_rate_too_low,
    vanishing_delta,
    exploding_delta,
    dead_units,
    saturation,
)
