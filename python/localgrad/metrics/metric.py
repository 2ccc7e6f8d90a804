"""Metrics of a network: names and functions, bound to what its outputs mean."""

from __future__ import annotations  # help() then shows types by their names

import inspect
import numbers
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from localgrad._arguments.check import shown
from localgrad._arrays.rows import FloatArray
from localgrad._arrays.weights import Weights
from localgrad._model.model import Model, Owner
from localgrad.metrics.meaning import Measure, named
from localgrad.metrics.names import higher_is_better, parse
from localgrad.metrics.registry import FUNCTIONS, in_default_mode

# f(y, a), which may take sample_weight as well
MetricFunction: TypeAlias = Callable[..., Any]

_TAKEN = ("cost", "learning_rate", "epoch")  # what else an epoch's numbers are called


@dataclass(frozen=True)
class Metric:
    """A metric of one network.

    Attributes
    ----------
    name : str
        As in the history.
    higher_is_better : bool or None
        None if unknown, for a function of the user's.
    native : bool
        Whether `Network.evaluate` counts it anyway.

    Examples
    --------
    >>> import localgrad as lg
    >>> import numpy as np
    >>> net = lg.Network([2, 3], output="softmax")
    >>> (metric,) = lg.metrics.resolve("top_k(2)", net)
    >>> metric.name, metric.higher_is_better
    ('top_k(2)', True)
    >>> metric(np.array([0, 2]), np.array([[0.1, 0.3, 0.6], [0.2, 0.3, 0.5]]))
    0.5
    """

    name: str
    higher_is_better: bool | None
    native: bool
    _function: Measure = field(repr=False)

    def __call__(self, y: NDArray[Any], a: FloatArray, weights: Weights | None = None) -> float:
        """Measure outputs a (n, m_L) by labels (n,) or targets (n, width), each example with its weight."""
        return self._function(y, a, weights)


def resolve(metrics: Any, network: Owner) -> tuple[Metric, ...]:
    """Return the metrics that the argument `metrics` of `fit` means for a network.

    Parameters
    ----------
    metrics : str, callable, sequence of them, or None
        Names, as in ``"f1"`` or ``"top_k(5)"``, and functions of your own, f(y, a) or with a parameter
        ``sample_weight``, that return a number. None is the accuracy if the network classifies, else nothing.
    network : Network
        What is to be measured.

    Returns
    -------
    tuple of Metric
        In the order given.

    Raises
    ------
    TypeError
        If it is something else.
    ValueError
        If a name is unknown, there twice, or has no meaning for the network.

    Examples
    --------
    >>> import localgrad as lg
    >>> def worst(y, a):
    ...     return abs(a - y).max()
    >>> [metric.name for metric in lg.metrics.resolve(["rmse", "pinball(0.9)", worst], lg.Network([2, 1]))]
    ['rmse', 'pinball(0.9)', 'worst']
    >>> lg.metrics.resolve(None, lg.Network([2, 1]))
    ()
    """
    return metrics_of(metrics, network._core_model)


def metrics_of(metrics: Any, model: Model) -> tuple[Metric, ...]:
    """Return the metrics that the argument `metrics` of `fit` means for a model."""
    if metrics is None:
        metrics = ("accuracy",) if model.classifies else ()
    if isinstance(metrics, str) or callable(metrics):
        return (_metric(metrics, "metrics", model),)
    if not isinstance(metrics, Sequence) or isinstance(metrics, bytes):
        raise TypeError(f"metrics must be a name, a callable or a sequence of them, got {shown(metrics)}")
    result = tuple(_metric(value, f"metrics[{i}]", model) for i, value in enumerate(metrics))
    names = [metric.name for metric in result]
    for i, name in enumerate(names):
        if name in names[:i]:
            hint = "; define them by def, or set their __name__" if result[i].higher_is_better is None else ""
            raise ValueError(
                f"metrics must have names of their own, got {name!r} at {names.index(name)} and {i}{hint}"
            )
    return result


def _metric(value: Any, argument: str, model: Model) -> Metric:
    if callable(value):
        bare = getattr(value, "__name__", type(value).__name__)
        if FUNCTIONS.get(bare) is not value:
            return _own(value, bare, argument)
        value = bare  # by its name a function of this package knows what the network's outputs mean
    name = parse(value, argument)
    measure = in_default_mode(named(name, model))
    return Metric(str(name), higher_is_better(name.bare), name.bare == "accuracy", measure)


def _own(function: MetricFunction, name: str, argument: str) -> Metric:
    if name in _TAKEN or name.startswith("val_"):
        raise ValueError(
            f"{argument} must not be called {', '.join(map(repr, _TAKEN))} or 'val_...', got {name!r}"
        )
    try:
        weighted = "sample_weight" in inspect.signature(function).parameters
    except ValueError:  # some callables of C have no signature
        weighted = False
    return Metric(name, None, False, partial(_call, function, name, weighted))


def _call(
    function: MetricFunction,
    name: str,
    weighted: bool,
    y: NDArray[Any],
    a: FloatArray,
    weights: Weights | None,
) -> float:
    if y.ndim == 1 and a.shape[1] == 1:  # else y == (a > 0.5) would be of shape (n, n)
        a = a[:, 0]
    y, a = _protected(y), _protected(a)
    weights = None if weights is None else _protected(weights)
    answer = function(y, a, sample_weight=weights) if weighted and weights is not None else function(y, a)
    if isinstance(answer, np.ndarray) and answer.ndim == 0:
        answer = answer[()]
    if isinstance(answer, bool | np.bool_) or not isinstance(answer, numbers.Real):
        raise TypeError(f"the metric {name} must return a number, got {shown(answer)}")
    return float(answer)


def _protected(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view that cannot be written to: the array may be the user's, and other metrics see it too."""
    view = array.view()
    view.flags.writeable = False
    return view
