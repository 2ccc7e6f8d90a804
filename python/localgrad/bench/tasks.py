"""What a contender's process does when it is asked."""

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from localgrad import _core
from localgrad.bench.agreement import Answer
from localgrad.bench.contenders import Contender, Kind, rows_in
from localgrad.bench.nets import Net, inputs, workload
from localgrad.bench.workload import Workload

__all__ = ["PREDICTED_ROWS", "Tasks", "Turn"]

PREDICTED_ROWS = (1, 1000)
_WAIT, _MOST_WAITS = 0.005, 40  # s


@dataclass(frozen=True)
class Turn:
    """A measurement: so many steps or predictions took so long."""

    count: int
    seconds: float


class Tasks:
    """A contender with so many threads, or its own choice of them, at work on one network after another."""

    def __init__(self, kind: Kind, n_threads: int | None) -> None:
        self._kind = kind
        self._n_threads = n_threads
        self._contender: Contender | None = None
        self._steps = 0
        self._epoch_seconds = 0.0
        self._predictions: dict[int, tuple[Callable[[], Any], float]] = {}

    def version(self) -> str:
        """Import the library and return its version."""
        self._kind.load()
        return str(sys.modules[(*self._kind.needs, "localgrad")[0]].__version__)

    def machine(self, seconds: float) -> dict[str, float]:
        """Measure what as many threads can do at best."""
        return _core.measure_machine(self._n_threads or 1, seconds)

    def rows(self, net: Net, seconds: float) -> int:
        """Return how many rows of a mini-batch make a step of about so many seconds."""
        return rows_in(seconds, self._kind.load(), self._work(net, net.batch_size))

    def answer(self, net: Net, batch_size: int, steps: int) -> Answer:
        """Train at least so many steps in the order of the rows, repeatedly if those are too few."""
        work = self._work(net, net.batch_size * steps)
        work = work.first(min(steps, work.steps), batch_size)
        contender = self._kind.load()(work)
        predictions = parameters = cost = None
        if self._kind.predicts:
            predictions = np.array(contender.prediction(inputs(net, PREDICTED_ROWS[-1]))())
        if self._kind.trains:
            cost = contender.train(math.ceil(steps / work.steps), shuffle=False)
            parameters = contender.parameters().copy()
        return Answer(parameters, cost, predictions)

    def begin(self, net: Net, batch_size: int) -> None:
        """Set up what `train` and `predict` measure, and warm it up."""
        self._contender = None  # its memory first
        self._predictions = {}
        slow = self._kind.slow
        work = self._work(net, net.batch_size if slow else net.rows)
        work = work.first(1 if slow else work.steps, batch_size)
        self._steps, self._epoch_seconds = work.steps, math.inf
        self._contender = self._kind.load()(work)
        if self._kind.trains and not slow:
            self._contender.train(1)
            start = time.perf_counter()
            self._contender.train(1)
            self._epoch_seconds = time.perf_counter() - start
        if self._kind.predicts:
            for rows in PREDICTED_ROWS:
                predict = self._contender.prediction(inputs(net, rows))
                predict()
                start = time.perf_counter()
                predict()
                self._predictions[rows] = predict, time.perf_counter() - start

    def train(self, seconds: float) -> Turn:
        """Train whole epochs for about so long, each in a random order."""
        assert self._contender is not None
        epochs = max(1, round(seconds / self._epoch_seconds))
        start = time.perf_counter()
        self._contender.train(epochs)
        return _after(Turn(epochs * self._steps, time.perf_counter() - start))

    def predict(self, rows: int, seconds: float) -> Turn:
        """Predict for about so long."""
        predict, each = self._predictions[rows]
        count = max(1, round(seconds / each))
        start = time.perf_counter()
        for _ in range(count):
            predict()
        return _after(Turn(count, time.perf_counter() - start))

    def _work(self, net: Net, rows: int) -> Workload:
        return workload(net, self._n_threads, rows)


def _after(turn: Turn) -> Turn:
    """Wait until this process is idle: threads that want work spin for a while, OpenBLAS's for 30 ms."""
    for _ in range(_MOST_WAITS):
        before = time.process_time()
        time.sleep(_WAIT)
        if time.process_time() - before < _WAIT / 10:
            break
    return turn
