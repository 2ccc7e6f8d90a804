"""Precision, recall, and F1 score, their harmonic mean."""

from __future__ import annotations  # so that help() shows types by their names

import numpy as np

from localgrad.metrics.counts import Counts, count
from localgrad.metrics.registry import made_of, metric


@metric(higher_is_better=True)
@made_of(count)
def f1(counts: Counts) -> float:
    """Return the F1 score of class 1 if there are two classes, otherwise `f1_macro`.

    Parameters
    ----------
    y, a, sample_weight, threshold, multi_label
        As in `accuracy`.

    Returns
    -------
    float
        F1 score, in [0, 1]; 0 for a class with neither examples nor predictions.

    Raises
    ------
    TypeError, ValueError
        As in `accuracy`.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.metrics.f1([0, 0, 1, 1], [0.1, 0.7, 0.8, 0.9])
    0.8
    """
    return counts.main(counts.f1())


@metric(higher_is_better=True)
@made_of(count)
def f1_macro(counts: Counts) -> float:
    """Return the unweighted mean of the F1 scores of all classes, or of all outputs with `multi_label`.

    Parameters
    ----------
    y, a, sample_weight, threshold, multi_label
        As in `accuracy`.

    Returns
    -------
    float
        Mean F1 score, in [0, 1]. Classes with neither examples nor predictions are ignored. With
        `multi_label`, no output is ignored.

    Raises
    ------
    TypeError, ValueError
        As in `accuracy`.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.metrics.f1_macro([0, 0, 1, 1], [0.1, 0.7, 0.8, 0.9])
    0.7333333333333334
    """
    return counts.mean(counts.f1())


@metric(higher_is_better=True)
@made_of(count)
def f1_micro(counts: Counts) -> float:
    """Return the F1 score of the total counts over all classes.

    Without `multi_label`, this is the accuracy.

    Parameters
    ----------
    y, a, sample_weight, threshold, multi_label
        As in `accuracy`.

    Returns
    -------
    float
        F1 score, in [0, 1].

    Raises
    ------
    TypeError, ValueError
        As in `accuracy`.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.metrics.f1_micro([[1, 0], [1, 1]], [[0.9, 0.6], [0.7, 0.8]], multi_label=True)
    0.8571428571428571
    """
    total = counts.there.sum() + counts.predicted.sum()
    return float(2 * counts.found.sum() / total) if total > 0 else 0.0


@metric(higher_is_better=True)
@made_of(count)
def f1_weighted(counts: Counts) -> float:
    """Return the mean of the F1 scores of all classes, weighted by the number of examples of each class.

    Parameters
    ----------
    y, a, sample_weight, threshold, multi_label
        As in `accuracy`.

    Returns
    -------
    float
        Mean F1 score, in [0, 1].

    Raises
    ------
    TypeError, ValueError
        As in `accuracy`.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.metrics.f1_weighted([0, 0, 0, 1], [0.1, 0.2, 0.7, 0.8])
    0.7666666666666667
    """
    total = counts.there.sum()
    return float(np.dot(counts.f1(), counts.there) / total) if total > 0 else 0.0


@metric(higher_is_better=True)
@made_of(count)
def precision(counts: Counts) -> float:
    """Return the precision of class 1: the fraction of its predictions that are correct.

    For more than two classes, return the mean over the classes; with `multi_label`, over the outputs.

    Parameters
    ----------
    y, a, sample_weight, threshold, multi_label
        As in `accuracy`.

    Returns
    -------
    float
        Precision, in [0, 1]; 0 for a class without predictions. The mean ignores classes with neither
        examples nor predictions. With `multi_label`, no output is ignored.

    Raises
    ------
    TypeError, ValueError
        As in `accuracy`.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.metrics.precision([0, 0, 1, 1], [0.1, 0.7, 0.8, 0.9])
    0.6666666666666666
    """
    return counts.main(counts.precision())


@metric(higher_is_better=True)
@made_of(count)
def recall(counts: Counts) -> float:
    """Return the recall of class 1: the fraction of its examples that are predicted correctly.

    For more than two classes, return the mean over the classes; with `multi_label`, over the outputs.

    Parameters
    ----------
    y, a, sample_weight, threshold, multi_label
        As in `accuracy`.

    Returns
    -------
    float
        Recall, in [0, 1]; 0 for a class without examples. The mean ignores classes with neither examples
        nor predictions. With `multi_label`, no output is ignored.

    Raises
    ------
    TypeError, ValueError
        As in `accuracy`.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.metrics.recall([0, 1, 1, 1], [0.1, 0.3, 0.8, 0.9])
    0.6666666666666666
    """
    return counts.main(counts.recall())
