"""The tasks that run in the process of a contender."""

import math
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

import localgrad as lg
import localgrad._core as _core
from localgrad.bench.agreement import Answer
from localgrad.bench.contenders import Contender, Kind, rows_in
from localgrad.bench.nets import Net
from localgrad.bench.workload import initial, inputs, small_integers, workload

PREDICTED_ROWS = (1, 1000)
_MANY = 1 << 26  # inputs with more numbers than this are bytes, to save memory
_WAIT, _MOST_WAITS = 0.005, 40  # seconds, and maximum number of waits


@dataclass(frozen=True)
class _Training:
    contender: Contender
    steps: int  # per epoch
    epoch_seconds: float


class Tasks:
    """A contender that runs networks one after another, with a fixed number of threads or its own choice."""

    def __init__(self, kind: Kind, n_threads: int | None) -> None:
        self._kind = kind
        self._n_threads = n_threads
        self._trainings: dict[str, _Training] = {}
        self._predictions: dict[int | None, tuple[Callable[[], Any], float]] = {}
        self._fleet: tuple[Callable[[int], Any], int, float] | None = None

    def version(self) -> str:
        """Import the library and return its version."""
        self._kind.load()
        return str(sys.modules[(*self._kind.needs, "localgrad")[0]].__version__)

    def machine(self, seconds: float) -> dict[str, float]:
        """Measure the peak speed of the machine with this number of threads."""
        return _core.measure_machine(self._n_threads or 1, seconds)

    def rows(self, net: Net, training: str, seconds: float) -> int:
        """Return the batch size with which a step takes about this time."""
        return rows_in(seconds, self._kind.load(), workload(net, training, self._n_threads, net.batch_size))

    def answer(self, net: Net, training: str, batch_size: int, steps: int, epsilon: float) -> Answer:
        """Train for at least `steps` steps without shuffling, and return the results to compare."""
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
        """Prepare `train` for these training methods, and `predict` for each number of rows.

        The network of the first training method predicts.
        """
        self._trainings, self._predictions = {}, {}  # free the memory of the previous network first
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
        """Prepare `predict` for these numbers of threads, where None is the default; check that all agree."""
        self._trainings, self._predictions = {}, {}
        network = initial(net)
        X = inputs(net, rows) if rows * net.sizes[0] <= _MANY else small_integers(net, rows)
        expected = network.predict(X, n_threads=1)
        for count in counts:
            if network.predict(X, n_threads=count).tobytes() != expected.tobytes():
                raise ArithmeticError(f"predictions for {rows} rows differ between {count} threads and 1")
            self._prepare(count, partial(network.predict, X, n_threads=count))

    def begin_fleet(self, net: Net, training: str, members: int) -> None:
        """Prepare `train_fleet` for that many members; check the last one against a network trained alone."""
        work = workload(net, training, self._n_threads)
        options: dict[str, Any] = {"batch_size": work.batch_size, "optimizer": work.optimizer}
        fleet = lg.Fleet.of([work.initial.copy() for _ in range(members)])

        def train(epochs: int) -> None:
            fleet.fit(work.X, work.y, epochs=epochs, n_threads=self._n_threads, **options)

        start = time.perf_counter()
        train(1)
        self._fleet = train, members * work.steps, time.perf_counter() - start
        work.initial.fit(work.X, work.y, epochs=1, n_threads=1, **options)
        if work.initial.parameters.tobytes() != fleet[members - 1].parameters.tobytes():
            raise ArithmeticError(f"member {members - 1} of a Fleet differs from a network trained alone")

    def _prepare(self, key: int | None, predict: Callable[[], Any]) -> None:
        predict()
        start = time.perf_counter()
        predict()
        self._predictions[key] = predict, time.perf_counter() - start

    def train(self, training: str, seconds: float) -> float:
        """Train shuffled epochs for about this many seconds; return the time of a step in seconds."""
        ready = self._trainings[training]
        epochs = max(1, round(seconds / ready.epoch_seconds))
        start = time.perf_counter()
        ready.contender.train(epochs)
        return after_pause((time.perf_counter() - start) / (epochs * ready.steps))

    def train_fleet(self, seconds: float) -> float:
        """Train for about this many seconds; return the time of a step of one member."""
        assert self._fleet is not None
        train, steps, epoch_seconds = self._fleet
        epochs = max(1, round(seconds / epoch_seconds))
        start = time.perf_counter()
        train(epochs)
        return after_pause((time.perf_counter() - start) / (epochs * steps))

    def predict(self, key: int | None, seconds: float) -> float:
        """Repeat a prepared prediction for about this many seconds; return the time of a call in seconds."""
        predict, each = self._predictions[key]
        count = max(1, round(seconds / each))
        start = time.perf_counter()
        for _ in range(count):
            predict()
        return after_pause((time.perf_counter() - start) / count)


def after_pause(measured: float) -> float:
    """Wait until this process is idle, then return the argument.

    Threads of some libraries spin for a while after their work, those of OpenBLAS for 30 ms. They would slow
    down the next contender.
    """
    for _ in range(_MOST_WAITS):
        before = time.process_time()
        time.sleep(_WAIT)
        if time.process_time() - before < _WAIT / 10:
            break
    return measured
