"""Decision boundaries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad._arguments.check import integer
from localgrad.plot._axes import axes_for
from localgrad.plot._colors import MARKERS, brightness, ink, palette
from localgrad.plot._labels import Indices, class_names, indices, labels_of, same_length
from localgrad.plot._legend import beside_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Numbers = NDArray[np.float64]

_MOST_POINTS = 2_000
_MOST_IN_LEGEND = 10  # classes, above which their names are written into the regions


def decision_boundary(
    model: Any,
    X: ArrayLike,
    y: ArrayLike | None = None,
    *,
    features: Sequence[int] = (0, 1),
    classes: Sequence[Any] | NDArray[Any] | None = None,
    threshold: float = 0.5,
    resolution: int = 200,
    ax: Axes | None = None,
) -> Axes:
    """Plot which class a classifier predicts over the plane of two features.

    Parameters
    ----------
    model : Network, classifier or callable
        A network, an estimator with ``predict_proba``, or a function that returns outputs for rows of X.
    X : array_like of shape (n, m)
        Examples. Their range is that of the plane; features that are not plotted have their median.
    y : array_like of shape (n,) or (n, K), optional
        Labels or one-hot targets. By default, no points are drawn.
    features : (int, int), default (0, 1)
        Columns of `X` to plot, horizontally and vertically.
    classes : sequence, optional
        The labels, or names for the labels 0, 1, ..., in the order of the outputs. By default the attribute
        ``classes_`` of an estimator, otherwise 0, 1, ...
    threshold : float, default 0.5
        A single output of at least this value predicts class 1.
    resolution : int, default 200
        Number of points along each side where the model is evaluated.
    ax : matplotlib.axes.Axes, optional
        Axes to plot on. By default a new figure is created.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. The regions have the colors of the classes, which are stronger where the largest output
        exceeds the others by more. Each class has points of its own color and marker, at most 2,000 in all.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    TypeError
        If `ax` is not an Axes.
    ValueError
        If a shape does not match, a feature does not exist or a label is not among the classes.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([2, 4, 2], output="softmax", seed=0)
    >>> ax = lg.plot.decision_boundary(net, [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
    >>> ax.get_xlabel(), [text.get_text() for text in ax.get_legend().get_texts()]
    ('feature 0', ['0', '1'])
    """
    rows = np.asarray(X, dtype=np.float64)
    if rows.ndim != 2 or not len(rows) or rows.shape[1] < 2:
        raise ValueError(f"X must have shape (n, m) with n > 0 and m > 1, got {rows.shape}")
    if len(features) != 2:
        raise ValueError(f"features must be two columns of X, got {len(features)}")
    pair = [integer(one, "features", at_least=0, below=rows.shape[1]) for one in features]
    resolution = integer(resolution, "resolution", at_least=2)
    sides = [_side(rows[:, one], resolution) for one in pair]
    grid = np.tile(np.median(rows, axis=0), (resolution**2, 1))
    grid[:, pair] = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)
    scores = _scores(_outputs(model, grid), threshold).reshape(resolution, resolution, -1)
    known = class_names(getattr(model, "classes_", range(scores.shape[2])) if classes is None else classes)
    if len(known) != scores.shape[2]:
        raise ValueError(f"classes must be {scores.shape[2]}, one for each output, got {len(known)}")
    points, places = rows[:0, pair], np.zeros(0, dtype=np.intp)
    if y is not None:
        labels = labels_of(y, "y", known)
        same_length(labels, rows, "X")
        points, places = rows[:, pair], indices(labels, "y", known)
    ax = axes_for(ax)
    _draw_regions(ax, sides, scores)
    _draw_points(ax, points, places, known)
    if len(known) > _MOST_IN_LEGEND:
        _write_names(ax, grid[:, pair], scores.argmax(axis=2).ravel(), known)
    else:
        beside_axes(ax, title="class")
    names = getattr(model, "feature_names", None) or [f"feature {k}" for k in range(rows.shape[1])]
    ax.set(xlabel=names[pair[0]], ylabel=names[pair[1]])
    return ax


def _side(values: Numbers, resolution: int) -> Numbers:
    low, high = values.min(), values.max()
    margin = 0.06 * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, resolution)


def _outputs(model: Any, rows: Numbers) -> Numbers:
    predict: Callable[[Numbers], Any] = getattr(model, "predict_proba", getattr(model, "predict", model))
    found = np.asarray(predict(rows), dtype=np.float64)
    return found[:, np.newaxis] if found.ndim == 1 else found


def _scores(outputs: Numbers, threshold: float) -> Numbers:
    """Return by how much the output of each class exceeds the largest of the others."""
    if outputs.shape[1] == 1:
        return np.hstack([threshold - outputs, outputs - threshold])
    largest = np.sort(outputs, axis=1)[:, -2:]
    others = np.where(outputs == largest[:, 1:], largest[:, :1], largest[:, 1:])
    return outputs - others


def _draw_regions(ax: Axes, sides: list[Numbers], scores: Numbers) -> None:
    from matplotlib.colors import to_rgb

    colors = np.array([to_rgb(color) for color in palette(ax)])
    best = scores.argmax(axis=2)
    lead = scores.max(axis=2)
    # In steps, because smooth images make large files.
    strength = 0.12 + 0.28 * np.round(32 * lead / max(float(lead.max()), 1e-300)) / 32
    pixels = np.concatenate([colors[best % len(colors)], strength[..., np.newaxis]], axis=2)
    steps = [(side[1] - side[0]) / 2 for side in sides]
    extent: Any = [
        end for side, step in zip(sides, steps, strict=True) for end in (side[0] - step, side[-1] + step)
    ]
    ax.imshow(pixels, extent=extent, origin="lower", aspect="auto", interpolation="none")
    for k in np.unique(best):
        if (best != k).any():  # otherwise there is no boundary
            ax.contour(*sides, scores[..., k], levels=[0], colors=[ink(ax)], linewidths=1)
    ax.set(xlim=(sides[0][0], sides[0][-1]), ylim=(sides[1][0], sides[1][-1]))


def _draw_points(ax: Axes, points: Numbers, labels: Indices, classes: list[Any]) -> None:
    """Draw the points of each class, thinned out; a class without points appears in the legend only."""
    colors, step = palette(ax), max(1, -(-len(points) // _MOST_POINTS))
    for k, name in enumerate(classes):
        some = points[::step][labels[::step] == k]
        style: Any = {"color": colors[k % len(colors)], "marker": MARKERS[k % len(MARKERS)], "linestyle": ""}
        ax.plot(*some.T, markersize=4, markeredgecolor=ink(ax), markeredgewidth=0.3, label=f"{name}", **style)


def _write_names(ax: Axes, plane: Numbers, best: Indices, classes: list[Any]) -> None:
    """Write the name of each class into its region."""
    from matplotlib.patheffects import withStroke

    paper = "black" if brightness(ink(ax)) > 0.5 else "white"
    for k, name in enumerate(classes):
        region = plane[best == k]
        if len(region):
            middle = np.median(region, axis=0)
            inside = region[np.argmin(((region - middle) ** 2 / np.ptp(plane, axis=0) ** 2).sum(axis=1))]
            text = ax.annotate(f"{name}", inside.tolist(), ha="center", va="center", fontweight="bold")
            text.set(color=ink(ax), path_effects=[withStroke(linewidth=4, foreground=paper)])
