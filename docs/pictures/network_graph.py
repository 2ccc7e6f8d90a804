"""The computation graph of a small network: the forward pass, and the gradients of the backward pass."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import localgrad as lg

from pictures.style import BLUE, GREEN, INK, MUTED, ORANGE, WIDTH, figure

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# The columns, in inches: inputs and parameters, computed values, the backward pass.
_LEFT, _MIDDLE, _RIGHT = 0.63, 2.3, 3.55
_WIDTHS = {_LEFT: 1.2, _MIDDLE: 1.7}
_ROW, _BOX = 0.78, 0.4  # inches from row to row, and height of a box
_TOP = 0.45
_COLORS = {"input": BLUE, "target": BLUE, "weights": GREEN, "biases": GREEN}


def draw(folder: Path) -> None:
    """Draw the graph of a network of three layers as `Network.graph` describes it."""
    graph = lg.Network([2, 2, 1], activation="tanh").graph()
    chain = [name for name, node in graph.nodes.items() if node["formula"] or node["kind"] == "input"]
    height = _TOP + _ROW * (len(chain) - 1) + _BOX + 0.05
    with figure(folder / "graph.svg", height, layout=None) as drawn:
        axes = drawn.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set(xlim=(0, WIDTH), ylim=(height, 0))
        places = {name: (_MIDDLE, _TOP + _BOX / 2 + _ROW * row) for row, name in enumerate(chain)}
        for u, v in graph.edges:
            if u not in places:
                beside = [one for one, other in graph.edges if other == v and one not in chain]
                shift = beside.index(u) - (len(beside) - 1) / 2
                places[u] = (_LEFT, places[v][1] + 1.25 * _BOX * shift)
        for u, v in graph.edges:
            _draw_edge(axes, places[u], places[v])
        for name, node in graph.nodes.items():
            _draw_node(axes, places[name], name, node)
        axes.text(_MIDDLE, _TOP - 0.12, "forward ↓", ha="center", color=MUTED)
        axes.text(_RIGHT, _TOP - 0.12, "backward ↑", color=ORANGE)
        _draw_way_back(axes, places, graph, chain)


def _draw_node(axes: Any, place: tuple[float, float], name: str, node: dict[str, Any]) -> None:
    from matplotlib.patches import FancyBboxPatch

    x, y = place
    width = _WIDTHS[x]
    color = _COLORS.get(node["kind"], INK)
    axes.add_patch(
        FancyBboxPatch(
            (x - width / 2 + 0.06, y - _BOX / 2 + 0.06),
            width - 0.12,
            _BOX - 0.12,
            boxstyle="round,pad=0.06,rounding_size=0.1",
            facecolor="none",
            edgecolor=color,
            linewidth=1.2,
        )
    )
    shape = " × ".join(map(str, node["shape"]))
    text = f"{name} = {node['formula']}" if node["formula"] else f"{name}: {shape}"
    axes.text(x, y, _raised(text), ha="center", va="center", color=color)


def _draw_edge(axes: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    (x, y), (to_x, to_y) = start, end
    if x == to_x:
        y, to_y = y + _BOX / 2, to_y - _BOX / 2
    else:
        x, to_x, to_y = x + _WIDTHS[x] / 2, to_x - _WIDTHS[to_x] / 2, to_y + (y - to_y) / 4
    _draw_arrow(axes, (x, y), (to_x, to_y), MUTED)


def _draw_arrow(axes: Any, start: tuple[float, float], end: tuple[float, float], color: str) -> None:
    arrow = {"arrowstyle": "-|>", "color": color, "linewidth": 1.2, "shrinkA": 1, "shrinkB": 1}
    axes.annotate("", end, start, arrowprops={**arrow, "mutation_scale": 9})


def _draw_way_back(
    axes: Any, places: dict[str, tuple[float, float]], graph: lg.graph.Graph, chain: list[str]
) -> None:
    """Write the local gradient next to each weighted input, and arrows from the cost to the first layer."""
    inner = [name for name in chain if graph.nodes[name]["kind"] == "weighted_input"]
    for place, name in enumerate(inner):
        layer = name.partition("^")[2]
        below = next(u for u, v in graph.edges if v == name and u in chain)
        slope, label = f"∇ₐc ⊙ φ′({name})", "(D1)"
        if name != inner[-1]:
            above = inner[place + 1].partition("^")[2]
            slope, label = f"φ′({name}) ⊙ (w^{above})ᵀ δ^{above}", "(D2)"
        lines = (
            (f"δ^{layer} = {slope}", label),
            (f"∂c/∂w^{layer} = δ^{layer} {below if below == 'x' else f'({below})'}ᵀ", "(G1)"),
            (f"∂c/∂b^{layer} = δ^{layer}", "(G2)"),
        )
        for i, (equation, label) in enumerate(lines):
            y = places[name][1] + 0.25 * (i - 1)
            axes.text(_RIGHT, y, _raised(equation), va="center", color=ORANGE)
            axes.text(WIDTH - 0.05, y, label, va="center", ha="right", color=MUTED)
    stops = [places[name][1] for name in (chain[-1], *reversed(inner))]
    for y, to_y in pairwise(stops):
        _draw_arrow(axes, (_RIGHT - 0.15, y), (_RIGHT - 0.15, to_y), ORANGE)


def _raised(text: str) -> str:
    """Write ^2 as a superscript."""
    head, *others = text.split("^")
    return head + "".join(one[0].translate(_SUPERSCRIPTS) + one[1:] for one in others)
