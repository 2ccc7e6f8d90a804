"""Calibration of probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad._arguments.check import integer
from localgrad.plot._axes import axes_for
from localgrad.plot._colors import ink, palette
from localgrad.plot._labels import class_names, indices, labels_of, same_length

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Numbers = NDArray[np.float64]


def calibration(
    y: ArrayLike,
    probabilities: ArrayLike,
    *,
    classes: Sequence[Any] | NDArray[Any] | None = None,
    bins: int = 10,
    ax: Axes | None = None,
) -> Axes:
    """Plot how often a class occurs against its predicted probability.

    For two classes these are the probabilities of class 1. For more, they are those of the predicted class,
    and the plot shows how often it is right.

    Parameters
    ----------
    y : array_like of shape (n,) or (n, K)
        Labels of the examples, or one-hot targets.
    probabilities : array_like of shape (n,), (n, 1) or (n, K)
        Probability of class 1, or of each class, such as the outputs of `Network.predict`.
    classes : sequence, optional
        The labels in the order of the columns, if they are not 0, 1, ...
    bins : int, default 10
        Number of groups of examples. The examples are sorted by probability and divided evenly.
    ax : matplotlib.axes.Axes, optional
        Axes to plot on. By default a new figure is created.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, with one point per group, a bar of one standard error, and a line where frequencies equal
        probabilities. The histogram below has the probabilities of all examples. The title has the
        expected calibration error, the mean distance of the points from the line.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    TypeError
        If `ax` is not an Axes.
    ValueError
        If a shape does not match, the lengths differ, there are no examples, a label is not among the
        classes, or a probability is not in [0, 1].

    Examples
    --------
    >>> import localgrad as lg
    >>> ax = lg.plot.calibration([0, 1, 0, 1], [0.1, 0.4, 0.6, 0.9], bins=2)
    >>> ax.get_title()
    'expected calibration error 0.25'
    """
    found = np.asarray(probabilities, dtype=np.float64)
    found = found[:, 0] if found.ndim == 2 and found.shape[1] == 1 else found
    if found.ndim not in (1, 2) or not found.size:
        raise ValueError(f"probabilities must have shape (n,) or (n, K) with n > 0, got {found.shape}")
    wrong = found[~((found >= 0) & (found <= 1))]
    if wrong.size:
        raise ValueError(f"probabilities must be in [0, 1], got {wrong[0]}")
    bins = integer(bins, "bins", at_least=1)
    columns = 2 if found.ndim == 1 else found.shape[1]
    labels = labels_of(y, "y", classes)
    same_length(labels, found, "probabilities")
    actual = indices(labels, "y", class_names(range(columns) if classes is None else classes))
    if columns == 2:
        predicted, happened = (found if found.ndim == 1 else found[:, 1]), actual == 1
        names = ("predicted probability of class 1", "frequency of class 1")
        if classes is not None:
            names = (names[0].replace("class 1", f"{classes[1]}"), f"frequency of {classes[1]}")
    else:
        predicted, happened = found.max(axis=1), actual == found.argmax(axis=1)
        names = ("probability of the predicted class", "share of correct predictions")
    ax = axes_for(ax)
    _draw(ax, predicted, happened, bins)
    ax.set(xlabel=names[0], ylabel=names[1], xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    return ax


def _draw(ax: Axes, predicted: Numbers, happened: NDArray[np.bool_], bins: int) -> None:
    order = np.argsort(predicted, kind="stable")
    groups = [group for group in np.array_split(order, bins) if len(group)]
    x = np.array([predicted[group].mean() for group in groups])
    y = np.array([happened[group].mean() for group in groups])
    sizes = np.array([len(group) for group in groups])
    heights, edges = np.histogram(predicted, bins=20, range=(0, 1))
    color = palette(ax)[0]
    ax.bar(edges[:-1], 0.2 * heights / heights.max(), 0.05, -0.02, align="edge", color=ink(ax), alpha=0.15)
    ax.plot([0, 1], [0, 1], color=ink(ax), alpha=0.6, linewidth=1)
    ax.errorbar(x, y, np.sqrt(y * (1 - y) / sizes), fmt="o-", color=color, elinewidth=1, markersize=4)
    error = np.abs(x - y) @ sizes / sizes.sum()
    ax.set_title(f"expected calibration error {error:.2g}", fontsize="medium")
