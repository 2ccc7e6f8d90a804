"""Ranking metrics."""

from __future__ import annotations  # so that help() shows types by their names

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad._arrays.weights import Weights
from localgrad.metrics.inputs import Marks, as_outputs, as_weights, marks, right_labels
from localgrad.metrics.registry import metric


@metric(higher_is_better=True)
def auc(
    y: ArrayLike,
    a: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    threshold: float = 0.5,
    multi_label: bool = False,
) -> float:
    """Return the area under the receiver operating characteristic (ROC) curve.

    This is the probability that a random example of class 1 has a higher output than a random example of
    class 0; ties count ½. For more than two classes, return the mean of the areas of each class against the
    rest.

    Parameters
    ----------
    y, sample_weight
        As in `accuracy`.
    a : array_like of shape (n, m_L) or (n,)
        Outputs. Only their order matters; they need not be probabilities.
    threshold : float, default 0.5
        With a single output, targets of at least this value are class 1. With `multi_label`, such targets
        mean that the label is present.
    multi_label : bool, default False
        Whether each output predicts a separate binary label. The result is then the mean over the outputs.

    Returns
    -------
    float
        Area, in [0, 1]. NaN if an output is NaN, or if class 0 or class 1 has no examples of nonzero weight.
        For several classes or labels, NaN if all or none of these examples belong to one of them.

    Raises
    ------
    TypeError, ValueError
        As in `accuracy`.

    Notes
    -----
    This is the U statistic of Mann & Whitney (1947) divided by the number of pairs. The computation sorts the
    outputs, in O(n log n).

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.metrics.auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    >>> lg.metrics.auc([0, 0], [0.1, 0.4])
    nan
    """
    outputs = as_outputs(a)
    weights = as_weights(sample_weight, len(outputs))
    width = outputs.shape[1]
    if multi_label:
        yes, _ = marks(y, outputs, threshold)
        return float(np.mean([_area(yes[:, j], outputs[:, j], weights) for j in range(width)]))
    right = right_labels(y, outputs, threshold)
    if width <= 2:  # of two outputs, the second is the score of class 1
        return _area(right == 1, outputs[:, -1], weights)
    return float(np.mean([_area(right == j, outputs[:, j], weights) for j in range(width)]))


def _area(yes: Marks, scores: NDArray[Any], weights: Weights | None) -> float:
    """Return Σ w_i w_k ([s_i > s_k] + ½[s_i = s_k]) / Σ w_i w_k over all i with `yes` and all k without."""
    if np.isnan(scores).any():
        return math.nan
    above, below = scores[yes], scores[~yes]
    if weights is None:
        # Sorted queries make searchsorted faster.
        above, below = np.sort(above), np.sort(below)
        wins = np.searchsorted(below, above, "left").sum() + np.searchsorted(below, above, "right").sum()
        pairs = len(above) * len(below)
        return float(wins / (2 * pairs)) if pairs else math.nan
    order = np.argsort(below)
    below = below[order]
    lowest = np.concatenate([[0.0], np.cumsum(weights[~yes][order])])  # [k]: total weight of the k lowest
    beaten = lowest[np.searchsorted(below, above, "left")] + lowest[np.searchsorted(below, above, "right")]
    own = weights[yes]
    weight = own.sum() * lowest[-1]
    return float(np.dot(own, beaten) / (2 * weight)) if weight > 0 else math.nan
