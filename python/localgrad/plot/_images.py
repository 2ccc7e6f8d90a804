"""Rows of numbers as images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from localgrad._arguments.check import integer, shown
from localgrad.plot._colors import ink

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def check_shape(shape: Any, inputs: int) -> tuple[int, int]:
    """Return the height and width of images that have one pixel per input."""
    if not isinstance(shape, Sequence) or len(shape) != 2:
        raise ValueError(f"shape must be (height, width), got {shown(shape)}")
    height, width = (integer(side, "shape", at_least=1) for side in shape)
    if height * width != inputs:
        raise ValueError(f"shape must have {inputs} pixels, one for each input, got {height} × {width}")
    return height, width


def _columns(n: int, ideal: float) -> int:
    """Return a number of columns near the ideal one, with as few empty places as possible."""
    near = range(max(1, math.ceil(0.8 * ideal)), max(1, math.ceil(0.8 * ideal), int(1.5 * ideal)) + 1)
    return min(n, min(near, key=lambda columns: (-n % columns, abs(columns - ideal))))


def tiled(ax: Axes, images: NDArray[np.float64], numbers: Sequence[int], **style: Any) -> Any:
    """Draw images (n, height, width) side by side, in about the proportions of a page, and number them."""
    from matplotlib.collections import LineCollection

    n, height, width = images.shape
    columns = _columns(n, math.sqrt(1.4 * n * height / width))
    rows = -(-n // columns)
    gap = max(1, round(0.08 * max(height, width)))
    step, stride = height + gap, width + gap
    canvas = np.full((rows * step - gap, columns * stride - gap), np.nan)  # transparent
    frames = []
    for k, pixels in enumerate(images):
        top, left = k // columns * step, k % columns * stride
        canvas[top : top + height, left : left + width] = pixels
        x, y = left - 0.5, top - 0.5
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
        frames.append(corners)
    drawn = ax.imshow(canvas, **style)
    ax.add_collection(LineCollection(frames, colors=[ink(ax)], alpha=0.4, linewidths=0.6))
    margin = 0.5 + gap / 2
    ax.set(xlim=(-margin, canvas.shape[1] - 1 + margin), ylim=(canvas.shape[0] - 1 + margin, -margin))
    starts = range(0, n, columns)
    ends = [min(start + columns, n) - 1 for start in starts]
    names = [
        f"{numbers[start]}" if start == end else f"{numbers[start]} to {numbers[end]}"
        for start, end in zip(starts, ends, strict=True)
    ]
    if any(b - a != 1 for a, b in pairwise(numbers)):
        names = [", ".join(map(str, numbers[a : b + 1])) for a, b in zip(starts, ends, strict=True)]
    ax.set_yticks([k * step + height / 2 - 0.5 for k in range(rows)], names)
    ax.set_xticks([])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return drawn
