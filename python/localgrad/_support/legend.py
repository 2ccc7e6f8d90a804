"""Where a legend covers least of two axes that lie over each other."""

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
    """Give the first of some axes a legend where it covers least of the curves of all.

    Matplotlib's own "best" place is that of one axes alone.
    """
    for one in axes:
        one.autoscale_view()  # where lines are depends on limits that are chosen late
    lines = [line for one in axes for line in one.lines]
    paths = [line.get_transform().transform_path(line.get_path()) for line in lines]
    covered = []
    for place in _PLACES:
        box = axes[0].legend(handles=handles, loc=place).get_window_extent()
        within = sum(int(box.count_contains(path.vertices)) for path in paths)
        crossed = sum(path.intersects_bbox(box, filled=False) for path in paths)
        covered.append(within + crossed)
    axes[0].legend(handles=handles, loc=_PLACES[int(np.argmin(covered))])
