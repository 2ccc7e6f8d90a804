"""The pictures of the chapter on backpropagation, drawn by the methods that it describes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import localgrad as lg
import numpy as np

from pictures.style import figure


def example() -> tuple[lg.Network, list[float], list[float]]:
    """Return the network, the input and the target of the chapter."""
    weights = [[[0.15, 0.20], [0.25, 0.30]], [[0.40, 0.45], [0.50, 0.55]]]
    biases = [[0.35, 0.35], [0.60, 0.60]]
    functions = {"activation": "sigmoid", "output": "sigmoid", "cost": "mse"}
    net = lg.Network([2, 2, 2], **functions, init=(weights, biases), dtype="float64")
    return net, [0.05, 0.10], [0.01, 0.99]


def draw(folder: Path) -> None:
    """Draw one unit, the network, its computation graph, and what the units of a trained network answer."""
    net, x, y = example()
    _draw(folder / "backpropagation_unit.svg", lambda ax: net.diagram(x, y, unit=(3, 0), ax=ax))
    _draw(folder / "backpropagation_network.svg", lambda ax: net.diagram(x, y, ax=ax))
    _draw(folder / "backpropagation_graph.svg", net.graph(x, y).plot)
    trained = quadrants()
    _draw(folder / "backpropagation_surfaces.svg", lambda ax: trained.diagram(surfaces=True, ax=ax))


def quadrants() -> lg.Network:
    """Return a small network that was trained to tell in which two of the four quadrants a point is."""
    X = np.random.default_rng(0).uniform(-1, 1, (500, 2))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    net = lg.Network([2, 4, 1], activation="tanh", output="sigmoid", cost="cross_entropy", seed=3)
    net.fit(X, y, epochs=60, optimizer=lg.Adam(0.05))
    return net


def _draw(path: Path, draw_on: Callable[[Any], Any]) -> None:
    with figure(path, 1.0, layout=None) as drawn:
        axes = drawn.add_axes((0, 0, 1, 1))
        draw_on(axes)
        drawn.set_size_inches(
            np.ptp(axes.get_xlim()), np.ptp(axes.get_ylim())
        )  # the drawing's own, in inches
