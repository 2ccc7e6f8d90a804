"""How the engine computes one mini-batch: the picture of the page on the engine."""

from pathlib import Path
from typing import Any

from matplotlib.patches import FancyBboxPatch, Rectangle

from pictures.style import BLUE, GREEN, INK, LINE, MUTED, ORANGE, PURPLE, WIDTH, figure

_HEIGHT = 5.95  # inches, as all numbers here
_BOX = 1.56, 0.62  # width and height
_COLUMNS = 0.22, 2.12, 4.02  # left edges of the boxes
_CELL = 0.29  # of a tile


def draw(folder: Path) -> None:
    """Draw engine.svg."""
    with figure(folder / "engine.svg", _HEIGHT, layout=None) as drawn:
        axes = drawn.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, _HEIGHT))
        axes.axis("off")
        _python(axes, top=_HEIGHT - 0.05)
        _mini_batch(axes, top=_HEIGHT - 1.32)
        _micro_kernel(axes, top=2.12)


def _python(axes: Any, top: float) -> None:
    _band(axes, top, 0.94, "Python", "once per epoch")
    y, height = top - 0.82, 0.5
    _box(axes, 0, y, "fit", "order of the rows", BLUE, height)
    _box(axes, 2, y, "history", "costs, callbacks", BLUE, height)
    _arrow(axes, (_COLUMNS[2], y + height / 2), (_right(0), y + height / 2))
    _note(axes, WIDTH / 2, y + height / 2 + 0.12, "next epoch", align="center")


def _mini_batch(axes: Any, top: float) -> None:
    _band(axes, top, 2.2, "Engine", "each mini-batch, by a team of threads")
    upper, lower = top - 1.02, top - 2.08
    _box(axes, 0, upper, "gather", "rows, converted", MUTED)
    _box(axes, 1, upper, "(F) hidden", "a = φ(w a + b)", GREEN)
    _box(axes, 2, upper, "(F) output", "a = φ(w a + b)", GREEN)
    _box(axes, 2, lower, "(C), (D1)", "cost, δ of outputs", ORANGE)
    _box(axes, 1, lower, "(D2) hidden", "δ = φ'(z) ⊙ wᵀδ", ORANGE)
    _box(axes, 0, lower, "(G1), (G2)", "update of w and b", PURPLE)
    for k in range(2):
        _arrow(axes, (_right(k), upper + _BOX[1] / 2), (_COLUMNS[k + 1], upper + _BOX[1] / 2))
        _arrow(axes, (_COLUMNS[k + 1], lower + _BOX[1] / 2), (_right(k), lower + _BOX[1] / 2))
    first, last = _center(0), _center(2)
    _arrow(axes, (last, upper), (last, lower + _BOX[1]))
    _arrow(axes, (first, lower + _BOX[1]), (first, upper))
    _note(axes, first + 0.08, (upper + lower + _BOX[1]) / 2, "next mini-batch")
    _arrow(axes, (first, top + 0.45), (first, upper + _BOX[1]))
    _arrow(axes, (last, top), (last, top + 0.45))
    _note(axes, last - 0.08, top + 0.16, "after the last mini-batch", align="right")


def _micro_kernel(axes: Any, top: float) -> None:
    _band(axes, top, 2.07, "Micro-kernel", "all products: (F), (D2), (G1)")
    _arrow(axes, (_center(1), top + 0.31), (_center(1), top))
    size = 4 * _CELL
    left, bottom = 1.3, top - 1.95
    axes.add_patch(Rectangle((left, bottom), size, size, fill=False, edgecolor=INK, linewidth=1.4))
    for k in range(4):
        for x, y, color in (
            (left - 0.5, bottom + k * _CELL, GREEN),
            (left + k * _CELL, bottom + size + 0.12, BLUE),
        ):
            axes.add_patch(Rectangle((x, y), _CELL, _CELL, fill=False, edgecolor=color))
    axes.text(left - 0.58, bottom + size / 2, "A(i, k)", ha="right", va="center", size=10, color=GREEN)
    axes.text(
        left + size + 0.12, bottom + size + 0.26, "B(k, j), as vectors", va="center", size=10, color=BLUE
    )
    axes.text(left + size / 2, bottom + size / 2, "C(i, j)\nin registers", ha="center", va="center", size=10)
    lines = (
        (0.98, "for k = 0, 1, 2, ... in this order:", MUTED),
        (0.76, "C(i, j) ← A(i, k) · B(k, j) + C(i, j)", INK),
        (0.42, "then, for the whole tile:", MUTED),
        (0.2, "φ,  ⊙ φ'  or the update of w", INK),
    )
    for y, text, color in lines:
        axes.text(left + size + 0.3, bottom + y, text, va="center", size=10, color=color)


def _band(axes: Any, top: float, height: float, title: str, text: str) -> None:
    place = (0.05, top - height), WIDTH - 0.1, height
    style = "round,pad=0,rounding_size=0.08"
    axes.add_patch(FancyBboxPatch(*place, boxstyle=style, fill=False, edgecolor=LINE))
    axes.text(0.17, top - 0.17, title, va="center", weight="bold")
    axes.text(WIDTH - 0.17, top - 0.17, text, ha="right", va="center", size=10, color=MUTED)


def _box(
    axes: Any, column: int, y: float, title: str, text: str, color: str, height: float = _BOX[1]
) -> None:
    place, style = ((_COLUMNS[column], y), _BOX[0], height), "round,pad=0,rounding_size=0.06"
    axes.add_patch(FancyBboxPatch(*place, boxstyle=style, fill=False, edgecolor=color, linewidth=1.6))
    x = _center(column)
    axes.text(x, y + 0.67 * height, title, ha="center", va="center", size=11, weight="bold")
    axes.text(x, y + 0.28 * height, text, ha="center", va="center", size=10)


def _center(column: int) -> float:
    return _COLUMNS[column] + _BOX[0] / 2


def _right(column: int) -> float:
    return _COLUMNS[column] + _BOX[0]


def _note(axes: Any, x: float, y: float, text: str, align: str = "left") -> None:
    axes.text(x, y, text, ha=align, va="center", size=10, color=MUTED)


def _arrow(axes: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    style = {"arrowstyle": "-|>", "color": MUTED, "shrinkA": 2, "shrinkB": 2}
    axes.annotate("", end, start, arrowprops=style)
