"""Further faults, as in `faults`, which are less clear-cut."""

from dataclasses import replace

import localgrad as lg
import numpy as np

from training_runs.case import Case, ordinary
from training_runs.data import Rng
from training_runs.faults import with_rate, with_targets


def uninformative_labels(rng: Rng) -> tuple[Case, Case]:
    case = ordinary(rng)
    while "validation" not in case.fit:  # without, a network that learned them by heart looks healthy
        case = ordinary(rng)
    return case, with_targets(case, lambda y: y[rng.permutation(len(y))])


def batch_too_small(rng: Rng) -> tuple[Case, Case]:
    case = with_rate(ordinary(rng), 3.0)
    return case, replace(case, fit=case.fit | {"batch_size": int(rng.integers(1, 3))})


def constant_outputs(rng: Rng) -> tuple[Case, Case]:
    case = ordinary(rng)
    return case, replace(case, fit=case.fit | {"l2": float(10 ** rng.uniform(0, 1))})


def overfitting(rng: Rng) -> tuple[Case, Case]:
    case = ordinary(rng, activations=("relu", "tanh", "gelu"))
    X, y = np.concatenate([case.X, *_part(case, 0)]), np.concatenate([case.y, *_part(case, 1)])
    n = int(rng.integers(30, 80))  # few examples, and some wrong labels or noise
    few, others = slice(0, n), slice(n, None)
    if y.ndim == 1:
        wrong = rng.random(n) < 0.2
        y[:n] = np.where(wrong, rng.permutation(y[:n]), y[:n])
    else:
        y[:n] += rng.normal(0, 0.5, y[:n].shape)
    fit = case.fit | {
        "epochs": 300,
        "batch_size": 16,
        "optimizer": lg.Adam(3e-3),
        "validation": (X[others], y[others]),
    }
    sizes = [case.sizes[0], 128, 128, case.sizes[-1]]
    return case, replace(case, X=X[few], y=y[few], sizes=sizes, fit=fit)


def _part(case: Case, which: int) -> list[np.ndarray]:
    return [case.fit["validation"][which]] if "validation" in case.fit else []


FURTHER = (uninformative_labels, batch_too_small, constant_outputs, overfitting)
