"""Confusion matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad.plot._axes import axes_for, name_ticks
from localgrad.plot._colors import brightness, color_bar, ink, palette, ramp
from localgrad.plot._labels import class_names, indices, labels_of, same_length

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_NUMBERS = 12  # classes, above which the cells have colors only


def confusion_matrix(
    y: ArrayLike,
    predicted: ArrayLike,
    *,
    classes: Sequence[Any] | NDArray[Any] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Plot how often examples of one class are predicted as another.

    Parameters
    ----------
    y : array_like of shape (n,) or (n, K)
        Labels of the examples, or one-hot targets.
    predicted : array_like of shape (n,) or (n, K)
        Predicted labels, or outputs, of which the largest is the predicted class.
    classes : sequence, optional
        The classes in their order, either the labels themselves or names for the labels 0, 1, ... By
        default, all labels in sorted order.
    ax : matplotlib.axes.Axes, optional
        Axes to plot on. By default a new figure is created.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: one row per actual class, one column per predicted class. Colors are shares of the row.
        Numbers are counts; there are none for more than 12 classes, which have a color bar instead.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    TypeError
        If `ax` is not an Axes.
    ValueError
        If the lengths differ, there are no examples, or a label is not among the classes.

    Examples
    --------
    >>> import localgrad as lg
    >>> ax = lg.plot.confusion_matrix([0, 0, 1, 1], [0, 1, 1, 1], classes=["cat", "dog"])
    >>> ax.get_xlabel(), [text.get_text() for text in ax.texts]
    ('predicted class', ['1', '1', '0', '2'])
    """
    actual, found = labels_of(y, "y", classes), labels_of(predicted, "predicted", classes)
    same_length(actual, found, "predicted")
    known = class_names(classes, actual, found)
    counts = np.zeros((len(known), len(known)), dtype=np.int64)
    np.add.at(counts, (indices(actual, "y", known), indices(found, "predicted", known)), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax = axes_for(ax)
    color = palette(ax)[0]
    edges = np.arange(len(known) + 1) - 0.5
    image = ax.pcolormesh(edges, edges, shares, cmap=ramp(color), vmin=0, vmax=1)
    ax.set(xlim=(-0.5, len(known) - 0.5), ylim=(len(known) - 0.5, -0.5), aspect="equal")
    ax.set(xlabel="predicted class", ylabel="actual class")
    ax.spines[:].set(visible=True, alpha=0.5, linewidth=0.6)
    ax.tick_params(length=0)
    name_ticks(ax, [str(one) for one in known])
    if len(known) > _MOST_NUMBERS:
        color_bar(ax, image, "share of the actual class")
        return ax
    strong = "black" if brightness(color) > 0.5 else "white"
    size: Any = "small" if len(known) <= 10 else 7
    for (i, k), count in np.ndenumerate(counts):
        text = ax.text(k, i, f"{count:,}", ha="center", va="center", fontsize=size)
        text.set(color=strong if shares[i, k] > 0.5 else ink(ax), alpha=1 if count else 0.4)
    return ax
