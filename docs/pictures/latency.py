"""The latency of a program that learns while it runs: docs/latency.csv, written by the noise canceller."""

from pathlib import Path
from typing import Any

import numpy as np

from pictures.style import BLUE, INK, MUTED, figure

MEASURED = Path(__file__).parents[1] / "latency.csv"

_BINS_PER_DECADE = 40
_PERIOD = 1e6 / 48_000  # microseconds from one sample to the next
_QUANTILES = {"median": 0.5, "99 %": 0.99, "99.9 %": 0.999}


def draw(folder: Path) -> None:
    """Draw the histogram of the times of a sample, with quantiles, up to the time that a sample has."""
    nanoseconds, samples = np.loadtxt(MEASURED, delimiter=",", skiprows=1, dtype=int, unpack=True)
    times = nanoseconds / 1000
    low, high = np.log10(times[0] / 1.1), np.log10(max(times[-1], _PERIOD) * 1.1)
    edges = np.logspace(low, high, round((high - low) * _BINS_PER_DECADE) + 1)
    with figure(folder / "latency.svg", 2.8) as drawn:
        axes = drawn.subplots()
        axes.hist(times, edges, weights=samples, histtype="stepfilled", color=BLUE)
        axes.set(xscale="log", yscale="log", xlim=(edges[0], edges[-1]), ylim=(0.6, 1e3 * samples.max()))
        axes.set(xlabel="time of a sample", ylabel="samples")
        axes.set_yticks([1, 100, 10_000], ["1", "100", "10,000"])
        axes.set_xticks([1, 2, 5, 10, 20, 50], ["1 µs", "2 µs", "5 µs", "10 µs", "20 µs", "50 µs"])
        axes.minorticks_off()
        shares = samples.cumsum() / samples.sum()
        for place, (name, share) in enumerate(_QUANTILES.items()):
            time = times[np.searchsorted(shares, share)]
            _mark(axes, time, f"{name}: {time:.1f} µs", top=0.97 - 0.11 * place, color=INK)
        _mark(axes, _PERIOD, "48 kHz", top=0.97, color=MUTED)


def _mark(axes: Any, time: float, text: str, top: float, color: str) -> None:
    """Draw a vertical line up to a share of the height, and write beside its end."""
    axes.axvline(time, ymax=top, color=color, linewidth=1)
    place = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
    axes.annotate(text, (time, top), (4, 0), va="top", size=10, color=color, **place)
