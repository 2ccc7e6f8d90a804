"""Colors that the color-blind can tell apart, on light and on dark backgrounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

# Of Okabe and Ito (2008), in an order in which the first ones differ most from the background.
ON_LIGHT = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
ON_DARK = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#D55E00")
# For print in gray, and for colors that are used twice.
LINES: tuple[Any, ...] = (
    "-",
    (0, (5, 1.5)),
    (0, (1.2, 1.2)),
    (0, (5, 1.5, 1.2, 1.5)),
    (0, (9, 2)),
    (0, (5, 1.5, 1.2, 1.5, 1.2, 1.5)),
)
MARKERS = ("o", "^", "s", "D", "v", "P", "X")


def palette(ax: Axes) -> list[str]:
    """Return colors for categories: those of the user's property cycle, if it has been changed."""
    from matplotlib import rcParams, rcParamsDefault, style

    cycle = rcParams["axes.prop_cycle"]
    dark: Any = style.library["dark_background"]
    if cycle in (rcParamsDefault["axes.prop_cycle"], dark["axes.prop_cycle"]) or "color" not in cycle.keys:
        return list(ON_DARK if brightness(ink(ax)) > 0.5 else ON_LIGHT)
    return list(cycle.by_key()["color"])


def ink(ax: Axes) -> Any:
    """Return the color of the labels, which is legible on the background."""
    return ax.xaxis.label.get_color()


def brightness(color: Any) -> float:
    """Return the luma of a color, from 0 for black to 1 for white."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(color)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def ramp(color: Any) -> Colormap:
    """Return a map from transparent, on any background, to a color."""
    from matplotlib.colors import LinearSegmentedColormap, to_rgba

    return LinearSegmentedColormap.from_list("ramp", [to_rgba(color, 0), to_rgba(color)])


def signs(negative: Any, positive: Any) -> Colormap:
    """Return a map from one color over transparent to another."""
    from matplotlib.colors import LinearSegmentedColormap, to_rgba

    stops = [(0, negative, 1), (0.5, negative, 0), (0.5, positive, 0), (1, positive, 1)]
    return LinearSegmentedColormap.from_list("signs", [(at, to_rgba(color, a)) for at, color, a in stops])


def color_bar(ax: Axes, image: Any, label: str) -> None:
    """Add a color bar beside the axes."""
    shrink = 1 if ax.get_aspect() == "auto" else 0.8
    bar: Any = ax.figure.colorbar(image, ax=ax, label=label, shrink=shrink, aspect=25)
    bar.solids.set_rasterized(True)  # otherwise one path for each color
    bar.outline.set_visible(False)
