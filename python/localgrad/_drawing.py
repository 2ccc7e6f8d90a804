"""The axes to draw on, colors, and the parts of drawings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from localgrad._support.late import import_late

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 7.0  # inches of a figure
# Blue and orange differ for the color-blind, and both are visible on white and on black.
POSITIVE, NEGATIVE, NEUTRAL = "#2b7bba", "#d9730d", "#7f868f"
SMALL, MEDIUM = 7.0, 9.0  # points


def paper(name: str, ax: Axes | None, width: float, height: float) -> Axes:
    """Return axes without frame, of this size in inches, from the upper left corner."""
    import_late("localgrad.plot")
    from localgrad.plot._axes import axes_for

    ax = axes_for(ax, (width, height), name=name, whole=True)
    ax.set_axis_off()
    ax.set(xlim=(0, width), ylim=(height, 0), aspect="equal")
    return ax


def ink() -> Any:
    """Return the color of text, which styles such as "dark_background" change."""
    from matplotlib import rcParams

    return rcParams["text.color"]


def on_background() -> dict[str, Any]:
    """Return the style of a box that hides lines behind text, unless the background is transparent."""
    from matplotlib import rcParams

    return {"facecolor": rcParams["figure.facecolor"], "edgecolor": "none", "pad": 1.0}


def color_of(value: float) -> str:
    """Return the color of a number's sign."""
    return POSITIVE if value > 0 else NEGATIVE if value < 0 else NEUTRAL


def short(value: float, digits: int = 3) -> str:
    """Return a number with a few digits."""
    text = f"{value + 0.0:.{digits}g}"
    return text.replace("e-0", "e-").replace("e+0", "e")


def write(ax: Axes, x: float, y: float, text: str, size: float = SMALL, **style: Any) -> None:
    """Write text, centered unless the style says otherwise."""
    ax.text(x, y, text, **{"ha": "center", "va": "center", "color": ink(), "size": size, **style})


def arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], **style: Any) -> None:
    """Draw an arrow between two points."""
    given = {"arrowstyle": "-|>", "color": NEUTRAL, "linewidth": 1.0, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", end, start, arrowprops={**given, "mutation_scale": 8, **style}, zorder=0)


def circle(ax: Axes, x: float, y: float, radius: float, fill: float = 0.0) -> Any:
    """Draw a circle, filled with the color of the sign of `fill`, more strongly the larger it is, up to 1."""
    from matplotlib.colors import to_rgba
    from matplotlib.patches import Circle

    face = to_rgba(color_of(fill), 0.45 * abs(fill)) if fill else "none"
    ax.add_patch(Circle((x, y), radius, facecolor=on_background()["facecolor"]))
    return ax.add_patch(Circle((x, y), radius, facecolor=face, edgecolor=NEUTRAL, linewidth=1.0))


def dots(ax: Axes, x: float, y: float, count: int) -> None:
    """Draw what stands for units that are left out."""
    write(ax, x, y - 0.07, "⋮", MEDIUM + 3)
    write(ax, x, y + 0.16, f"{count} more", color=NEUTRAL, bbox=on_background())


def places(width: int, most: int) -> tuple[list[int | None], int]:
    """Return the units of a layer to draw from top to bottom, None for dots, and how many are left out."""
    if width <= most:
        return list(range(width)), 0
    first = most // 2
    last = max(most - first - 1, 1)
    return [*range(first), None, *range(width - last, width)], width - first - last


def column(count: int, middle: float, step: float) -> Sequence[float]:
    """Return the heights of things below each other, around the middle."""
    return [middle + (k - (count - 1) / 2) * step for k in range(count)]
