"""Metrics of decisions between classes."""

from __future__ import annotations  # help() then shows types by their names

import numpy as np
from numpy.typing import ArrayLike

from localgrad._arguments.check import integer
from localgrad.metrics.inputs import as_outputs, as_weights, marks, mean, predicted_labels, right_labels
from localgrad.metrics.registry import metric


@metric(higher_is_better=True)
def accuracy(
    y: ArrayLike,
    a: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    threshold: float = 0.5,
    multi_label: bool = False,
) -> float:
    """Return the share of the examples whose class is predicted, by the rule of `Network.evaluate`.

    Parameters
    ----------
    y : array_like
        Labels, integers of shape (n,); or targets of the shape of `a`, of which the largest names the class.
    a : array_like of shape (n, m_L) or (n,)
        Outputs. The largest is the prediction, the first of several; a single output stands for class 1.
    sample_weight : array_like of shape (n,), optional
        What each example weighs, by default 1.
    threshold : float, default 0.5
        From where on a single output, or each of several yes/no outputs, says yes; targets likewise.
    multi_label : bool, default False
        Whether each output answers yes or no to a question of its own: then the share of all answers.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    TypeError, ValueError
        If an array does not hold real numbers, a shape does not fit, or a label is out of range.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.metrics.accuracy([0, 1, 1], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], sample_weight=[1, 1, 2])
    0.5
    >>> lg.metrics.accuracy([0, 1, 1], [0.1, 0.5, 0.4], threshold=0.3)
    1.0
    """
    outputs = as_outputs(a)
    weights = as_weights(sample_weight, len(outputs))
    if multi_label:
        right, predicted = marks(y, outputs, threshold)
        return mean(np.count_nonzero(right == predicted, axis=1) / outputs.shape[1], weights)
    return mean(right_labels(y, outputs, threshold) == predicted_labels(outputs, threshold), weights)


@metric(higher_is_better=True)
def balanced_accuracy(
    y: ArrayLike, a: ArrayLike, *, sample_weight: ArrayLike | None = None, threshold: float = 0.5
) -> float:
    """Return the mean over the classes of the share of their examples that is predicted.

    Parameters
    ----------
    y, a, sample_weight, threshold
        As for `accuracy`.

    Returns
    -------
    float
        In [0, 1]. A class without examples does not count.

    Raises
    ------
    TypeError, ValueError
        As for `accuracy`.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.metrics.balanced_accuracy([0, 0, 0, 1], [0.1, 0.2, 0.7, 0.9])
    0.8333333333333333
    """
    outputs = as_outputs(a)
    weights = as_weights(sample_weight, len(outputs))
    right = right_labels(y, outputs, threshold)
    hits = right == predicted_labels(outputs, threshold)
    found = np.bincount(right, hits if weights is None else weights * hits)
    there = np.bincount(right, weights)
    present = there > 0
    return float((found[present] / there[present]).mean())


@metric(higher_is_better=True)
def top_k(y: ArrayLike, a: ArrayLike, k: int = 2, *, sample_weight: ArrayLike | None = None) -> float:
    """Return the share of the examples whose class is among the `k` largest outputs.

    Parameters
    ----------
    y : array_like
        Labels, integers of shape (n,); or targets of the shape of `a`, of which the largest names the class.
    a : array_like of shape (n, m_L)
        Outputs, one for each class. Of equal ones the last counts as the largest, as in scikit-learn.
    k : int, default 2
        How many, from 1 to m_L.
    sample_weight : array_like of shape (n,), optional
        What each example weighs, by default 1.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    TypeError, ValueError
        As for `accuracy`, or if `k` is out of range.

    Examples
    --------
    >>> import localgrad as lg
    >>> a = [[0.5, 0.3, 0.2], [0.5, 0.3, 0.2], [0.5, 0.3, 0.2], [0.1, 0.2, 0.7]]
    >>> lg.metrics.top_k([0, 1, 2, 2], a), lg.metrics.top_k([0, 1, 2, 2], a, k=1)
    (0.75, 0.5)
    """
    outputs = as_outputs(a)
    weights = as_weights(sample_weight, len(outputs))
    classes = outputs.shape[1]
    if classes < 2:
        raise ValueError("a must have at least 2 columns, one for each class, got 1")
    beaten = classes - integer(k, "k", at_least=1, below=classes + 1)
    right = right_labels(y, outputs, 0.5)
    own = outputs[np.arange(len(outputs)), right][:, np.newaxis]
    lower = np.count_nonzero(outputs < own, axis=1)
    rest = np.flatnonzero((lower < beaten) & (np.count_nonzero(outputs <= own, axis=1) > beaten))
    # Of these rows ties decide: an equal output of a class before the right one counts as lower.
    lower[rest] += np.count_nonzero(
        (outputs[rest] == own[rest]) & (np.arange(classes) < right[rest, np.newaxis]), axis=1
    )
    return mean(lower >= beaten, weights)
