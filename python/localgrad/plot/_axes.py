"""The axes that a plot is drawn on, and how it is labeled."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from localgrad._arguments.check import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def axes_for(
    ax: Axes | None, size: tuple[float, float] | None = None, *, name: str = "plot", whole: bool = False
) -> Axes:
    """Return `ax` if it is an Axes, and those of a new figure, or of `whole` of it, if it is None.

    The figure is one of pyplot only if the program uses pyplot or runs in IPython, which then show it.
    pyplot keeps all of its figures in memory.
    """
    try:
        from matplotlib.axes import Axes
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            f'{name} requires matplotlib; install it with: pip install "localgrad[plot]"'
        ) from error
    if ax is None:
        make: Callable[..., Figure] = Figure
        if "matplotlib.pyplot" in sys.modules or _in_ipython():
            from matplotlib import pyplot

            make = pyplot.figure
        figure = make(figsize=size, layout=None if whole else "constrained")
        return figure.add_axes((0, 0, 1, 1)) if whole else figure.add_subplot()
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be a matplotlib.axes.Axes, got {shown(ax)}")
    return ax


def _in_ipython() -> bool:
    python: Any = sys.modules.get("IPython")
    return python is not None and python.get_ipython() is not None


def count_epochs(ax: Axes) -> None:
    """Label the horizontal axis, and have ticks at whole numbers only."""
    from matplotlib.ticker import MaxNLocator

    ax.set_xlabel("epoch")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def name_ticks(ax: Axes, names: Collection[str], *, vertical: bool = True, most: int = 30) -> None:
    """Label the cells 0, 1, ... of both axes, or of the horizontal one only, unless there are too many."""
    if len(names) > most:
        return
    size: Any = "small" if len(names) <= 12 else 7
    turned = len(names) * max(map(len, names)) > 36
    ax.set_xticks(range(len(names)), names, fontsize=size, rotation=90 if turned else 0)
    if vertical:
        ax.set_yticks(range(len(names)), names, fontsize=size)


def isolated(values: Any) -> list[int]:
    """Return where a finite number has no finite neighbor, so that a line would not show it."""
    import numpy as np

    finite = np.concatenate([[False], np.isfinite(values), [False]])
    return [int(k) for k in np.flatnonzero(finite[1:-1] & ~finite[:-2] & ~finite[2:])]
