"""What happens between the epochs of a fit: learning rates, evaluation, progress line, callbacks."""

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from localgrad import _core
from localgrad._arguments import AnySchedule, Callback
from localgrad.history import History
from localgrad.schedules import ReduceOnPlateau
from localgrad.schedules.base import Times, factors, over
from localgrad.schedules.plateau import Tracker

if TYPE_CHECKING:
    from localgrad._examples import Examples
    from localgrad._state import State
    from localgrad.optimizers.base import MiniBatchRule

__all__ = ["Rates", "Run", "Trainer", "make_trainer"]

Trainer: TypeAlias = _core.Trainer32 | _core.Trainer64

_TRAINERS: dict[str, type[Trainer]] = {"float32": _core.Trainer32, "float64": _core.Trainer64}

_EPOCHS_A_CALL = 2**31 - 1  # more are asked for in several calls


def make_trainer(
    network: "State",
    data: "Examples",
    rule: "MiniBatchRule",
    penalties: "_core.Regularization",
    batch_size: int,
    shuffle: bool,
    n_threads: int,
) -> Trainer:
    """Return what trains a network on examples."""
    return _TRAINERS[network.dtype.name](
        network._native,
        data.rows,
        data.targets,
        data.weights,
        rule._native(),
        penalties,
        batch_size,
        shuffle,
        n_threads,
        *data.names,
    )


class Rates:
    """The learning rates of one fit: those of an epoch at a time."""

    def __init__(self, schedule: AnySchedule, learning_rate: float, epochs: int, steps: int) -> None:
        """Start a fit of `epochs` epochs of `steps` mini-batches."""
        self._pace = (
            schedule.start() if isinstance(schedule, ReduceOnPlateau) else over(schedule, max(epochs, 1))
        )
        self._learning_rate = learning_rate
        self._steps = steps
        self.last = learning_rate  # of the last mini-batch asked for

    def factors(self, epoch: int) -> Times:
        """Return the factor of each mini-batch of the epoch, counted from 0 in this fit."""
        if isinstance(self._pace, Tracker):
            values = np.full(self._steps, self._pace.factor)
        else:
            values = factors(self._pace, epoch + np.arange(self._steps) / self._steps)
        self.last = self._learning_rate * float(values[-1])
        return values

    def observe(self, logs: dict[str, float]) -> None:
        """Take the numbers of the epoch that has ended."""
        if isinstance(self._pace, Tracker):
            self._pace.observe(logs)


class Run:
    """One fit. `evaluate` measures the validation data after an epoch, if there are any."""

    def __init__(
        self,
        network: "State",
        history: History,
        *,
        epochs: int,
        rows: int,
        evaluate: Callable[[], dict[str, float]] | None = None,
        callbacks: tuple[Callback, ...] = (),
        rates: Rates | None = None,
        verbose: int = 0,
    ) -> None:
        self.costs = history["cost"]
        self._network = network
        self._history = history
        self._epochs = epochs
        self._last = network.epochs + epochs
        self._rows = rows
        self._evaluate = evaluate
        self._callbacks = callbacks
        self._rates = rates
        self._verbose = verbose

    def train(self, trainer: Trainer) -> None:
        """Train by mini-batches; without anybody to tell of each epoch, in one native call."""
        if self._rates is None and self._evaluate is None and not self._callbacks and not self._verbose:
            for done in range(0, self._epochs, _EPOCHS_A_CALL):
                trainer.run(min(self._epochs - done, _EPOCHS_A_CALL), self.costs, None)
            return
        for epoch in range(self._epochs):
            start = time.perf_counter()
            rates = None if self._rates is None else self._rates.factors(epoch)
            try:
                trainer.run(1, self.costs, rates)
            except BaseException:
                if len(self.costs) > epoch:  # Ctrl-C came when the epoch was over
                    self._note({})
                raise
            if self.tell(time.perf_counter() - start):
                return

    def tell(self, seconds: float) -> bool:
        """Tell of the epoch whose cost stands in the history; return whether somebody asks to stop."""
        values: dict[str, float] = {}
        try:
            if self._evaluate is not None:
                values = {f"val_{name}": value for name, value in self._evaluate().items()}
        finally:
            self._note(values)
        logs = {name: numbers[-1] for name, numbers in self._history.items()}
        if self._rates is not None:
            self._rates.observe(logs)
        epoch = self._network.epochs
        if self._verbose:
            speed = self._rows / max(seconds, 1e-9)
            print(_progress_line(epoch, self._last, logs, speed), flush=True)
        # Each has its turn, also after one has asked to stop.
        answers = [callback(epoch, dict(logs)) for callback in self._callbacks]
        return any(answers)

    def _note(self, values: dict[str, float]) -> None:
        """Write an epoch's numbers beside its cost; what was not measured is not a number."""
        if self._rates is not None:
            values = {**values, "learning_rate": self._rates.last}
        for name, numbers in self._history.items():
            if name != "cost":
                numbers.append(values.get(name, math.nan))


def _progress_line(epoch: int, last: int, logs: dict[str, float], speed: float) -> str:
    numbers = "  ".join(
        f"{name} {value:{'.4g' if name == 'learning_rate' else '.6f'}}" for name, value in logs.items()
    )
    return f"epoch {epoch:>{len(str(last))}}/{last}  {numbers}  {speed:,.0f} examples/s"
