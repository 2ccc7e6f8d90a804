"""One unit as textbooks draw it: its inputs and weights, the sum, the activation function, and δ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localgrad._drawing import (
    MEDIUM,
    NEUTRAL,
    SMALL,
    WIDTH,
    arrow,
    circle,
    color_of,
    column,
    dots,
    ink,
    paper,
    places,
    short,
    write,
)
from localgrad._model.model import Model
from localgrad._support.functions import in_terms_of
from localgrad.explain.quantities import Quantities
from localgrad.explain.writers import Text
from localgrad.trace import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INPUTS, _SUM, _FUNCTION, _ANSWER = 0.75, 3.1, 4.75, 6.3  # places from left to right, in inches
_RADIUS, _STEP = 0.33, 0.85
_WRITER = Text(3, 3)


def draw(model: Model, trace: Trace | None, unit: tuple[int, int], max_units: int, ax: Axes | None) -> Axes:
    """Draw unit j of layer l."""
    layer, j = unit
    units, left_out = places(model.sizes[layer - 2], max_units)
    height = max(len(units) * _STEP + 0.5, 2.6)
    ax = paper("diagram", ax, WIDTH, height)
    middle = height / 2

    def label(letter: str, at: int, *indices: int, value: float | None = None) -> str:
        name = _WRITER.symbol(letter, at, indices)
        return name if value is None else f"{name} = {short(value)}"

    def of(arrays: Any, at: int, index: int) -> float | None:
        return None if trace is None else float(arrays(trace)[at][index])

    w = model.weights[layer - 2][j]
    for k, y in zip(units, column(len(units), middle, _STEP), strict=True):
        if k is None:
            dots(ax, _INPUTS, y, left_out)
            continue
        circle(ax, _INPUTS, y, _RADIUS)
        a = of(lambda t: t.activations, layer - 2, k)
        write(ax, _INPUTS, y, label("a", layer - 1, k) + ("" if a is None else f"\n{short(a)}"))
        _connect(ax, (_INPUTS, y), (_SUM, middle), label("w", layer, j, k, value=float(w[k])), float(w[k]))
    b = float(model.biases[layer - 2][j])
    write(ax, _SUM, middle - 1.12, label("b", layer, j, value=b), MEDIUM, color=color_of(b))
    arrow(ax, (_SUM, middle - 1.0), (_SUM, middle - _RADIUS), color=color_of(b))
    circle(ax, _SUM, middle, _RADIUS)
    write(ax, _SUM, middle, "Σ", 16)
    z = of(lambda t: t.weighted_inputs, layer - 2, j)
    a = of(lambda t: t.activations, layer - 1, j)
    arrow(ax, (_SUM + _RADIUS, middle), (_FUNCTION - 0.45, middle))
    write(ax, (_SUM + _FUNCTION - 0.12) / 2, middle - 0.14, label("z", layer, j, value=z), MEDIUM)
    _draw_function(ax, middle, (*model.activation, model.output)[layer - 2])
    arrow(ax, (_FUNCTION + 0.45, middle), (WIDTH - 0.15, middle))
    write(ax, (_FUNCTION + 0.3 + WIDTH) / 2, middle - 0.14, label("a", layer, j, value=a), MEDIUM)
    delta = of(lambda t: t.local_gradients, layer - 2, j)
    color = NEUTRAL if delta is None else color_of(delta)
    back = middle + _RADIUS + 0.22
    arrow(ax, (WIDTH - 0.15, back), (_SUM, back), color=color, linestyle="--")
    write(ax, (_SUM + WIDTH) / 2, back + 0.17, _delta(model, trace, layer, j), MEDIUM, color=color)
    return ax


def _delta(model: Model, trace: Trace | None, layer: int, j: int) -> str:
    """Return the equation of δ, with the numbers put in if there are any."""
    delta, z, a = (_WRITER.symbol(letter, layer, (j,)) for letter in "δza")
    vector = layer == len(model.sizes) and model.output == "softmax"
    right = _WRITER.partial("c", z) if vector else f"φ′({z}) {_WRITER.partial('c', a)}"
    if trace is None:
        return f"{delta} = {right}"
    q = Quantities(model, trace, 1)
    value = short(q.delta(layer, j).value)
    if vector:
        return f"{delta} = {right} = {value}"
    factors = _WRITER.times(True).join(short(one(layer, j).value) for one in (q.prime, q.slope))
    return f"{delta} = {right} = {factors} = {value}"


def _connect(ax: Axes, start: tuple[float, float], end: tuple[float, float], text: str, value: float) -> None:
    import numpy as np

    away = np.subtract(end, start)
    away = away / np.hypot(*away) * _RADIUS
    x, y = np.add(start, away)
    to_x, to_y = np.subtract(end, away)
    arrow(ax, (x, y), (to_x, to_y), color=color_of(value))
    angle = np.degrees(np.arctan2(y - to_y, to_x - x))
    at = (x + 0.38 * (to_x - x), y + 0.38 * (to_y - y) - 0.03)
    style = {"rotation": angle, "rotation_mode": "anchor", "va": "bottom", "color": color_of(value)}
    write(ax, *at, text, SMALL + 1, **style)


def _draw_function(ax: Axes, middle: float, function: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    style: dict[str, Any] = {"boxstyle": "round,pad=0.05", "facecolor": "none", "edgecolor": NEUTRAL}
    ax.add_patch(FancyBboxPatch((_FUNCTION - 0.4, middle - 0.2), 0.8, 0.4, **style))
    write(ax, _FUNCTION, middle - 0.08, "φ", MEDIUM + 2)
    write(ax, _FUNCTION, middle + 0.13, in_terms_of(function, "z"), SMALL, color=ink())
