"""Plots of the demo: learning curves, and test images with their predictions."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad import plot
from localgrad.cli.errors import CommandError
from localgrad.cli.outputs import write

_ROWS, _COLUMNS = 4, 12
_MISREAD = "#c00000"


def check_plot(path: str | None) -> None:
    """Raise CommandError if matplotlib is missing or does not support the file format."""
    if path is None:
        return
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
    except ImportError:
        raise CommandError(
            '--plot requires matplotlib; install it with: pip install "localgrad[plot]"', status=1
        ) from None
    known = FigureCanvasAgg.get_supported_filetypes()
    if _ending(path) not in known:
        raise CommandError(f"cannot write {path}: expected a name ending in one of .{', .'.join(known)}")


def save_figure(figure: Any, path: str) -> None:
    """Write a figure in the format of the file name's extension."""
    write(path, lambda stream: figure.savefig(stream, format=_ending(path), dpi=150))


def _ending(path: str) -> str:
    return os.path.splitext(path)[1][1:].lower()


def digits_figure(
    curve: Mapping[str, Sequence[float]],
    images: NDArray[np.float32],
    labels: NDArray[np.int64],
    predictions: NDArray[np.int64],
) -> Any:
    """Plot the learning curves and a panel of test images.

    Parameters
    ----------
    curve : mapping
        ``"cost"``, ``"test_cost"`` and ``"test_accuracy"``, each with one number per epoch.
    images : ndarray of shape (n, height, width)
        The test images. Misclassified images are shown first.
    labels, predictions : ndarray of shape (n,)
        Correct and predicted classes of the images.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, which is independent of pyplot's state.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 7.5), layout="constrained")
    FigureCanvasAgg(figure)
    parts: Any = figure.subfigures(2, 1, height_ratios=(1, 1.3))
    top, bottom = parts
    _draw_curves(top, curve)

    wrong = predictions != labels
    places = _ROWS * _COLUMNS
    first = np.flatnonzero(wrong)[: places // 2]
    order = [*first, *np.flatnonzero(~wrong)][:places]
    title = f"{wrong.sum():,} of {len(labels):,} test images misclassified"
    if wrong.any():
        title += " (red: predicted class, with the correct class in parentheses)"
    bottom.suptitle(title, fontsize="medium")
    for place, axes in enumerate(bottom.subplots(_ROWS, _COLUMNS).flat):
        axes.set_axis_off()
        if place >= len(order):
            continue
        i = order[place]
        axes.imshow(images[i], cmap="gray_r", vmin=0, vmax=1)
        text = f"{predictions[i]} ({labels[i]})" if wrong[i] else str(predictions[i])
        axes.set_title(
            text,
            fontsize="small",
            pad=2,
            color=_MISREAD if wrong[i] else "black",
            fontweight="bold" if wrong[i] else "normal",
        )
    return figure


def _draw_curves(figure: Any, curve: Mapping[str, Sequence[float]]) -> None:
    left, right = figure.subplots(1, 2)
    plot.learning_curves(curve, "cost", "test_cost", ax=left)
    plot.learning_curves(curve, "test_accuracy", ax=right).set_ylabel("test accuracy")
    for axes in (left, right):
        axes.grid(alpha=0.3)
