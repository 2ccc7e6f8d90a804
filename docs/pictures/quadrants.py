"""The README's example: what the network has learned, and how fast."""

import contextlib
import io
import re
import tempfile
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib import pyplot
from matplotlib.ticker import MultipleLocator

from pictures.style import BLUE, INK, ORANGE, figure

_README = Path(__file__).parents[2] / "README.md"
_GRID = 121  # points along each side
_SHOWN = 200  # examples


def draw(folder: Path) -> None:
    """Run the README's first block of Python and draw its network, data and history."""
    names = _example()
    net, X, y = names["net"], names["X"], names["y"]
    with figure(folder / "quadrants.svg", 3.2) as drawn:
        left, right = drawn.subplots(1, 2, width_ratios=(1, 1.15))
        _draw_boundary(left, net, X[-_SHOWN:], y[-_SHOWN:])
        net.history.plot(ax=right)
        right.set(title="Learning curves", ylim=(0, None))
        right.xaxis.set_major_locator(MultipleLocator(10))
        right.grid(axis="y")


def _example() -> dict[str, Any]:
    code = re.search(r"```python\n(.*?)```", _README.read_text(encoding="utf-8"), re.DOTALL)
    if code is None:
        raise ValueError("README.md must have a block of Python, got none")
    matplotlib.use("agg")  # the example draws, too
    names: dict[str, Any] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        exec(code[1], names)
    pyplot.close("all")
    return names


def _draw_boundary(axes: Any, net: Any, X: Any, y: Any) -> None:
    """Draw the probability of class 1, the line where the classes are equally likely, and examples."""
    side = np.linspace(-1, 1, _GRID)
    first, second = np.meshgrid(side, side)
    probability = net.predict(np.stack([first, second], axis=-1).reshape(-1, 2))[:, 1].reshape(first.shape)
    for low, high, color, alpha in (
        (-1, 0.1, BLUE, 0.3),
        (0.1, 0.5, BLUE, 0.15),
        (0.5, 0.9, ORANGE, 0.15),
        (0.9, 2, ORANGE, 0.3),
    ):
        axes.contourf(side, side, probability, levels=[low, high], colors=[color], alpha=alpha)
    axes.contour(side, side, probability, levels=[0.5], colors=[INK], linewidths=1.5)
    for label, (color, marker) in enumerate(((BLUE, "o"), (ORANGE, "^"))):
        of_class = X[y == label]
        axes.plot(*of_class.T, marker, color=color, markersize=3.5, markeredgewidth=0, label=f"class {label}")
    axes.set(title="Decision boundary", xlabel="x₁", ylabel="x₂", aspect="equal")
    axes.set(xticks=[-1, 0, 1], yticks=[-1, 0, 1], xlim=(-1, 1), ylim=(-1, 1))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=2, handletextpad=0.1, columnspacing=1)
