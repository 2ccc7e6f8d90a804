"""Metrics of a network: names and functions, bound to its outputs and cost."""

from __future__ import annotations  # so that help() shows types by their names

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

# f(y, a) or f(y, a, sample_weight=...)
MetricFunction: TypeAlias = Callable[..., Any]

_TAKEN = (
    "cost",
    "learning_rate",
    "dropout",
    "weight_decay",
    "label_smoothing",
    "epoch",
)  # other names in the history and in logs


@dataclass(frozen=True)
class Metric:
    """A metric, bound to a network.

    Attributes
    ----------
    name : str
        Name in the history.
    higher_is_better : bool or None
        Whether higher values are better; None for a user-defined metric.
    native : bool
        Whether the C++ core computes the metric together with the cost.

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
        """Compute the metric from labels (n,) or targets (n, width), outputs (n, m_L) and weights (n,)."""
        return self._function(y, a, weights)


def resolve(metrics: Any, network: Owner) -> tuple[Metric, ...]:
    """Return the metrics of a network for the argument ``metrics`` of `Network.fit`.

    Parameters
    ----------
    metrics : str, callable, sequence of these, or None
        Names such as ``"f1"`` or ``"top_k(5)"``, and functions f(y, a) or f(y, a, sample_weight) that return
        a number. None selects the accuracy for a classifier, and no metrics otherwise.
    network : Network
        The network.

    Returns
    -------
    tuple of Metric
        The metrics, in the same order.

    Raises
    ------
    TypeError
        If ``metrics`` has a wrong type.
    ValueError
        If a name is unknown or duplicated, or the network does not support a metric.

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
    """Return the metrics of a model for the argument `metrics` of `Network.fit`."""
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
            hint = (
                "; define functions with def, or set __name__" if result[i].higher_is_better is None else ""
            )
            raise ValueError(
                f"metrics must have distinct names, got {name!r} at {names.index(name)} and {i}{hint}"
            )
    return result


def _metric(value: Any, argument: str, model: Model) -> Metric:
    if callable(value):
        bare = getattr(value, "__name__", type(value).__name__)
        if FUNCTIONS.get(bare) is not value:
            return _own(value, bare, argument)
        value = bare  # a metric of this package is used as if passed by name
    name = parse(value, argument)
    measure = in_default_mode(named(name, model))
    return Metric(str(name), higher_is_better(name.bare), name.bare == "accuracy", measure)


def _own(function: MetricFunction, name: str, argument: str) -> Metric:
    if name in _TAKEN or name.startswith("val_"):
        raise ValueError(
            f"{argument} must not be named {', '.join(map(repr, _TAKEN))} or 'val_...', got {name!r}"
        )
    try:
        weighted = "sample_weight" in inspect.signature(function).parameters
    except ValueError:  # some callables written in C have no signature
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
    if y.ndim == 1 and a.shape[1] == 1:  # otherwise y == (a > 0.5) would have the shape (n, n)
        a = a[:, 0]
    y, a = _protected(y), _protected(a)
    weights = None if weights is None else _protected(weights)
    answer = function(y, a, sample_weight=weights) if weighted and weights is not None else function(y, a)
    if isinstance(answer, np.ndarray) and answer.ndim == 0:
        answer = answer[()]  # a NumPy scalar, which is a number
    if isinstance(answer, bool | np.bool_) or not isinstance(answer, numbers.Real):
        raise TypeError(f"the metric {name} must return a number, got {shown(answer)}")
    return float(answer)


def _protected(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view: the array may belong to the user, and other metrics read it too."""
    view = array.view()
    view.flags.writeable = False
    return view
