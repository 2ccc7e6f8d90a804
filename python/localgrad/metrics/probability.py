"""Metrics of predicted probabilities."""

from __future__ import annotations  # so that help() shows types by their names

import numpy as np
from numpy.typing import ArrayLike

from localgrad.metrics.inputs import as_outputs, as_weights, marks, mean, right_labels
from localgrad.metrics.registry import metric


@metric(higher_is_better=False)
def log_loss(
    y: ArrayLike, a: ArrayLike, *, sample_weight: ArrayLike | None = None, multi_label: bool = False
) -> float:
    """Return the log loss: the mean of -log p, where p is the predicted probability of the true class.

    Parameters
    ----------
    y, sample_weight
        As in `accuracy`.
    a : array_like of shape (n, m_L) or (n,)
        Outputs in [0, 1]. Several outputs are the probabilities of the classes, divided by their sum.
        A single output is the probability of class 1. With `multi_label`, each output is the probability of
        its label.
    multi_label : bool, default False
        Whether each output predicts a separate binary label. The result is then the mean over all outputs.

    Returns
    -------
    float
        Log loss, at least 0. Each p is clipped to [ε, 1 - ε], where ε is the machine epsilon of the dtype of
        `a`.

    Raises
    ------
    TypeError, ValueError
        As in `accuracy`, or if an output is not in [0, 1].

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.metrics.log_loss([0, 1], [[0.5, 0.5], [0.75, 0.25]])
    1.0397207708399179
    >>> lg.metrics.log_loss([0, 1], [0.5, 0.25])
    1.0397207708399179
    """
    outputs = as_outputs(a)
    weights = as_weights(sample_weight, len(outputs))
    if outputs.min() < 0 or outputs.max() > 1:
        bad = (outputs < 0) | (outputs > 1)
        row, column = (int(k) for k in np.argwhere(bad)[0])
        raise ValueError(f"a must be in [0, 1], got {outputs[row, column]} at row {row}, column {column}")
    epsilon = float(np.finfo(outputs.dtype).eps)
    if multi_label or outputs.shape[1] == 1:
        yes = marks(y, outputs, 0.5)[0] if multi_label else right_labels(y, outputs, 0.5)[:, np.newaxis] == 1
        high = outputs.astype(np.float64)
        p = np.where(yes, high, 1.0 - high)
    else:
        own = outputs[np.arange(len(outputs)), right_labels(y, outputs, 0.5)].astype(np.float64)
        total = np.einsum("ij->i", outputs).astype(np.float64)  # faster than sum(axis=1) for short rows
        p = np.divide(own, total, out=own, where=total > 0)[:, np.newaxis]
    return mean(-np.log(np.clip(p, epsilon, 1.0 - epsilon)).mean(axis=1), weights)
