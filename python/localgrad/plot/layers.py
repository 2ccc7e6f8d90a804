"""Quantities of each layer over the epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from localgrad._arguments.check import choice
from localgrad.plot._axes import axes_for, count_epochs, isolated
from localgrad.plot._colors import LINES, ink, palette
from localgrad.plot._legend import beside_axes
from localgrad.plot.curves import first_epoch

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LABELS = {
    "delta_rms": "RMS of δ",
    "z_rms": "RMS of z",
    "a_rms": "RMS of a",
    "saturated": "share of saturated units",
    "dead": "share of dead units",
    "update_ratio": "update / weight",
    "gradient_norm": "norm of the gradient",
}
_SHARES = ("saturated", "dead")
_MOST_NAMED = 6  # layers in the legend


def layer_curves(
    history: Mapping[str, Sequence[Any]], quantity: str = "delta_rms", *, ax: Axes | None = None
) -> Axes:
    """Plot a quantity of each layer by epoch, such as the size of δ.

    Parameters
    ----------
    history : History, or mapping of str to sequence
        What `Network.fit` returns with ``diagnostics=True``. The quantity has one row per epoch, with one
        number per layer, from layer 2, the first with weights, to the output.
    quantity : str, default "delta_rms"
        Root mean square of the local gradients, ``"delta_rms"``, of the weighted inputs, ``"z_rms"``, or of
        the activations, ``"a_rms"``; the share of units that are ``"saturated"`` or ``"dead"``; the
        ``"update_ratio"`` of update to weights; or ``"gradient_norm"``.
    ax : matplotlib.axes.Axes, optional
        Axes to plot on. By default a new figure is created.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, with a logarithmic vertical axis except for shares. If there are more than six layers,
        colors run from the first to the output, and the legend has six of them. With ``"update_ratio"``, a
        line marks 0.001, which is usual for networks that learn well.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    TypeError
        If `ax` is not an Axes.
    ValueError
        If `quantity` is unknown or the history does not contain it.

    Examples
    --------
    >>> import localgrad as lg
    >>> ax = lg.plot.layer_curves({"delta_rms": [[0.01, 0.1], [0.02, 0.05]]})
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['layer 2', 'layer 3 (output)']
    """
    quantity = choice(quantity, "quantity", _LABELS)
    if quantity not in history:
        raise ValueError(f"history has no {quantity!r}: train with fit(..., diagnostics=True)")
    values = _table(history[quantity], quantity)
    ax = axes_for(ax)
    epochs, layers = values.shape
    if quantity not in _SHARES:
        ax.set_yscale("log")
        values = np.where(values > 0, values, np.nan)  # 0 is at minus infinity
    start = first_epoch(history) + 1
    handles = []
    named = set(np.linspace(0, layers - 1, min(layers, _MOST_NAMED)).round().astype(int).tolist())
    for place, (column, color) in enumerate(zip(values.T, _colors(ax, layers), strict=True)):
        alone = isolated(column)
        marker = {"marker": "o", "markevery": alone} if alone else {"marker": ""}
        name = f"layer {place + 2}" + (" (output)" if place == layers - 1 else "")
        style = {"color": color, "linestyle": LINES[place % len(LINES)]}
        (line,) = ax.plot(range(start, start + epochs), column, label=name, **style, **marker)
        if place in named:
            handles.append(line)
    if quantity == "update_ratio":
        handles.append(ax.axhline(1e-3, color=ink(ax), alpha=0.6, linewidth=1, label="0.001"))
    ax.set_ylabel(_LABELS[quantity])
    if quantity in _SHARES:
        ax.set_ylim(-0.03, 1.03)
    count_epochs(ax)
    if handles:
        beside_axes(ax, handles)
    return ax


def _table(rows: Sequence[Any], quantity: str) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return an array of shape (epochs, layers); an epoch that was interrupted may have a single NaN."""
    widths = {np.size(row) for row in rows if np.ndim(row) == 1}
    if len(widths) > 1 or any(np.ndim(row) > 1 for row in rows):
        raise ValueError(f"history[{quantity!r}] must have one number per layer in each epoch")
    layers = widths.pop() if widths else 0
    table = np.full((len(rows), layers), np.nan)
    for row, numbers in zip(table, rows, strict=True):
        row[:] = numbers
    return table


def _colors(ax: Axes, layers: int) -> list[Any]:
    """Return the colors of the palette, or as many as needed between its first two."""
    from matplotlib.colors import LinearSegmentedColormap

    colors = palette(ax)
    if layers <= len(colors):
        return colors[:layers]
    first, last = colors[:2]
    return [LinearSegmentedColormap.from_list("layers", [first, last])(x) for x in np.linspace(0, 1, layers)]
