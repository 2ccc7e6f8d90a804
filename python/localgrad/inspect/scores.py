"""Scores of the targets of rows, given outputs of networks that were not trained on these rows."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Rows: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.intp]


def two_columns(single: NDArray[Any], *, zero: NDArray[Any] | float) -> NDArray[Any]:
    """Return a column for each of two classes, given the one column of class 1 and that of class 0."""
    return np.concatenate([np.broadcast_to(zero, single.shape), single], axis=1)


def margins(z: NDArray[Any], labels: Labels) -> Rows:
    """Return max over k ≠ y of z_k, minus z_y, with z (n, K): the log odds of the best other class."""
    z = z.astype(np.float64)
    at = np.arange(len(z)), labels
    own = z[at]
    z[at] = -np.inf
    margin: Rows = z.max(axis=1) - own
    return margin


def residual_sizes(a: NDArray[Any], y: NDArray[Any]) -> Rows:
    """Return the norm of each row of a - y, in units of the root mean square of each column."""
    errors = a.astype(np.float64) - y
    size = np.sqrt((errors**2).mean(axis=0))
    norms: Rows = np.linalg.norm(errors / np.where(size > 0, size, 1.0), axis=1)
    return norms


def number_of_errors(p: NDArray[Any], labels: Labels) -> int:
    """Estimate how many labels are wrong by confident learning (Northcutt et al. 2021), given p (n, K).

    A row is counted for the most probable class among those whose probability is at least as high as on
    average over the rows with that label. Among the counted rows of each label, the share that is counted for
    another class estimates the share of wrong labels.
    """
    own = p[np.arange(len(p)), labels].astype(np.float64)
    there = np.bincount(labels, minlength=p.shape[1])
    mean = np.bincount(labels, own, minlength=p.shape[1]) / np.maximum(there, 1)
    confident = np.where((p >= mean) & (there > 0), p, -np.inf)
    counts = confident.max(axis=1) > -np.inf
    counted = np.bincount(labels[counts], minlength=p.shape[1])
    other = np.bincount(labels[counts & (confident.argmax(axis=1) != labels)], minlength=p.shape[1])
    return round(float((there * other / np.maximum(counted, 1)).sum()))
