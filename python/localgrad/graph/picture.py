"""A graph drawn by matplotlib: units from left to right, layers from top to bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localgrad._drawing import (
    NEGATIVE,
    NEUTRAL,
    POSITIVE,
    SMALL,
    WIDTH,
    arrow,
    on_background,
    paper,
    short,
    write,
)
from localgrad.graph.texts import Derivatives, Edges, Nodes, edge_text, lines_of, raised

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PARAMETERS = ("weights", "biases", "input_scales")
_STACKED = (*_PARAMETERS, "target")  # above what they lead to, in a graph of units
_GAP = 0.07  # inches between boxes of a column


class _Box:
    """A place with its size, in inches."""

    def __init__(self, x: float, y: float, width: float, height: float) -> None:
        self.x, self.y, self.width, self.height = x, y, width, height


def size(nodes: Nodes) -> tuple[float, float]:
    """Return width and height of a figure of the graph."""
    return (WIDTH, _by_unit(nodes)[1] if _of_units(nodes) else _by_layer(nodes)[1])


def draw(nodes: Nodes, edges: Edges, derivatives: Derivatives, ax: Axes | None) -> Axes:
    """Draw the nodes as boxes and the edges as arrows with their local derivatives."""
    of_units = _of_units(nodes)
    boxes, height = _by_unit(nodes) if of_units else _by_layer(nodes)
    ax = paper("plot", ax, WIDTH, height)
    for u, v in edges:
        if (of_units and nodes[u]["kind"] in _STACKED) or u == "more":
            _join_stacked(ax, boxes[u], boxes[v])
            continue
        text = edge_text(u, v, nodes, derivatives)
        if of_units and text:
            assert derivatives is not None
            text = short(derivatives[u, v])
        side = "center" if not of_units else "left" if nodes[u]["kind"] == "weighted_input" else "right"
        _join(ax, boxes[u], boxes[v], text, side)
    for name, node in nodes.items():
        lines = _unit_lines(name, node) if of_units else _layer_lines(name, node)
        points = SMALL - 1 if of_units else SMALL + 0.5
        _draw_box(ax, boxes[name], [raised(line) for line in lines], node["kind"], points)
    if derivatives is not None:
        _draw_legend(ax, height, of_units)
    return ax


def _of_units(nodes: Nodes) -> bool:
    return "x" not in nodes


def _by_layer(nodes: Nodes) -> tuple[dict[str, _Box], float]:
    """Place computed variables below each other, and parameters to the left of what they lead to."""
    high, step = (0.4, 0.7) if "value" in nodes["x"] else (0.25, 0.52)
    chain = [name for name, node in nodes.items() if node["formula"] or name == "x"]
    boxes = {name: _Box(4.9, 0.1 + high / 2 + step * k, 3.2, high) for k, name in enumerate(chain)}
    for name, node in nodes.items():
        if name not in boxes:
            kind, z = node["kind"], f"z^{node['layer']}"
            y = {"input_scales": boxes["x"].y, "target": boxes["c"].y}.get(kind)
            if y is None:
                y = boxes[z].y + (0.52 * high + _GAP / 2) * (1 if kind == "biases" else -1)
            boxes[name] = _Box(1.25, y, 2.3, high)
    return boxes, 0.2 + step * len(chain) + 0.2


def _layer_lines(name: str, node: dict[str, Any]) -> list[str]:
    first, *others = lines_of(name, node)
    return [first, ", ".join(others)] if others else [first]


def _by_unit(nodes: Nodes) -> tuple[dict[str, _Box], float]:
    """Place each layer in two columns, z with its parameters above it, and a; the cost is on the right."""
    columns = 2 * max(node["layer"] or 0 for node in nodes.values())
    step = WIDTH / columns
    wide, high = 0.73 * step, 0.34 if any("value" in node for node in nodes.values()) else 0.24
    stacks: dict[int, list[str]] = {k: [] for k in range(columns)}
    for name, node in nodes.items():
        layer = node["layer"] or columns
        place = 2 * layer - 2 if node["kind"] == "activation" else max(2 * layer - 3, 0)
        stacks[min(place, columns - 1)].append(name)
    heights = {k: sum(high + _after(nodes[name]["kind"]) for name in stack) for k, stack in stacks.items()}
    height = max(heights.values()) + 0.4
    boxes: dict[str, _Box] = {}
    for k, stack in stacks.items():
        y = 0.15 + (height - 0.4 - heights[k]) / 2
        for name in stack:
            indent = 0.06 if nodes[name]["kind"] in _STACKED or name == "more" else 0.0
            boxes[name] = _Box(step * (k + 0.5) + indent / 2, y + high / 2, wide - indent, high)
            y += high + _after(nodes[name]["kind"])
    for name, node in nodes.items():  # activations beside their weighted inputs
        if node["kind"] == "activation":
            boxes[name].y = boxes["z" + name[1:]].y
    _spread(boxes, stacks[0], [name for name in stacks[1] if nodes[name]["kind"] not in _STACKED])
    return boxes, height


def _spread(boxes: dict[str, _Box], inputs: list[str], units: list[str]) -> None:
    """Spread the inputs over the height of the first layer, so that the lines between them are apart."""
    first, last = boxes[units[0]].y, boxes[units[-1]].y
    if len(inputs) > 1 and last - first > boxes[inputs[-1]].y - boxes[inputs[0]].y:
        for k, name in enumerate(inputs):
            boxes[name].y = first + (last - first) * k / (len(inputs) - 1)


def _after(kind: str) -> float:
    """Return the space below a box."""
    return _GAP if kind in _STACKED else 0.22


def _unit_lines(name: str, node: dict[str, Any]) -> list[str]:
    if node["kind"] == "more":
        return [str(node["formula"])]
    if node.get("value") is None:
        return [name]
    value = f"{name} = {node['value'] + 0.0:.3g}"
    if node["derivative"] is None:
        return [value]
    if node["kind"] == "cost":
        return [value, "∂c/∂c = 1"]
    return [value, f"∂c/∂{name[0]} = {node['derivative'] + 0.0:.3g}"]


def _draw_box(ax: Axes, box: _Box, lines: list[str], kind: str, points: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    color = {"input": POSITIVE, "target": POSITIVE, "cost": NEGATIVE}.get(kind, NEUTRAL)
    corner = box.x - box.width / 2 + 0.04, box.y - box.height / 2 + 0.04
    ax.add_patch(
        FancyBboxPatch(
            corner,
            box.width - 0.08,
            box.height - 0.08,
            boxstyle="round,pad=0.04" if kind not in _PARAMETERS else "square,pad=0.04",
            facecolor=on_background()["facecolor"],
            edgecolor=color,
            linewidth=0.8 if kind in _PARAMETERS else 1.3,
            linestyle=":" if kind == "more" else "-",
        )
    )
    write(ax, box.x, box.y, "\n".join(lines), points, linespacing=1.25)


def _join_stacked(ax: Axes, start: _Box, end: _Box) -> None:
    """Draw an edge from a parameter along the left of the boxes below it."""
    x = start.x - start.width / 2
    bus = x - 0.05
    ax.plot([x, bus, bus], [start.y, start.y, end.y - end.height / 2], color=NEUTRAL, linewidth=0.8, zorder=0)


def _join(ax: Axes, start: _Box, end: _Box, text: str, side: str) -> None:
    """Draw an arrow with the local derivative beside it, in a graph of units on the side without boxes."""
    of_units = side != "center"
    below = abs(start.x - end.x) < 0.1
    if below:
        first, last = (start.x, start.y + start.height / 2), (end.x, end.y - end.height / 2)
    else:
        first, last = (start.x + start.width / 2, start.y), (end.x - end.width / 2, end.y)
        if not of_units:
            last = last[0], end.y + (start.y - end.y) / 4
    arrow(ax, first, last, mutation_scale=7)
    if not text:
        return
    share = 0.3 if abs(last[1] - first[1]) > 0.95 else 0.5
    x, y = (a + share * (b - a) for a, b in zip(first, last, strict=True))
    style: dict[str, Any] = {"color": NEGATIVE}
    if below:
        style |= {"ha": "left"}
        x += 0.08
    elif first[1] == last[1]:
        y -= 0.07
    elif of_units:
        style |= {"ha": side}
        x += 0.035 if side == "left" else -0.035
    else:
        y -= 0.07 if start.y < end.y else -0.09
    write(ax, x, y, raised(text), SMALL - 1 if of_units else SMALL + 0.5, **style)


def _draw_legend(ax: Axes, height: float, of_units: bool) -> None:
    text = "orange: the local derivative along an edge"
    if of_units:
        text += "; from w it is the a that w multiplies, from b it is 1"
    write(ax, WIDTH / 2, height - 0.12, text, SMALL, color=NEUTRAL)
