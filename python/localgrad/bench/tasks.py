"""What a contender's process does when it is asked."""

import math
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

import localgrad._core as _core
from localgrad.bench.agreement import Answer
from localgrad.bench.contenders import Contender, Kind, rows_in
from localgrad.bench.nets import Net
from localgrad.bench.workload import initial, inputs, small_integers, workload

PREDICTED_ROWS = (1, 1000)
_MANY = 1 << 26  # numbers of which inputs are bytes
_WAIT, _MOST_WAITS = 0.005, 40  # s


@dataclass(frozen=True)
class _Training:
    contender: Contender
    steps: int  # an epoch
    epoch_seconds: float


class Tasks:
    """A contender with so many threads, or its own choice of them, at work on one network after another."""

    def __init__(self, kind: Kind, n_threads: int | None) -> None:
        self._kind = kind
        self._n_threads = n_threads
        self._trainings: dict[str, _Training] = {}
        self._predictions: dict[int | None, tuple[Callable[[], Any], float]] = {}

    def version(self) -> str:
        """Import the library and return its version."""
        self._kind.load()
        return str(sys.modules[(*self._kind.needs, "localgrad")[0]].__version__)

    def machine(self, seconds: float) -> dict[str, float]:
        """Measure what as many threads can do at best."""
        return _core.measure_machine(self._n_threads or 1, seconds)

    def rows(self, net: Net, training: str, seconds: float) -> int:
        """Return how many rows of a mini-batch make a step of about so many seconds."""
        return rows_in(seconds, self._kind.load(), workload(net, training, self._n_threads, net.batch_size))

    def answer(self, net: Net, training: str, batch_size: int, steps: int, epsilon: float) -> Answer:
        """Train at least so many steps in the order of the rows, repeatedly if those are too few."""
        work = workload(net, training, self._n_threads, net.batch_size * steps, epsilon)
        work = work.first(min(steps, work.steps), batch_size)
        contender = self._kind.load()(work)
        predictions = parameters = cost = None
        if self._kind.predicts:
            predictions = np.array(contender.prediction(inputs(net, PREDICTED_ROWS[-1]))())
        if training in self._kind.trainings:
            cost = contender.train(math.ceil(steps / work.steps), shuffle=False)
            parameters = contender.parameters().copy()
        return Answer(parameters, cost, predictions)

    def begin(self, net: Net, trainings: Sequence[str], batch_size: int) -> None:
        """Set up what `train` and, by the rows, `predict` measure; the first of the trainings predicts."""
        self._trainings, self._predictions = {}, {}  # their memory first
        slow = self._kind.slow
        for training in trainings:
            work = workload(net, training, self._n_threads, net.batch_size if slow else None)
            work = work.first(1 if slow else work.steps, batch_size)
            contender, seconds = self._kind.load()(work), math.inf
            if training in self._kind.trainings and not slow:
                contender.train(1)
                start = time.perf_counter()
                contender.train(1)
                seconds = time.perf_counter() - start
            self._trainings[training] = _Training(contender, work.steps, seconds)
        if self._kind.predicts:
            first = self._trainings[trainings[0]].contender
            for rows in PREDICTED_ROWS:
                self._prepare(rows, first.prediction(inputs(net, rows)))

    def begin_counts(self, net: Net, rows: int, counts: Sequence[int | None]) -> None:
        """Set up `predict` for these numbers of threads, None being the default; all must agree."""
        self._trainings, self._predictions = {}, {}
        network = initial(net)
        X = inputs(net, rows) if rows * net.sizes[0] <= _MANY else small_integers(net, rows)
        expected = network.predict(X, n_threads=1)
        for count in counts:
            if network.predict(X, n_threads=count).tobytes() != expected.tobytes():
                raise ArithmeticError(f"predictions of {rows} rows by {count} threads and by 1 differ")
            self._prepare(count, partial(network.predict, X, n_threads=count))

    def _prepare(self, key: int | None, predict: Callable[[], Any]) -> None:
        predict()
        start = time.perf_counter()
        predict()
        self._predictions[key] = predict, time.perf_counter() - start

    def train(self, training: str, seconds: float) -> float:
        """Train whole epochs for about so long, each in a random order; return the seconds a step."""
        ready = self._trainings[training]
        epochs = max(1, round(seconds / ready.epoch_seconds))
        start = time.perf_counter()
        ready.contender.train(epochs)
        return _after((time.perf_counter() - start) / (epochs * ready.steps))

    def predict(self, key: int | None, seconds: float) -> float:
        """Predict for about so long what was set up under this key; return the seconds a call."""
        predict, each = self._predictions[key]
        count = max(1, round(seconds / each))
        start = time.perf_counter()
        for _ in range(count):
            predict()
        return _after((time.perf_counter() - start) / count)


def _after(measured: float) -> float:
    """Return it when this process is idle: threads that want work spin for a while, OpenBLAS's for 30 ms."""
    for _ in range(_MOST_WAITS):
        before = time.process_time()
        time.sleep(_WAIT)
        if time.process_time() - before < _WAIT / 10:
            break
    return measured
