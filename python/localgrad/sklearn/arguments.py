"""The keyword arguments that both estimators share: their types, defaults and place in the signature."""

from __future__ import annotations  # help() then shows types by their names

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from localgrad._arguments.regularization import PerLayer, Regularization
from localgrad.callbacks import Callback
from localgrad.costs import CustomCost
from localgrad.optimizers import Optimizer

F = TypeVar("F", bound=Callable[..., Any])
Metrics: TypeAlias = str | Callable[..., Any] | Sequence[str | Callable[..., Any]]
Path: TypeAlias = str | os.PathLike[str]


class Settings(Regularization, total=False):
    """The type of ``**settings``: first scikit-learn's arguments, then those of localgrad."""

    solver: str
    alpha: float
    batch_size: int | str
    learning_rate: str
    learning_rate_init: float
    power_t: float
    max_iter: int
    shuffle: bool
    random_state: int | np.random.RandomState | None
    tol: float
    verbose: bool | int
    warm_start: bool
    momentum: float
    nesterovs_momentum: bool
    early_stopping: bool
    validation_fraction: float
    beta_1: float
    beta_2: float
    epsilon: float
    n_iter_no_change: float
    max_fun: int
    optimizer: Optimizer | str | None
    schedule: Any
    init: str | tuple[Sequence[ArrayLike], Sequence[ArrayLike]] | None
    init_gain: PerLayer
    standardize: bool
    learn_input_scale: bool
    dropout: PerLayer
    input_dropout: float
    input_noise: float
    metrics: Metrics | None
    callbacks: Sequence[Callback | Callable[..., Any]]
    restore_best: bool
    time_limit: float | None
    n_threads: int | None
    checkpoint: Path | None
    checkpoint_every: int
    resume: Path | None
    progress: bool
    dtype: DTypeLike | None


class ClassifierSettings(Settings, total=False):
    """The type of ``**settings`` of a classifier."""

    cost: str | CustomCost
    class_weight: Mapping[Any, float] | str | None


DEFAULTS: dict[str, Any] = {
    "solver": "adam",
    "alpha": 0.0001,
    "batch_size": "auto",
    "learning_rate": "constant",
    "learning_rate_init": 0.001,
    "power_t": 0.5,
    "max_iter": 200,
    "shuffle": True,
    "random_state": None,
    "tol": 1e-4,
    "verbose": False,
    "warm_start": False,
    "momentum": 0.9,
    "nesterovs_momentum": True,
    "early_stopping": False,
    "validation_fraction": 0.1,
    "beta_1": 0.9,
    "beta_2": 0.999,
    "epsilon": 1e-8,
    "n_iter_no_change": 10,
    "max_fun": 15000,
    "optimizer": None,
    "schedule": None,
    "init": None,
    "init_gain": 1.0,
    "standardize": False,
    "learn_input_scale": False,
    "dropout": 0.0,
    "input_dropout": 0.0,
    "input_noise": 0.0,
    "l1": 0.0,
    "l2": 0.0,
    "weight_decay": None,
    "penalize_biases": False,
    "max_norm": None,
    "clip_value": None,
    "clip_norm": None,
    "weight_lr_factor": 1.0,
    "bias_lr_factor": 1.0,
    "input_scale_lr_factor": 1.0,
    "metrics": None,
    "callbacks": (),
    "restore_best": False,
    "time_limit": None,
    "n_threads": None,
    "checkpoint": None,
    "checkpoint_every": 1,
    "resume": None,
    "progress": False,
    "dtype": None,
}
OF_CLASSIFIER: dict[str, Any] = {"cost": "cross_entropy", "class_weight": None}

# Passed to Network unless they have their defaults.
OF_NETWORK = ("standardize", "learn_input_scale", "dropout", "input_dropout", "input_noise")
# Passed to fit and partial_fit unless they have their defaults.
OF_TRAINING = (
    "l1",
    "l2",
    "weight_decay",
    "penalize_biases",
    "max_norm",
    "clip_value",
    "clip_norm",
    "weight_lr_factor",
    "bias_lr_factor",
    "input_scale_lr_factor",
)
# Passed to fit only.
OF_FIT = (
    "metrics",
    "restore_best",
    "time_limit",
    "checkpoint",
    "checkpoint_every",
    "resume",
)


def with_keywords(defaults: Mapping[str, Any], types: type) -> Callable[[F], F]:
    """Replace ``**settings`` in the signature of a constructor by the individual arguments."""

    def decorate(function: F) -> F:
        signature = inspect.signature(function)
        *own, _ = signature.parameters.values()
        hints = {k: getattr(hint, "__forward_arg__", hint) for k, hint in types.__annotations__.items()}
        keywords = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=value, annotation=hints[name])
            for name, value in defaults.items()
        ]
        function.__signature__ = signature.replace(parameters=[*own, *keywords])  # type: ignore[attr-defined]
        return function

    return decorate


def given(values: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return those of the named values that differ from their defaults."""
    return {name: values[name] for name in names if not _same(values[name], DEFAULTS[name])}


def _same(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(value == default)
