"""Classification accuracy: accuracy, balanced_accuracy and top_k."""

from __future__ import annotations  # so that help() shows types by their names

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
    """Return the fraction of examples that are classified correctly.

    `Network.evaluate` computes its accuracy in the same way.

    Parameters
    ----------
    y : array_like
        Integer labels of shape (n,), or targets of the same shape as `a`, whose largest entry is the class.
    a : array_like of shape (n, m_L) or (n,)
        Outputs. The class with the largest output is the predicted class, the first one in case of ties. A
        single output is the score of class 1.
    sample_weight : array_like of shape (n,), optional
        Sample weights. By default, all examples have weight 1.
    threshold : float, default 0.5
        With a single output, outputs of at least this value predict class 1. With `multi_label`, they predict
        that the label is present. The same threshold applies to targets.
    multi_label : bool, default False
        Whether each output predicts a separate binary label. The result is then the fraction of correct
        predictions over all outputs.

    Returns
    -------
    float
        Accuracy, in [0, 1].

    Raises
    ------
    TypeError, ValueError
        If an array does not contain real numbers, shapes do not match, or a label is out of range.

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
    """Return the mean recall of the classes: the fraction of each class that is classified correctly.

    Parameters
    ----------
    y, a, sample_weight, threshold
        As in `accuracy`.

    Returns
    -------
    float
        Balanced accuracy, in [0, 1]. Classes without examples are ignored.

    Raises
    ------
    TypeError, ValueError
        As in `accuracy`.

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
    """Return the fraction of examples whose class has one of the `k` largest outputs.

    Parameters
    ----------
    y : array_like
        Integer labels of shape (n,), or targets of the same shape as `a`, whose largest entry is the class.
    a : array_like of shape (n, m_L)
        Outputs, one for each class. If outputs are equal, the last one ranks highest, as in scikit-learn.
    k : int, default 2
        Number of outputs to consider, from 1 to m_L.
    sample_weight : array_like of shape (n,), optional
        Sample weights. By default, all examples have weight 1.

    Returns
    -------
    float
        Top-k accuracy, in [0, 1].

    Raises
    ------
    TypeError, ValueError
        As in `accuracy`, or if `k` is out of range.

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
    # In these rows ties decide: an equal output of an earlier class ranks lower than that of the right class.
    lower[rest] += np.count_nonzero(
        (outputs[rest] == own[rest]) & (np.arange(classes) < right[rest, np.newaxis]), axis=1
    )
    return mean(lower >= beaten, weights)
