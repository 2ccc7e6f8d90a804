"""Predictions of a regression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad.plot._axes import axes_for
from localgrad.plot._colors import ink, palette
from localgrad.plot._labels import same_length

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_POINTS = 5_000


def predictions(
    y: ArrayLike, predicted: ArrayLike, *, name: str | None = None, ax: Axes | None = None
) -> Axes:
    """Plot predicted against actual targets.

    Parameters
    ----------
    y : array_like of shape (n,) or (n, 1)
        Targets.
    predicted : array_like of shape (n,) or (n, 1)
        Predictions, such as those of `Network.predict`.
    name : str, optional
        Name of the target, for the labels of the axes.
    ax : matplotlib.axes.Axes, optional
        Axes to plot on. By default a new figure is created.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, with a line where both are equal. Of more than 5,000 examples, every second, third, ...
        is drawn. R² and the root mean square error, in the title, are those of all examples.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    TypeError
        If `ax` is not an Axes.
    ValueError
        If a shape does not match, the lengths differ or there are no examples.

    Examples
    --------
    >>> import localgrad as lg
    >>> ax = lg.plot.predictions([1.0, 2.0, 3.0], [1.0, 2.0, 4.0], name="price")
    >>> ax.get_xlabel(), ax.get_ylabel(), ax.get_title()
    ('actual price', 'predicted price', 'R² 0.5, RMSE 0.577')
    """
    actual, found = _numbers(y, "y"), _numbers(predicted, "predicted")
    same_length(actual, found, "predicted")
    ax = axes_for(ax)
    some = slice(None, None, -(-len(actual) // _MOST_POINTS))
    size = 20 if len(actual) <= 100 else 12 if len(actual) <= 1_000 else 5
    ax.scatter(actual[some], found[some], s=size, color=palette(ax)[0], alpha=0.6, linewidth=0)
    both = np.concatenate([actual, found])
    finite = both[np.isfinite(both)]
    if len(finite):
        low, high = finite.min(), finite.max()
        margin = 0.05 * (high - low) or 1.0
        ends = (low - margin, high + margin)
        ax.plot(ends, ends, color=ink(ax), alpha=0.6, linewidth=1, zorder=0)
        ax.set(xlim=ends, ylim=ends, aspect="equal")
    of = "" if name is None else f" {name}"
    ax.set(xlabel=f"actual{of or ' target'}", ylabel=f"predicted{of or ' target'}")
    ax.set_title(_summary(actual, found), fontsize="medium")
    return ax


def _numbers(values: ArrayLike, name: str) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or not len(array):
        raise ValueError(f"{name} must have shape (n,) or (n, 1) with n > 0, got {array.shape}")
    return array


def _summary(y: NDArray[Any], predicted: NDArray[Any]) -> str:
    error, spread = np.mean((y - predicted) ** 2), np.var(y)
    parts = [f"R² {1 - error / spread:.3g}"] if spread > 0 else []
    return ", ".join([*parts, f"RMSE {np.sqrt(error):.3g}"])
