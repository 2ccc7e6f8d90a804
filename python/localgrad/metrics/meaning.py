"""Bind the name of a metric to a network, or raise an error if the network does not support the metric."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from localgrad._arrays.rows import FloatArray, as_rows
from localgrad._arrays.weights import Weights
from localgrad._model.model import Model
from localgrad.metrics.names import Name
from localgrad.metrics.registry import FUNCTIONS
from localgrad.metrics.regression import pinball

Measure: TypeAlias = Callable[[NDArray[Any], FloatArray, Weights | None], float]


def named(name: Name, model: Model) -> Measure:
    """Return the function of a metric for a network; raise ValueError if the network does not support it."""

    def need(met: bool, what: str) -> None:
        if not met:
            raise ValueError(
                f"Metric {str(name)!r} requires {what}, got {model.sizes[-1]} {model.output} outputs "
                f"with the cost {model.cost!r}"
            )

    function = FUNCTIONS[name.bare]
    # A metric's parameters show its kind: those of classification have threshold, multi_label or k.
    takes = inspect.signature(function).parameters
    if not takes.keys() & {"threshold", "multi_label", "k"}:
        return _numbers(name, need, model)
    need(model.classifies, "a classifier (output softmax or sigmoid, or cost 'hinge')")
    multi_label, by_sign = not model.takes_labels, model.cost == "hinge"
    settings: dict[str, Any] = {}
    if name.bare == "log_loss":
        need(not by_sign, "probabilities (output softmax or sigmoid, and a cost other than 'hinge')")
    if "threshold" in takes:
        settings["threshold"] = 0.0 if by_sign else 0.5
    if "multi_label" in takes:
        settings["multi_label"] = multi_label
    else:
        need(not multi_label, "a single class per example")
    if "k" in takes:
        settings["k"] = k = 2 if name.parameter is None else int(name.parameter)
        need(model.sizes[-1] >= max(k, 2), f"at least {max(k, 2)} outputs")
    return lambda y, a, weights: function(y, a, sample_weight=weights, **settings)


def _numbers(name: Name, need: Callable[[bool, str], None], model: Model) -> Measure:
    """Return the function of a regression metric; labels are converted to rows as they are for the cost."""
    width = model.target_width
    cost, _, parameters = model.cost.rstrip(")").partition("(")
    low = -1.0 if cost == "hinge" else 0.0

    def rows(y: NDArray[Any]) -> NDArray[Any]:
        return as_rows(y, width, model.dtype, low=low) if y.ndim == 1 else y

    if cost == "quantile":
        own = [float(q) for q in parameters.split(",")] if parameters else [0.5]
        if name.bare == "pinball" and name.parameter is None:
            # Column h * width + t of the outputs is quantile h of target t.
            return lambda y, a, weights: float(
                np.mean(
                    [
                        pinball(rows(y), a[:, h * width : (h + 1) * width], q, sample_weight=weights)
                        for h, q in enumerate(own)
                    ]
                )
            )
        need(len(own) == 1, "a single prediction per target (use 'pinball' for several quantiles)")

    function = FUNCTIONS[name.bare]
    if name.parameter is not None:
        function = partial(function, q=name.parameter)

    def prediction(a: FloatArray) -> FloatArray:
        if cost == "poisson" and model.output == "identity":  # the outputs are logarithms of rates
            with np.errstate(over="ignore"):
                return np.exp(a)
        return a[:, :width]  # for gaussian_nll these are the means

    return lambda y, a, weights: function(rows(y), prediction(a), sample_weight=weights)
