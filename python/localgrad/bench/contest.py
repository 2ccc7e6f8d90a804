"""Comparison of all contenders: first their results, then their speed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from localgrad.bench.agreement import Agreement, Answer, agreements
from localgrad.bench.contenders import KINDS, Kind
from localgrad.bench.nets import Net
from localgrad.bench.tasks import PREDICTED_ROWS
from localgrad.bench.times import Times
from localgrad.bench.worker import ContenderError, Worker
from localgrad.bench.workload import initial

CHECKED_STEPS = 10  # training steps before the results are compared
SLOW_STEPS = 3  # the same for a slow contender
TRAIN_SECONDS = 0.15  # approximate duration of a measurement of training, which is at least one epoch
PREDICT_SECONDS = 0.03  # approximate duration of a measurement of prediction, which is at least one call
MACHINE_SECONDS = 0.3  # duration of a measurement of the machine
SLOW_SECONDS = 0.15  # approximate maximum duration of a step of a slow contender

_CORE = next(iter(KINDS))


class DisagreementError(Exception):
    """Error for a contender whose results differ from those of localgrad."""


@dataclass(frozen=True)
class Result:
    """The measurements of one contender with one number of threads on one network."""

    contender: str
    n_threads: int | None  # None if chosen by the contender
    rows: int  # batch size with which it was measured; smaller than the network's for a slow contender
    agreements: Mapping[str, Mapping[str, Agreement]]  # by training method; empty for localgrad itself
    training: Mapping[str, Times]  # time of a step, scaled to the network's batch size, by training method
    predicting: Mapping[int, Times]  # time of a call, by number of rows


@dataclass
class Crew:
    """The workers of all contenders, and the reasons why others are left out.

    Parameters
    ----------
    kinds : iterable of Kind
        The contenders, in addition to localgrad.
    threads : iterable of int
        Numbers of threads of each contender.
    demanded : bool
        Whether a contender that fails ends the benchmark. Otherwise it is left out.
    """

    kinds: Iterable[Kind]
    threads: Iterable[int]
    demanded: bool
    workers: list[Worker] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        try:
            for t in (*self.threads, None):
                self.workers.append(Worker(KINDS[_CORE], t))
            for kind in self.kinds:
                if kind.missing:
                    self._leave_out(kind, f"{kind.name} is not installed; install it with: {kind.install}")
                    continue
                self.workers += [Worker(kind, t) for t in ((1,) if kind.slow else self.threads)]
            self.each(lambda worker: self.versions.update({worker.kind.name: worker.ask("version")}))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.close()

    @property
    def core(self) -> Worker:
        """A worker of localgrad."""
        return self.workers[0]

    def each(self, prepare: Callable[[Worker], object]) -> None:
        """Call a function with every worker. If it fails for one, all workers of its kind are left out."""
        for worker in tuple(self.workers):
            if worker not in self.workers:
                continue
            try:
                prepare(worker)
            except ContenderError as error:
                if worker.kind is self.core.kind:
                    raise
                self._leave_out(worker.kind, str(error))

    def _leave_out(self, kind: Kind, reason: str) -> None:
        if self.demanded:
            raise ContenderError(reason)
        self.left_out[kind.name] = reason
        for worker in [worker for worker in self.workers if worker.kind is kind]:
            self.workers.remove(worker)
            worker.close()


def machine_speeds(threads: Iterable[int]) -> dict[int, dict[str, float]]:
    """Measure the peak speed of the machine with one thread and with each of these numbers of threads."""
    speeds = {}
    for count in sorted({1, *threads}):
        worker = Worker(KINDS[_CORE], count)
        try:
            speeds[count] = worker.ask("machine", MACHINE_SECONDS)
        finally:
            worker.close()
    return speeds


def compare(net: Net, trainings: Sequence[str], crew: Crew, repeat: int) -> list[Result]:
    """Check that the results agree, then measure all contenders in turns.

    Every contender is measured once in every round, so that changes of the load of the machine affect all of
    them. The training methods of a contender are measured directly after one another, so that they can be
    compared.

    Raises
    ------
    DisagreementError
        If a result differs from localgrad's by more than rounding explains.
    ContenderError
        If localgrad fails, or another contender fails that must not be left out.
    """
    rows: dict[Worker, int] = {}
    agreed: dict[Worker, dict[str, Mapping[str, Agreement]]] = {}
    ours: dict[tuple[Any, ...], Answer] = {}

    def check(worker: Worker) -> None:
        kind, asked = worker.kind, _asked(worker, trainings)
        rows[worker] = worker.ask("rows", net, asked[0], SLOW_SECONDS) if kind.slow else net.batch_size
        agreed[worker] = {}
        for training in asked:
            steps = SLOW_STEPS if kind.slow else CHECKED_STEPS
            work = training, rows[worker], steps, kind.checked_epsilon
            theirs = worker.ask("answer", net, *work)
            if work not in ours:  # localgrad does the same work, but only once for all contenders
                ours[work] = theirs if worker is crew.core else crew.core.ask("answer", net, *work)
            agreed[worker][training] = _agreed(worker, net, training, rows[worker], steps, ours[work], theirs)

    crew.each(check)
    crew.each(lambda worker: worker.ask("begin", net, _asked(worker, trainings), rows[worker]))

    training: dict[Worker, dict[str, list[float]]] = {
        worker: {name: [] for name in trainings if name in worker.kind.trainings} for worker in crew.workers
    }
    predicting: dict[tuple[Worker, int], list[float]] = {
        (worker, count): [] for worker in crew.workers for count in PREDICTED_ROWS
    }
    # The outer loop is over rounds, so that a slow period of the machine affects all contenders.
    for _ in range(repeat):
        for worker in crew.workers:
            for name, seconds in training[worker].items():
                each = worker.ask("train", name, TRAIN_SECONDS)
                seconds.append(each * net.batch_size / rows[worker])
    for count in PREDICTED_ROWS:
        for _ in range(repeat):
            for worker in crew.workers:
                if worker.kind.predicts:
                    predicting[worker, count].append(worker.ask("predict", count, PREDICT_SECONDS))
    return [
        Result(
            worker.kind.name,
            worker.n_threads,
            rows[worker],
            agreed[worker],
            {name: Times(tuple(seconds)) for name, seconds in training[worker].items()},
            {n: Times(tuple(predicting[worker, n])) for n in PREDICTED_ROWS if worker.kind.predicts},
        )
        for worker in crew.workers
    ]


def _asked(worker: Worker, trainings: Sequence[str]) -> list[str]:
    """Return the training methods that a worker supports.

    If it supports none, return the first, because it still predicts with the initial network of this method.
    """
    return [name for name in trainings if name in worker.kind.trainings] or list(trainings[:1])


def _agreed(
    worker: Worker, net: Net, training: str, batch_size: int, steps: int, ours: Answer, theirs: Answer
) -> Mapping[str, Agreement]:
    if ours is theirs:
        return {}
    extent = np.mean if training == "adam" else np.max
    found = agreements(initial(net, training), batch_size, steps, ours, theirs, extent)
    for what, agreed in found.items():
        if not agreed:
            raise DisagreementError(
                f"{worker.kind.name} and {_CORE} disagree on {net}, {training}: the relative difference "
                f"in the {what} after {steps} steps is {agreed.difference:.1e}, but rounding explains at "
                f"most {agreed.allowed:.1e}"
            )
    return found
