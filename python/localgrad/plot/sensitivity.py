"""Saliency: to which inputs a cost or an output is sensitive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad.plot._axes import axes_for
from localgrad.plot._colors import color_bar, palette, ramp
from localgrad.plot._images import check_shape

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_BARS = 20


def saliency(
    network: Any,
    x: ArrayLike,
    y: ArrayLike | None = None,
    *,
    output: int | None = None,
    shape: Sequence[int] | None = None,
    names: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Plot the absolute gradient of the cost or of an output with respect to the inputs.

    Parameters
    ----------
    network : Network
        A network.
    x : array_like of shape (m,) or (n, m)
        An example, or examples, over which the absolute values are averaged.
    y : array_like, optional
        Targets, as in `Network.backprop`, for the gradient of the cost.
    output : int, optional
        Unit of the output, for its gradient; either `y` or this must be given.
    shape : (int, int), optional
        Height and width of the image whose pixels are the inputs. By default there is a bar per input.
    names : sequence of str, optional
        Names of the inputs. By default `Network.feature_names`, otherwise their numbers.
    ax : matplotlib.axes.Axes, optional
        Axes to plot on. By default a new figure is created.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: an image with a color bar, or bars of the 20 inputs with the largest values. A gradient is
        in units of its input: compare inputs of the same scale only, such as pixels or standardized columns.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    TypeError
        If `ax` is not an Axes.
    ValueError
        If `shape` or `names` does not fit the number of inputs, both or neither of `y` and `output` are
        given, or the examples are not valid.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([2, 1], init=([[[0.5, -1.0]]], [[0.25]]), dtype="float64")
    >>> ax = lg.plot.saliency(net, [1.0, 2.0], [0.25], names=["age", "weight"])
    >>> [float(bar.get_width()) for bar in ax.patches], [one.get_text() for one in ax.get_yticklabels()]
    ([1.5, 0.75], ['weight', 'age'])
    """
    if (y is None) == (output is None):
        raise ValueError("either y or output must be given")
    inputs = network.sizes[0]
    size = None if shape is None else check_shape(shape, inputs)
    labels = list(names or network.feature_names or map(str, range(inputs)))
    if len(labels) != inputs:
        raise ValueError(f"names must be {inputs}, one for each input, got {len(labels)}")
    gradient, of = _gradient(network, x, y, output)
    means = np.abs(np.atleast_2d(gradient).astype(np.float64)).mean(axis=0)
    several = len(np.atleast_2d(gradient)) > 1
    label = f"mean of |∂{of}/∂x|" if several else f"|∂{of}/∂x|"
    ax = axes_for(ax)
    color = palette(ax)[0]
    if size is not None:
        image = ax.imshow(means.reshape(size), cmap=ramp(color), vmin=0, interpolation="none")
        ax.set(xlabel="column", ylabel="row")
        color_bar(ax, image, label)
        return ax
    _draw_bars(ax, means, labels, color)
    ax.set_xlabel(label)
    return ax


def _gradient(network: Any, x: Any, y: Any, output: int | None) -> tuple[NDArray[Any], str]:
    """Return the gradient with respect to x, and the symbol of what it is the gradient of."""
    if output is None:
        return network.backprop(x, y, wrt_input=True).input_gradient, "c"
    return network.input_gradient(x, output=output), f"a$_{{{output}}}$"


def _draw_bars(ax: Axes, values: NDArray[np.float64], names: list[str], color: str) -> None:
    order = np.argsort(-values, kind="stable")[:_MOST_BARS]
    ax.barh(range(len(order)), values[order], color=color)
    ax.set_yticks(range(len(order)), [names[k] for k in order])
    ax.set_ylim(len(order) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    left = len(names) - len(order)
    ax.set_ylabel("input" if not left else f"input ({left:,} more are smaller)")
