"""Levenberg-Marquardt and Adam: the cost over the time, from docs/levenberg_marquardt.json.

``python -c "from pictures.levenberg_marquardt import measure; measure()"``, run in the folder docs, measures
again, which takes two minutes.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import localgrad as lg
import numpy as np
from localgrad.cli.machine import describe

from pictures.style import BLUE, ORANGE, figure

MEASURED = Path(__file__).parents[1] / "levenberg_marquardt.json"

_RATES = (0.001, 0.003, 0.01)
_BATCH = 32
_SEED = 1


class Clock:
    """A callback that records the cost at some times, which grow by 5 %.

    Times are those of this thread's processor, without the evaluations. Other processes hardly change them.
    """

    def __init__(self, net: lg.Network, X: Any, y: Any, seconds: float) -> None:
        self._net, self._data, self._seconds = net, (X, y), seconds
        self._next = 0.0
        self._begin = time.thread_time()
        self.curve: list[tuple[float, float]] = []

    def __call__(self, epoch: int, logs: dict[str, float]) -> bool:
        """Record the cost; return whether the time is over."""
        now = time.thread_time()
        spent = now - self._begin
        if spent >= self._next:
            self.curve.append((spent, self._net.evaluate(*self._data, n_threads=1)["cost"]))
            self._next = 1.05 * spent
            self._begin += time.thread_time() - now
        return spent > self._seconds


def problems() -> Iterator[tuple[str, list[int], Any, Any, float]]:
    """Yield the name, the sizes of the network, the data and the seconds of LM for each problem."""
    from sklearn.datasets import load_diabetes

    x = np.linspace(-3, 3, 200)[:, np.newaxis]
    yield "sine", [1, 10, 1], x, np.sin(2 * x), 0.5
    rng = np.random.default_rng(0)
    angles = rng.uniform(-np.pi / 2, np.pi / 2, (1000, 3))
    directions = np.cumsum(angles, axis=1)  # of the three links, whose lengths are 1, 0.7 and 0.4
    lengths = np.array([1.0, 0.7, 0.4])
    ends = np.stack([np.cos(directions) @ lengths, np.sin(directions) @ lengths], axis=1)
    yield "robot arm", [3, 20, 2], angles, ends, 0.5
    X, y = load_diabetes(return_X_y=True)
    yield "diabetes", [10, 40, 1], X / X.std(axis=0), (y - y.mean()) / y.std(), 1.0


def measure() -> None:
    """Train all networks with one thread, and write the curves: of Adam, the one that ends lowest."""
    found = []
    for name, sizes, X, y, seconds in problems():
        adams = [(rate, _curve(sizes, X, y, lg.Adam(rate), 10 * seconds)) for rate in _RATES]
        rate, curve = min(adams, key=lambda run: run[1][-1][1])
        found.append(
            {
                "problem": name,
                "sizes": sizes,
                "rows": len(X),
                "LevenbergMarquardt": _curve(sizes, X, y, lg.LevenbergMarquardt(), seconds),
                "Adam": curve,
                "learning_rate": rate,
                "batch_size": _BATCH,
            }
        )
    MEASURED.write_text(json.dumps({"machine": describe(), "problems": found}) + "\n", encoding="utf-8")


def _curve(sizes: list[int], X: Any, y: Any, rule: Any, seconds: float) -> list[tuple[float, float]]:
    net = lg.Network(sizes, activation="tanh", dtype="float64", seed=_SEED)
    clock = Clock(net, X, y, seconds)
    net.fit(X, y, epochs=10**7, batch_size=_BATCH, optimizer=rule, callbacks=[clock], n_threads=1)
    return [(float(f"{seconds:.4g}"), float(f"{cost:.4g}")) for seconds, cost in clock.curve]


def read() -> list[dict[str, Any]]:
    """Return the measured curves of each problem."""
    return json.loads(MEASURED.read_text(encoding="utf-8"))["problems"]


def draw(folder: Path) -> None:
    """Draw the cost of each problem over the time."""
    found = read()
    with figure(folder / "levenberg_marquardt.svg", 2.6) as drawn:
        panels = drawn.subplots(1, len(found))
        for axes, one in zip(panels, found, strict=True):
            for name, label, color in (("Adam", "Adam", ORANGE), ("LevenbergMarquardt", "LM", BLUE)):
                axes.plot(*zip(*one[name], strict=True), color=color, label=label)
            axes.set_xscale("log")
            axes.set_yscale("log")
            axes.set_title(one["problem"], loc="left")
            axes.grid(linewidth=0.8)
            axes.set_axisbelow(True)
        panels[0].set_ylabel("training cost")
        drawn.supxlabel("seconds", fontsize=11)
        handles, _ = panels[0].get_legend_handles_labels()
        drawn.legend(handles[::-1], ["Levenberg-Marquardt", "Adam"], loc="outside upper center", ncols=2)
