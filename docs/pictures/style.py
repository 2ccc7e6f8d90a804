"""The look of all pictures: one SVG file for light and dark pages."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from localgrad.plot._colors import ON_DARK, ON_LIGHT
from matplotlib import rc_context
from matplotlib.figure import Figure

WIDTH = 5.8  # inches: 557 pixels, so that 11 points stay legible on a phone

# On a light page, and on a dark one.
_COLORS = {
    "ink": ("#1f2329", "#e4e6e9"),
    "muted": ("#646c76", "#a4abb4"),
    "line": ("#d3d8de", "#474d55"),
    "blue": ("#0a67b3", "#6fb5f7"),
    "orange": ("#b9540d", "#f2a65e"),
    "green": ("#177a48", "#69cf97"),
    "purple": ("#7a47b3", "#c7a2f4"),
    "red": ("#b4281f", "#ff8d84"),
    "teal": ("#0b7a80", "#5fd0d6"),
    "on_color": ("#ffffff", "#1f2329"),  # text on cells that are colored
}
# Those of localgrad.plot.
_COLORS |= {
    f"plot{k}": (light.lower(), dark.lower())
    for k, (light, dark) in enumerate(zip(ON_LIGHT, ON_DARK, strict=True))
}
INK, MUTED, LINE, BLUE, ORANGE, GREEN, PURPLE, RED, TEAL, *_ = (light for light, _ in _COLORS.values())
_OTHERS = {"#2b7bba": "blue", "#d9730d": "orange", "#7f868f": "muted"}  # of Network.diagram and Graph.plot

_SETTINGS = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "localgrad",  # the same names in every run
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "font.family": "sans-serif",
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.labelsize": 11,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": LINE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.8,
}


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the with block with the fonts and colors of all pictures."""
    with rc_context(_SETTINGS):
        yield


def write(path: Path, drawn: Figure) -> None:
    """Write a figure as an SVG file for light and dark pages."""
    stream = io.BytesIO()
    drawn.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    path.write_text(_for_pages(stream.getvalue().decode()), encoding="utf-8")


@contextmanager
def figure(path: Path, height: float, layout: str | None = "constrained") -> Iterator[Any]:
    """Draw one picture in the with block, then write it.

    Parameters
    ----------
    path : Path
        The SVG file.
    height : float
        In inches.
    layout : str, optional
        As matplotlib's; None where all places are computed.

    Yields
    ------
    matplotlib.figure.Figure
        Empty, of the width of a page.
    """
    with styled():
        drawn = Figure(figsize=(WIDTH, height), layout=layout)
        yield drawn
        write(path, drawn)


def _for_pages(svg: str) -> str:
    """Replace colors by variables, which have other values on dark pages; leave out what no page needs."""
    for name, (light, _) in _COLORS.items():
        svg = svg.replace(light, f"var(--{name})")
    for color, name in _OTHERS.items():
        svg = svg.replace(color, f"var(--{name})")
    svg = re.sub(r" *<metadata>.*?</metadata>\n", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<\?xml.*?<svg ", "<svg ", svg, flags=re.DOTALL)
    svg = re.sub(r"'DejaVu Sans'[^;\"]*", "sans-serif", svg)
    svg = re.sub(r" \n([A-Za-z])", r"\1", svg)  # between the parts of a path
    svg = re.sub(r'\b(d|x|y|width|height|transform|points)="[^"]*"', _rounded, svg)
    light, dark = (
        "".join(f"--{name}:{pair[place]};" for name, pair in _COLORS.items()) for place in range(2)
    )
    style = f"<style>svg{{{light}}}@media(prefers-color-scheme:dark){{svg{{{dark}}}}}</style>\n"
    return re.sub(r"(<svg [^>]*>\n)", lambda match: match[1] + style, svg, count=1)


def _rounded(attribute: re.Match[str]) -> str:
    """Keep two decimals, so that files stay small and do not change with the last bits of a run."""
    return re.sub(r"-?\d+\.\d+", lambda number: f"{round(float(number[0]), 2):g}", attribute[0])
