"""Scores of the classes that are predicted: precision, recall, and F1, their harmonic mean."""

from __future__ import annotations  # help() then shows types by their names

import numpy as np

from localgrad.metrics.counts import Counts, count
from localgrad.metrics.registry import made_of, metric


@metric(higher_is_better=True)
@made_of(count)
def f1(counts: Counts) -> float:
    """Return the F1 score of class 1 of two; of more classes and of yes/no outputs, `f1_macro`.

    Parameters
    ----------
    y, a, sample_weight, threshold, multi_label
        As for `accuracy`.

    Returns
    -------
    float
        In [0, 1]; 0 if the class is neither there nor predicted.

    Raises
    ------
    TypeError, ValueError
        As for `accuracy`.

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
    """Return the mean of the classes' F1 scores, of both classes if there are two.

    Parameters
    ----------
    y, a, sample_weight, threshold, multi_label
        As for `accuracy`.

    Returns
    -------
    float
        In [0, 1]. A class that is neither there nor predicted does not count; of yes/no outputs all do.

    Raises
    ------
    TypeError, ValueError
        As for `accuracy`.

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
    """Return the F1 score of all decisions together; of classes that is their accuracy.

    Parameters
    ----------
    y, a, sample_weight, threshold, multi_label
        As for `accuracy`.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    TypeError, ValueError
        As for `accuracy`.

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
    """Return the mean of the classes' F1 scores, each times the weight of the class's examples.

    Parameters
    ----------
    y, a, sample_weight, threshold, multi_label
        As for `accuracy`.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    TypeError, ValueError
        As for `accuracy`.

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
    """Return how many of the examples that are predicted as class 1 of two are right.

    Of more classes, and of yes/no outputs, the mean over these.

    Parameters
    ----------
    y, a, sample_weight, threshold, multi_label
        As for `accuracy`.

    Returns
    -------
    float
        In [0, 1]; 0 for a class that is never predicted. A class that is neither there nor predicted does not
        count in the mean; of yes/no outputs all do.

    Raises
    ------
    TypeError, ValueError
        As for `accuracy`.

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
    """Return how many of the examples of class 1 of two are predicted as such.

    Of more classes, and of yes/no outputs, the mean over these.

    Parameters
    ----------
    y, a, sample_weight, threshold, multi_label
        As for `accuracy`.

    Returns
    -------
    float
        In [0, 1]; 0 for a class that is not there. A class that is neither there nor predicted does not count
        in the mean; of yes/no outputs all do.

    Raises
    ------
    TypeError, ValueError
        As for `accuracy`.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.metrics.recall([0, 1, 1, 1], [0.1, 0.3, 0.8, 0.9])
    0.6666666666666666
    """
    return counts.main(counts.recall())
