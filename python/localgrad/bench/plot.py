"""A plot of the relative times."""

from collections.abc import Mapping
from typing import Any


def speed_figure(
    panels: Mapping[str, Mapping[str, Mapping[str, float]]],
    title: str,
) -> Any:
    """Plot the times of each library relative to localgrad's.

    Parameters
    ----------
    panels : mapping
        Relative times by name of the panel, network and library.
    title : str
        Title of the figure.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, with one panel above another and bars grouped by network, on a logarithmic scale.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    peers = list(dict.fromkeys(peer for panel in panels.values() for row in panel.values() for peer in row))
    colors = dict(zip(peers, [f"C{i}" for i in range(10)], strict=False))
    figure = Figure(
        figsize=(max(8, 2 + 1.3 * max(map(len, panels.values()))), 1 + 2.6 * len(panels)),
        layout="constrained",
    )
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize="medium")
    axes = figure.subplots(len(panels), 1, squeeze=False).flat
    for one, (name, ratios) in zip(axes, panels.items(), strict=True):
        _draw(one, name, ratios, colors)
    handles = [Patch(color=color, label=peer) for peer, color in colors.items()]
    figure.legend(
        handles=handles, ncols=len(peers), loc="outside lower center", fontsize="small", frameon=False
    )
    return figure


def _draw(axes: Any, name: str, ratios: Mapping[str, Mapping[str, float]], colors: Mapping[str, str]) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter

    peers = [peer for peer in colors if any(peer in row for row in ratios.values())]
    width = 0.8 / max(len(peers), 1)
    for place, peer in enumerate(peers):
        at = [i for i, row in enumerate(ratios.values()) if peer in row]
        heights = [row[peer] for row in ratios.values() if peer in row]
        bars = axes.bar(
            [i + (place - (len(peers) - 1) / 2) * width for i in at],
            [height - 1 for height in heights],
            width * 0.95,
            bottom=1,  # bars start at 1, the time of localgrad, and extend downward for faster libraries
            color=colors[peer],
        )
        axes.bar_label(bars, [_short(height) for height in heights], fontsize=6, padding=1)
    axes.axhline(1, color="black", linewidth=1)
    axes.set_yscale("log")
    axes.margins(y=0.12)
    axes.set_xticks(range(len(ratios)), [label.replace(" ", "\n", 1) for label in ratios], fontsize="x-small")
    axes.set_ylabel("relative time", fontsize="small")
    axes.set_title(name, fontsize="small")
    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high < 100 * low else (1.0,)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)


def _short(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}" if ratio >= 2 else f"{ratio:.2f}"
