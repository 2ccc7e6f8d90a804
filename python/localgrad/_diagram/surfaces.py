"""What each unit of a network with two inputs answers over the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from localgrad._arrays.rows import FloatArray
from localgrad._drawing import NEGATIVE, POSITIVE, circle
from localgrad._model.model import Model

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_POINTS = 60  # along each side of an image


def surfaces_of(model: Model, limits: tuple[float, float]) -> list[FloatArray]:
    """Return the activations of each layer over a grid, of shape (points², units), from the lower left."""
    side = np.linspace(*limits, _POINTS)
    first, second = np.meshgrid(side, side)
    grid = np.stack([first.ravel(), second.ravel()], axis=1).astype(model.dtype)
    _, activations = model.native.forward(grid, 0, "x")
    return [grid, *activations[1:]]


def draw_surface(ax: Axes, values: FloatArray, place: tuple[float, float, float]) -> None:
    """Draw the answers of a unit in its circle: blue above 0, orange below, white at 0."""
    from matplotlib.colors import LinearSegmentedColormap

    x, y, radius = place
    colors = LinearSegmentedColormap.from_list("answers", [NEGATIVE, "white", POSITIVE])
    largest = float(np.abs(values).max()) or 1.0
    limits = ax.get_xlim(), ax.get_ylim()  # which imshow changes
    image = ax.imshow(
        values.reshape(_POINTS, _POINTS),
        cmap=colors,
        vmin=-largest,
        vmax=largest,
        extent=(x - radius, x + radius, y + radius, y - radius),
        origin="lower",
        interpolation="bilinear",
    )
    ax.set(xlim=limits[0], ylim=limits[1])
    image.set_clip_path(circle(ax, x, y, radius))
