"""Learning curves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

from localgrad._arguments.check import shown
from localgrad._arguments.names.values import history_name
from localgrad.plot._axes import axes_for, count_epochs, isolated
from localgrad.plot._colors import LINES, ink, palette
from localgrad.plot._legend import place_legend

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

Curves: TypeAlias = Mapping[str, Sequence[Any]]


def learning_curves(
    history: Curves | Sequence[Curves], *names: str | Sequence[str], ax: Axes | None = None
) -> Axes:
    """Plot costs or metrics by epoch, with the learning rate and the best epoch.

    Parameters
    ----------
    history : History, or mapping of str to sequence of float, or sequence of these
        What `Network.fit` returns, or the histories of several networks, which are drawn in the same colors.
    *names : str or sequence of str
        Names to plot, by default ``"cost"``. The validation counterpart of each name, such as
        ``"val_cost"``, is included if there is one.
    ax : matplotlib.axes.Axes, optional
        Axes to plot on. By default a new figure is created.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. The learning rate of a single history, if recorded, is drawn on a second axis on the right.
        The best epoch is `History.best_epoch`, or that of the lowest ``"val_cost"`` if this is None: a
        vertical line for a single history, points on the validation curves of several.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    TypeError
        If `ax` is not an Axes or a name is not a str.
    ValueError
        If a history does not contain a name, or has a number for each layer.

    Examples
    --------
    >>> import localgrad as lg
    >>> ax = lg.plot.learning_curves({"cost": [0.5, 0.1], "val_cost": [0.6, 0.3]})
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['cost', 'val cost', 'best epoch (2)']
    """
    histories = [history] if isinstance(history, Mapping) else list(history)
    if not histories:
        raise ValueError("history must contain at least one history, got none")
    asked = _flat(names) or ["cost"]
    drawn = [_with_validation(one, asked) for one in histories]
    ax = axes_for(ax)
    colors, start = palette(ax), len(ax.lines)
    places = {name: k for k, name in enumerate(dict.fromkeys(chain(*drawn)))}
    handles: dict[str, Line2D] = {}
    shared: dict[str, Any] = {} if len(histories) == 1 else {"alpha": 0.7, "linewidth": 1}
    for one, curves in zip(histories, drawn, strict=True):
        for name in curves:
            place = start + places[name]
            # Curves beyond the last color have another style than the first ones.
            line = LINES[(place + place // len(colors)) % len(LINES)]
            style = {"color": colors[place % len(colors)], "linestyle": line}
            handles.setdefault(name, _draw(ax, one, name, **style, **shared))
    axes = [ax]
    if len(histories) == 1:
        if "learning_rate" in histories[0] and "learning_rate" not in places:
            axes.append(_axis_of_rates(ax))
            rates = _draw(axes[1], histories[0], "learning_rate", color=ink(ax), linestyle=":", alpha=0.6)
            handles["learning_rate"] = rates
        handles |= _mark_epoch(ax, histories[0])
    else:
        handles |= _mark_points(ax, histories, drawn)
    quantities = {name.removeprefix("val_").removeprefix("test_") for name in places}
    if len(quantities) == 1:
        ax.set_ylabel(quantities.pop().replace("_", " "))
    count_epochs(ax)
    if len(handles) > 1:
        place_legend(axes, list(handles.values()))
    return ax


def _flat(names: tuple[Any, ...]) -> list[str]:
    """Return a flat list of names that are passed one by one or in lists."""
    found = []
    for name in names:
        found += list(name) if isinstance(name, Sequence) and not isinstance(name, str) else [name]
    for name in found:
        if not isinstance(name, str):
            raise TypeError(f"names must be keys of the history, got {shown(name)}")
    return found


def _with_validation(history: Curves, asked: Sequence[str]) -> list[str]:
    """Return the names to plot: each name and its validation counterpart, without duplicates."""
    found: dict[str, None] = {}
    for name in (history_name(one, history.keys()) for one in asked):
        pair = [one for one in (name, f"val_{name}") if one in history]
        if not pair:
            known = ", ".join(repr(one) for one in history) or "none"
            raise ValueError(f"names must be keys of the history ({known}), got {name!r}")
        if any(isinstance(number, Sequence) for number in history[pair[0]]):
            raise ValueError(
                f"{name!r} has a number for each layer; plot it with plot.layer_curves(history, {name!r})"
            )
        found |= dict.fromkeys(pair)
    return list(found)


def _draw(ax: Axes, history: Curves, name: str, **style: Any) -> Line2D:
    values = history[name]
    first = first_epoch(history) + 1
    alone = isolated(values)
    marker = {"marker": "o", "markevery": alone} if alone else {"marker": ""}
    label = name.replace("_", " ")
    (line,) = ax.plot(range(first, first + len(values)), values, label=label, **marker, **style)
    return line


def first_epoch(history: Curves) -> int:
    """Return the number of epochs before the first one of a history."""
    return getattr(history, "first_epoch", 0)


def _axis_of_rates(ax: Axes) -> Axes:
    rates = ax.twinx()
    rates.set_ylabel("learning rate")
    # Draw this axis below the curves and their legend. It must then have the background, because the
    # background of the upper axis would hide it.
    rates.set_zorder(ax.get_zorder() - 1)
    rates.patch.set_visible(ax.get_frame_on())
    rates.set_facecolor(ax.get_facecolor())
    rates.spines["right"].set_visible(True)
    ax.patch.set_visible(False)
    return rates


def _best(history: Curves) -> int | None:
    """Return the epoch to mark, counted from 1."""
    found: int | None = getattr(history, "best_epoch", None)
    if found is not None:
        return found
    costs = history.get("val_cost", ())
    finite = [(value, k) for k, value in enumerate(costs, 1) if math.isfinite(value)]
    return min(finite)[1] if finite else None


def _mark_epoch(ax: Axes, history: Curves) -> dict[str, Line2D]:
    best = _best(history)
    if best is None:
        return {}
    epoch = first_epoch(history) + best
    style: Any = {"color": ink(ax), "alpha": 0.6, "linestyle": (0, (5, 1.5, 1.2, 1.5)), "linewidth": 1}
    return {"best": ax.axvline(epoch, label=f"best epoch ({epoch})", **style)}


def _mark_points(ax: Axes, histories: Sequence[Curves], drawn: Sequence[list[str]]) -> dict[str, Line2D]:
    x, y = [], []
    for history, names in zip(histories, drawn, strict=True):
        best = _best(history)
        for name in [one for one in names if one.startswith("val_")] or names[:1]:
            if best is not None and 1 <= best <= len(history[name]):
                x.append(first_epoch(history) + best)
                y.append(history[name][best - 1])
    if not x:
        return {}
    return {"best": ax.plot(x, y, "o", color=ink(ax), markersize=4, label="best epoch", zorder=3)[0]}
