"""Plots of the weights of a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from localgrad._arguments.check import integer
from localgrad.plot._axes import axes_for, name_ticks
from localgrad.plot._colors import color_bar, ink, palette, signs
from localgrad.plot._images import check_shape, tiled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_IMAGES = 64
_OVERLAP = 0.85  # height of a histogram, in rows


def weight_histograms(network: Any, *, bins: int = 60, ax: Axes | None = None) -> Axes:
    r"""Plot the distribution of the weights of each layer.

    Parameters
    ----------
    network : Network
        A network.
    bins : int, default 60
        Number of bins over the range of a layer's weights; fewer for layers with few weights.
    ax : matplotlib.axes.Axes, optional
        Axes to plot on. By default a new figure is created.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, with one histogram above another, from layer 2 at the top to the output. Each has its own
        vertical scale; marks below it are the single weights if there are at most 100.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    TypeError
        If `ax` is not an Axes or `bins` is not an int.
    ValueError
        If `bins` is not positive.

    Examples
    --------
    >>> import localgrad as lg
    >>> ax = lg.plot.weight_histograms(lg.Network([784, 30, 10], seed=0))
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['layer 2\n784 → 30', 'layer 3\n30 → 10']
    """
    bins = integer(bins, "bins", at_least=1)
    layers = [np.asarray(w, dtype=np.float64).ravel() for w in network.weights]
    finite = [w[np.isfinite(w)] for w in layers]
    reach = max((float(np.abs(w).max()) for w in finite if len(w)), default=0.0) or 1.0
    ax = axes_for(ax, (6.4, max(4.8, 0.4 * len(layers))))
    color, sizes, names = palette(ax)[0], network.sizes, []
    separator = "\n" if len(layers) <= 8 else ": "
    for k, (w, every) in enumerate(zip(finite, layers, strict=True)):
        count = min(bins, max(8, int(2 * np.sqrt(len(w)))))
        own = float(np.abs(w).max()) if len(w) and w.any() else reach
        heights, edges = np.histogram(w, count, (-1.02 * own, 1.02 * own))
        tops = k - _OVERLAP * heights / max(heights.max(), 1)
        ax.fill_between(edges, [*tops, tops[-1]], k, step="post", color=color, alpha=0.35, linewidth=0)
        ax.stairs(tops, edges, baseline=k, color=color, linewidth=1)
        if len(w) <= 100:
            ax.plot(w, np.full(len(w), k + 0.04), "|", color=ink(ax), markersize=5, alpha=0.6)
        names.append(f"layer {k + 2}{separator}{sizes[k]} → {sizes[k + 1]}")
        if len(w) < len(every):
            names[-1] += f"{separator}{len(every) - len(w):,} not finite"
    ax.axvline(0, color=ink(ax), linewidth=0.8, alpha=0.5, zorder=0)
    ax.set(xlabel="weight", xlim=(-1.05 * reach, 1.05 * reach), ylim=(len(layers) - 0.85, -0.95))
    ax.set_yticks(range(len(layers)), names, verticalalignment="bottom")
    ax.tick_params(axis="y", length=0)
    ax.spines[["left", "right", "top"]].set_visible(False)
    return ax


def first_layer(
    network: Any,
    *,
    shape: Sequence[int] | None = None,
    units: Sequence[int] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Plot the weights from the inputs to the units of layer 2, as images or as one row per unit.

    Parameters
    ----------
    network : Network
        A network.
    shape : (int, int), optional
        Height and width of the images whose pixels are the inputs. By default the weights are drawn as a
        matrix, with one row per unit and one column per input.
    units : sequence of int, optional
        Units to draw, counted from 0. By default the first 64 for images, otherwise all.
    ax : matplotlib.axes.Axes, optional
        Axes to plot on. By default a new figure is created.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, with a color bar beside them. A weight of 0 is transparent.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    TypeError
        If `ax` is not an Axes.
    ValueError
        If `shape` does not fit the number of inputs, or a unit does not exist.

    Examples
    --------
    >>> import localgrad as lg
    >>> ax = lg.plot.first_layer(lg.Network([784, 30, 10], seed=0), shape=(28, 28))
    >>> ax.get_ylabel()
    'units of layer 2'
    """
    weights = np.asarray(network.weights[0], dtype=np.float64)
    shape = None if shape is None else check_shape(shape, weights.shape[1])
    chosen = _chosen(units, len(weights), _MOST_IMAGES if shape else len(weights))
    weights = weights[chosen]
    ax = axes_for(ax)
    negative, positive = palette(ax)[:2]
    finite = np.abs(weights[np.isfinite(weights)])
    reach = float(finite.max()) if finite.size and finite.max() > 0 else 1.0
    style: Any = {"cmap": signs(negative, positive), "vmin": -reach, "vmax": reach, "interpolation": "none"}
    if shape is not None:
        image = tiled(ax, weights.reshape(-1, *shape), chosen, **style)
        ax.set_ylabel("units of layer 2")
    else:
        image = ax.imshow(weights, aspect="auto", **style)
        _name_matrix(ax, chosen, network.feature_names, weights.shape[1])
    color_bar(ax, image, "weight")
    return ax


def _chosen(units: Sequence[int] | None, count: int, most: int) -> list[int]:
    if units is None:
        return list(range(min(count, most)))
    return [integer(unit, "units", at_least=0, below=count) for unit in units]


def _name_matrix(ax: Axes, units: list[int], features: Sequence[str] | None, inputs: int) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.set(xlabel="input", ylabel="unit of layer 2")
    if features is not None:
        name_ticks(ax, list(features), vertical=False)
    if features is None or inputs > 30:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if units == list(range(len(units))):
        ax.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    else:
        ax.set_yticks(range(len(units)), [str(unit) for unit in units])
