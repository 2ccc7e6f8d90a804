"""Checks of the arguments of the estimators, and what they mean for localgrad."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

import localgrad._core as _core
from localgrad._arguments.check import boolean, choice, integer, real, shown, verbosity
from localgrad._arguments.network import activations, float_type
from localgrad.optimizers import LBFGS, SGD, Adam, Optimizer
from localgrad.optimizers.argument import update_rule
from localgrad.optimizers.base import FullBatchRule

_SOLVERS = ("lbfgs", "sgd", "adam")
_RATES = ("constant", "invscaling", "adaptive")
_COST_TOLERANCE = 2.220446049250313e-09  # of SciPy, which scikit-learn does not change


@dataclass(frozen=True)
class Checked:
    """The arguments of an estimator, checked; names as in scikit-learn."""

    hidden: list[int]
    activation: list[str]  # names of localgrad, one for each hidden layer
    rule: Any  # the settings of the optimizer
    rate: str  # "constant", "invscaling" or "adaptive"
    power_t: float
    alpha: float
    batch_size: int | None  # None for "auto"
    max_iter: int
    shuffle: bool
    tol: float
    n_iter_no_change: float
    verbose: int
    warm_start: bool
    early_stopping: bool
    validation_fraction: float
    progress: bool
    dtype: np.dtype[Any] | None

    @property
    def full_batch(self) -> bool:
        """Whether the optimizer uses all examples in each iteration."""
        return isinstance(self.rule, FullBatchRule)

    @property
    def stops_early(self) -> bool:
        """Whether a validation score decides when to stop."""
        return self.early_stopping and not self.full_batch


def check(values: Mapping[str, Any]) -> Checked:
    """Check the arguments that are not passed to localgrad unchanged."""
    rule, rate = _rule(values)
    hidden = hidden_layers(values["hidden_layer_sizes"])
    size, patience = values["batch_size"], values["n_iter_no_change"]
    return Checked(
        hidden=hidden,
        activation=activations(values["activation"], len(hidden), _core.names()["activations"]),
        rule=rule,
        rate=rate,
        power_t=real(values["power_t"], "power_t", at_least=0.0),
        alpha=real(values["alpha"], "alpha", at_least=0.0),
        batch_size=_batch_size(size),
        max_iter=integer(values["max_iter"], "max_iter", at_least=1),
        shuffle=boolean(values["shuffle"], "shuffle"),
        tol=real(values["tol"], "tol", at_least=0.0),
        n_iter_no_change=(
            math.inf
            if isinstance(patience, float | np.floating) and patience == math.inf
            else integer(patience, "n_iter_no_change", at_least=1)
        ),
        verbose=verbosity(values["verbose"]),
        warm_start=boolean(values["warm_start"], "warm_start"),
        early_stopping=boolean(values["early_stopping"], "early_stopping"),
        validation_fraction=real(
            values["validation_fraction"], "validation_fraction", at_least=0.0, below=1.0
        ),
        progress=boolean(values["progress"], "progress"),
        dtype=None if values["dtype"] is None else float_type(values["dtype"]),
    )


def random_numbers(random_state: Any) -> np.random.RandomState:
    """Return the generator of random numbers."""
    try:
        generator: np.random.RandomState = check_random_state(random_state)
    except ValueError as error:
        raise ValueError(
            "random_state must be an int from 0 to 2**32 - 1, a RandomState or None, got "
            f"{shown(random_state)}"
        ) from error
    return generator


def hidden_layers(sizes: Any) -> list[int]:
    """Return the widths of the hidden layers; a number stands for a single layer."""
    name = "hidden_layer_sizes"
    if isinstance(sizes, str | bytes) or not np.iterable(sizes):
        return [integer(sizes, name, at_least=1)]
    return [integer(width, f"{name}[{i}]", at_least=1) for i, width in enumerate(sizes)]


def _batch_size(size: Any) -> int | None:
    if isinstance(size, str):
        choice(size, "batch_size", ("auto",))
        return None
    return integer(size, "batch_size", at_least=1)


def _rule(values: Mapping[str, Any]) -> tuple[Optimizer, str]:
    """Return the optimizer, and how scikit-learn's `learning_rate` changes its rate."""
    solver = choice(values["solver"], "solver", _SOLVERS)
    learning_rate = real(values["learning_rate_init"], "learning_rate_init", above=0.0)
    momentum = real(values["momentum"], "momentum", at_least=0.0, below=math.nextafter(1.0, 2.0))
    beta1, beta2 = (real(values[name], name, at_least=0.0, below=1.0) for name in ("beta_1", "beta_2"))
    epsilon = real(values["epsilon"], "epsilon", above=0.0)
    nesterov = boolean(values["nesterovs_momentum"], "nesterovs_momentum")
    rate = choice(values["learning_rate"], "learning_rate", _RATES)
    evaluations = integer(values["max_fun"], "max_fun", at_least=1)
    if values["optimizer"] is not None:
        rule = update_rule(values["optimizer"])
        fixed = isinstance(rule, FullBatchRule) or values["schedule"] is not None
        return rule, "constant" if fixed else rate
    if solver == "adam":
        return Adam(learning_rate, beta1=beta1, beta2=beta2, epsilon=epsilon), "constant"
    if solver == "sgd":
        below_1 = min(momentum, math.nextafter(1.0, 0.0))  # localgrad does not accept 1
        rule = SGD(learning_rate, momentum=below_1, nesterov=nesterov and momentum > 0)
        return rule, "constant" if values["schedule"] is not None else rate
    tolerance = real(values["tol"], "tol", at_least=0.0)
    return LBFGS(tolerance=tolerance, cost_tolerance=_COST_TOLERANCE, max_evaluations=evaluations), "constant"
