"""A contender in a process of its own.

Affinity and environment are set before the process starts, since some libraries read them once, when they are
loaded: so every library has its threads, and no library's threads disturb another's turn.
"""

import contextlib
import math
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from localgrad import _core
from localgrad.bench.answers import Answer
from localgrad.bench.contenders import Contender, Kind, rows_in
from localgrad.bench.nets import Net, inputs, workload
from localgrad.bench.workload import Workload

__all__ = ["PREDICTED_ROWS", "ContenderError", "Turn", "Worker"]

PREDICTED_ROWS = (1, 1000)
_WAIT, _MOST_WAITS = 0.005, 40  # s
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class ContenderError(Exception):
    """A contender failed; the message names it."""


@dataclass(frozen=True)
class Turn:
    """A measurement: so many steps or predictions took so long."""

    count: int
    seconds: float


class Worker:
    """The process of one contender, as the bench sees it.

    Parameters
    ----------
    kind : Kind
        The contender.
    n_threads : int or None
        Exactly so many threads on as many processors; None leaves the choice to the contender.
    """

    def __init__(self, kind: Kind, n_threads: int | None) -> None:
        self.kind = kind
        self.n_threads = n_threads
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, kind, n_threads))
        with _threads(n_threads):
            self._process.start()
        theirs.close()

    def ask(self, method: str, *arguments: Any) -> Any:
        """Call a method of `Desk` there and return its answer.

        Raises
        ------
        ContenderError
            If it raised an exception, or the process ended.
        """
        try:
            self._pipe.send((method, arguments))
            answer, failure = self._pipe.recv()
        except (EOFError, OSError):
            self._process.join()
            raise ContenderError(
                f"{self.kind.name}: its process ended with status {self._process.exitcode}"
            ) from None
        if failure is not None:
            raise ContenderError(f"{self.kind.name}: {failure}")
        return answer

    def close(self) -> None:
        """End the process."""
        self._pipe.close()  # which it takes for the end
        self._process.join(2)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


@contextlib.contextmanager
def _threads(count: int | None) -> Iterator[None]:
    """Give processes that start meanwhile so many processors, and tell their libraries."""
    if count is None:
        yield
        return
    before = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
    affinity = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    os.environ.update(dict.fromkeys(before, str(count)))
    if affinity is not None:
        os.sched_setaffinity(0, sorted(affinity)[-count:])  # interrupts are mostly served by the first
    try:
        yield
    finally:
        if affinity is not None:
            os.sched_setaffinity(0, affinity)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _serve(pipe: Connection, kind: Kind, n_threads: int | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the bench, which ends this
    desk = Desk(kind, n_threads)
    while True:
        try:
            method, arguments = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer, failure = getattr(desk, method)(*arguments), None
        except Exception as error:
            lines = str(error).strip().splitlines() or [""]
            answer, failure = None, f"{type(error).__name__}: {lines[0]}"
        try:
            pipe.send((answer, failure))
        except OSError:
            return  # nobody waits for it any more


class Desk:
    """What a worker's process does when it is asked."""

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
