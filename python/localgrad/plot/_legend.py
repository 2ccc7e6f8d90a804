"""The placement of legends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

_Place = Literal[
    "upper right",
    "upper left",
    "lower left",
    "lower right",
    "center right",
    "center left",
    "lower center",
    "upper center",
    "center",
]
_PLACES: tuple[_Place, ...] = get_args(_Place)


def place_legend(axes: Sequence[Axes], handles: Sequence[Any]) -> None:
    """Add a legend to the first axes, where it covers the least of the curves in all axes.

    Matplotlib's location "best" considers the curves of one axes only.
    """
    for one in axes:
        one.autoscale_view()  # Matplotlib sets the limits late, and they change the positions of lines
    lines = [line for one in axes for line in one.lines]
    paths = [line.get_transform().transform_path(line.get_path()) for line in lines]
    covered = []
    for place in _PLACES:
        box = axes[0].legend(handles=handles, loc=place).get_window_extent()
        within = sum(int(box.count_contains(path.vertices)) for path in paths)
        crossed = sum(path.intersects_bbox(box, filled=False) for path in paths)
        covered.append(within + crossed)
    axes[0].legend(handles=handles, loc=_PLACES[int(np.argmin(covered))])


def beside_axes(ax: Axes, handles: Sequence[Any] | None = None, title: str | None = None) -> None:
    """Add a legend on the right of the axes, for curves or points that leave no room."""
    ax.legend(handles=handles, title=title, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
