"""All contenders by turns: first their answers, then their speed."""

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

CHECKED_STEPS = 10  # after which the answers are compared
SLOW_STEPS = 3  # and those of a slow contender
TRAIN_SECONDS = 0.15  # that a measurement of training lasts, or an epoch if that is longer
PREDICT_SECONDS = 0.03
MACHINE_SECONDS = 0.3
SLOW_SECONDS = 0.15  # that a step of a slow contender lasts at most, roughly

_CORE = next(iter(KINDS))


class DisagreementError(Exception):
    """A contender computes something else."""


@dataclass(frozen=True)
class Result:
    """One contender with so many threads on one network."""

    contender: str
    n_threads: int | None
    rows: int  # of a mini-batch, that were trained on
    agreements: Mapping[str, Mapping[str, Agreement]]  # by the training; none of localgrad with itself
    training: Mapping[str, Times]  # a step on the whole mini-batch, by the training
    predicting: Mapping[int, Times]  # by the number of rows


@dataclass
class Crew:
    """The workers of all contenders, and why some are left out.

    Parameters
    ----------
    kinds : iterable of Kind
        Who takes part; localgrad does anyway.
    threads : iterable of int
        The thread counts of each.
    demanded : bool
        Whether a contender that fails ends the bench rather than being left out.
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
                    self._leave_out(kind, f"{kind.name} is not installed: {kind.install}")
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
        """Do something with every worker; one that cannot do it is left out with its like."""
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
    """Measure the machine with one thread and with each of these counts."""
    speeds = {}
    for count in sorted({1, *threads}):
        worker = Worker(KINDS[_CORE], count)
        try:
            speeds[count] = worker.ask("machine", MACHINE_SECONDS)
        finally:
            worker.close()
    return speeds


def compare(net: Net, trainings: Sequence[str], crew: Crew, repeat: int) -> list[Result]:
    """Prove that the answers agree, then measure all contenders by turns.

    Every contender is measured in every round, so that none has the quiet minute alone, and its trainings one
    right after another, so that they can be compared.

    Raises
    ------
    DisagreementError
        If an answer differs from localgrad's by more than rounding explains.
    ContenderError
        If a contender fails that must not.
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
            if work not in ours:
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
    """Return what a worker is to do of the trainings; if it knows none, the first, of which it predicts."""
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
                f"{worker.kind.name} and {_CORE} disagree on {net}, {training}: after {steps} steps by "
                f"{agreed.difference:.1e} in the {what}, where rounding explains {agreed.allowed:.1e}"
            )
    return found
