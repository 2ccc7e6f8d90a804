"""The layers of a network: units as circles, weights as lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from localgrad._arrays.rows import FloatArray
from localgrad._diagram.surfaces import draw_surface, surfaces_of
from localgrad._drawing import (
    MEDIUM,
    NEUTRAL,
    SMALL,
    WIDTH,
    circle,
    color_of,
    column,
    dots,
    paper,
    places,
    short,
    write,
)
from localgrad._model.model import Model
from localgrad._support.functions import in_terms_of
from localgrad.explain.writers import Text
from localgrad.trace import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TOP, _BOTTOM = 0.55, 0.5  # inches above and below the units
_LABELED = 3  # widest layers between which weights, and biases, are written
_WRITER = Text(3, 3)


@dataclass
class _Layer:
    x: float
    units: list[int | None]
    left_out: int
    y: list[float]


def draw(
    model: Model,
    trace: Trace | None,
    limits: tuple[float, float] | None,
    max_units: int,
    ax: Axes | None,
) -> Axes:
    """Draw the network, with a and δ of an example in its units or what each unit answers over the plane."""
    sizes = model.sizes
    rows = max(len(places(width, max_units)[0]) for width in sizes)
    radius = 0.36 if len(sizes) < 5 else 0.31
    step = 2 * radius + (0.42 if max(sizes) <= 4 else 0.1)
    height = _TOP + rows * step + _BOTTOM
    ax = paper("diagram", ax, WIDTH, height)
    layers = []
    for k, width in enumerate(sizes):
        units, left_out = places(width, max_units)
        x = 0.65 + (WIDTH - 1.3) * k / (len(sizes) - 1)
        layers.append(_Layer(x, units, left_out, list(column(len(units), _TOP + rows * step / 2, step))))
    for i in range(len(sizes) - 1):
        _draw_weights(ax, model.weights[i], layers[i], layers[i + 1], radius)
    surfaces = None if limits is None else surfaces_of(model, limits)
    for k, layer in enumerate(layers):
        _draw_title(ax, model, k, layer.x)
        for j, y in zip(layer.units, layer.y, strict=True):
            if j is None:
                dots(ax, layer.x, y, layer.left_out)
            elif surfaces is not None:
                draw_surface(ax, surfaces[k][:, j], (layer.x, y, radius))
            else:
                _draw_unit(ax, k, j, (layer.x, y, radius), trace)
            if j is not None and k > 0 and max(sizes[k - 1 : k + 1]) <= _LABELED:
                b = float(model.biases[k - 1][j])
                write(ax, layer.x, y + radius + 0.12, f"b = {short(b)}", color=color_of(b))
    _draw_legend(ax, height, trace, limits)
    return ax


def _draw_title(ax: Axes, model: Model, k: int, x: float) -> None:
    functions = (*model.activation, model.output)
    function = functions[k - 1]
    a, z = (_WRITER.symbol(letter, k + 1, ()) for letter in "az")
    # Of many layers, the columns are narrow.
    text = "x" if k == 0 else function if len(model.sizes) > 4 else f"{a} = {in_terms_of(function, z)}"
    write(ax, x, 0.18, f"layer {k + 1}", MEDIUM, weight="bold")
    write(ax, x, 0.36, text, SMALL)


def _draw_weights(ax: Axes, w: FloatArray, left: _Layer, right: _Layer, radius: float) -> None:
    from matplotlib.collections import LineCollection

    chosen = [
        (w[j, k], (left.x, y), (right.x, to_y))
        for j, to_y in zip(right.units, right.y, strict=True)
        for k, y in zip(left.units, left.y, strict=True)
        if j is not None and k is not None
    ]
    values = np.array([float(value) for value, _, _ in chosen])
    share = np.abs(values) / (np.abs(values).max() or 1.0)
    lines = []
    for value, start, end in chosen:
        away = np.subtract(end, start)
        away = away / np.hypot(*away) * radius
        line = np.add(start, away), np.subtract(end, away)
        lines.append(line)
        if max(w.shape) <= _LABELED:
            _label_weight(ax, line, float(value))
    style = {"colors": [color_of(value) for value in values], "alpha": list(0.25 + 0.75 * share)}
    ax.add_collection(LineCollection(lines, linewidths=0.4 + 2.6 * share, zorder=0, **style))


def _label_weight(ax: Axes, line: Any, value: float) -> None:
    """Write a weight above its line, near its start, where lines that cross are apart."""
    (x, y), (to_x, to_y) = line
    angle = np.degrees(np.arctan2(y - to_y, to_x - x))
    place = 0.27
    style = {"rotation": angle, "rotation_mode": "anchor", "va": "bottom", "color": color_of(value)}
    write(ax, x + place * (to_x - x), y + place * (to_y - y) - 0.03, short(value), SMALL, **style)


def _draw_unit(ax: Axes, k: int, j: int, place: tuple[float, float, float], trace: Trace | None) -> None:
    x, y, radius = place
    name = _WRITER.symbol("a", k + 1, (j,))
    if trace is None:
        circle(ax, x, y, radius)
        write(ax, x, y, name, MEDIUM)
        return
    of_layer = trace.activations[k]
    a = float(of_layer[j])
    circle(ax, x, y, radius, a / float(np.abs(of_layer).max() or 1.0))
    size, digits = (SMALL, 3) if radius > 0.35 else (SMALL - 1, 2)
    if k == 0:
        write(ax, x, y, short(a, digits), size)
        return
    delta = float(trace.local_gradients[k - 1][j])
    write(ax, x, y - 0.09, short(a, digits), size)
    write(ax, x, y + 0.1, f"δ {short(delta, digits)}", size, color=color_of(delta), weight="bold")


def _draw_legend(ax: Axes, height: float, trace: Trace | None, limits: Any) -> None:
    parts = ["lines: weights, blue > 0, orange < 0, wider if larger"]
    if limits:
        low, high = limits
        parts.append(f"units: what they answer for x₀ (right) and x₁ (up) from {low:g} to {high:g}")
    elif trace is not None:
        parts.append("in the units: a, and δ = ∂c/∂z below it")
    write(ax, WIDTH / 2, height - 0.17, "; ".join(parts), SMALL, color=NEUTRAL)
    if trace is not None:
        write(ax, WIDTH - 0.65, height - 0.36, f"cost c = {short(trace.cost)}", MEDIUM)
