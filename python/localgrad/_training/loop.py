"""The epochs of a fit: what is noted of them, and who is told."""

import logging
import math
import time
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from localgrad import _core
from localgrad._data.feed import ArrayFeed, Feed, Part
from localgrad._training.first_look import Look
from localgrad._training.listeners import Listeners
from localgrad._training.measured import Measured
from localgrad._training.numbers import Outputs
from localgrad._training.rates import Rates
from localgrad._training.requests import Requests
from localgrad._training.trainer import Trainer
from localgrad.callbacks import Training
from localgrad.errors import BadExample

if TYPE_CHECKING:
    from localgrad._training.progress import Progress
    from localgrad._training.resumption import Keeper

__all__ = ["Loop"]

_EPOCHS_A_CALL = 2**31 - 1  # more are asked for in several calls

logger = logging.getLogger("localgrad")


class Loop:
    """Runs one fit.

    Between two mini-batches whose callbacks have all been called the training is settled: then, and only
    then, a checkpoint tells all. What callbacks ask for waits until it is.
    """

    def __init__(
        self,
        training: Training,
        listeners: Listeners,
        rates: Rates,
        outputs: Outputs,
        measured: Measured,
        requests: Requests,
        evaluate: Callable[[], dict[str, float]] | None = None,
        progress: "Progress | None" = None,
    ) -> None:
        self.training = training
        self._model = training.network._model
        self.refused = False  # whether the core has refused an example before it had seen all
        self.cost_sum = 0.0  # of the examples trained in the epoch under way
        self._listeners = listeners
        self._rates = rates
        self.outputs = outputs
        self.measured = measured
        self._requests = requests
        self._evaluate = evaluate
        self._progress = progress
        self.keeper: Keeper | None = None  # writes checkpoints
        # What is called with the first parts, before they are trained; what that leaves to do, after all.
        self.look: Look | None = None
        self.look_again: Callable[[], None] | None = None
        self._settled = False
        self._began_at = training.epoch
        # The numbers of an epoch that is trained but not counted, and what counts it.
        self._pending: dict[str, float] | None = None
        self._count: Callable[[], None] = lambda: None

    def run(self, train: Callable[[], None]) -> None:
        """Call `train` between the beginning and the end of which everybody is told."""
        training = self.training
        try:
            self._listeners.begin(training)
            train()
        except BaseException as error:
            self._rescue()
            training.stopped = "interrupted" if isinstance(error, KeyboardInterrupt) else "error"
            try:
                self._end()
            except Exception as later:
                logger.warning("at the end of a training that %s ended: %r", type(error).__name__, later)
            raise
        training.stopped = training.stopped or "epochs"
        self._end()

    def train(self, trainer: Trainer, feed: Feed) -> None:
        """Train by mini-batches up to the last epoch, or until somebody asks to stop."""
        training = self.training
        self._began_at = training.epoch
        self._settle()
        if isinstance(feed, ArrayFeed) and feed.data.index is None and self._is_alone:
            _train_quietly(trainer, training, feed)
            return
        left = None if training.deadline is None else training.deadline - time.monotonic()
        trainer.watch(left, None if self._progress is None else self._tick)
        try:
            while training.stopped is None and training.epoch < training.last_epoch:
                self._epoch(trainer, feed)
        finally:
            trainer.watch(None, None)  # a circle of references that Python cannot see
            trainer.release_data()

    def finish_epoch(
        self, cost: float, measure: Callable[[], dict[str, float]], count: Callable[[], None]
    ) -> None:
        """Measure an epoch that has been trained, count it, and tell of it."""
        training = self.training
        self._settled = False
        self._count = count
        self._pending = {"cost": cost}
        if self._rates.vary:
            self._pending["learning_rate"] = self._rates.last
        self._pending.update(measure())
        if self._evaluate is not None:
            self._pending.update((f"val_{name}", value) for name, value in self._evaluate().items())
        training.logs = {name: self._pending.get(name, math.nan) for name in training.names}
        self._commit()
        self._rates.observe(training.logs)
        reason = self._listeners.epoch_end(training)
        training.stopped = training.stopped or reason
        self._settle()
        if training.deadline is not None and time.monotonic() > training.deadline:
            training.stopped = training.stopped or "time_limit"

    def _epoch(self, trainer: Trainer, feed: Feed) -> None:
        training = self.training
        self._rates.begin(training.epoch - training.first_epoch)
        skip = trainer.position  # what was trained of this epoch before it was resumed
        self.outputs.begin(skip)
        if not skip:
            self.cost_sum = 0.0
            self.measured.begin(self._listeners.keep_parameters)
        self._settled = not skip  # what is replayed is in the checkpoint as a whole, and here in part
        with closing(feed.parts(training.epoch)) as parts:
            for part in parts:
                done = min(skip, len(part.order))
                skip -= done
                self.outputs.begin_part(part, done)
                over = self._part(trainer, feed, part, done)
                # What ends behind the last mini-batch of an epoch ends behind the epoch.
                if training.stopped is not None and not (over and next(parts, None) is None):
                    return
                self._settled = False
                self.outputs.end_part()
                # Behind the only part comes the end of the epoch; for another block one may wait for long.
                self._settled = not (skip or isinstance(feed, ArrayFeed))
        if skip:
            raise ValueError(
                f"X must yield at least the {trainer.position} rows that the checkpoint's epoch had seen, "
                f"got {trainer.position - skip}"
            )
        if training.rows is None:
            training.rows = trainer.position  # of blocks, for the time that is left
            training.mini_batches = -(-trainer.position // feed.batch_size)
        with _core.DefaultFloatMode():
            cost = self.cost_sum / trainer.position
        self.finish_epoch(cost, self.outputs.measure, trainer.end_epoch)

    def _part(self, trainer: Trainer, feed: Feed, part: Part, done: int) -> bool:
        """Train a part behind so many rows; return whether it is over, and not stopped before."""
        training, order = self.training, part.order[done:]
        self.measured.part = part
        keep = self.measured.kept is not None
        if not len(order):
            return True
        if trainer.position % feed.batch_size:
            raise ValueError(
                f"resume must stand at the end of a mini-batch of {feed.batch_size}, "
                f"got row {trainer.position}"
            )
        if self.look is not None:
            self.look(self._model, part.rows, part.targets, part.order)
            self.look_again = self.look.again or self.look_again
            if self.look.settled:
                self.look = None
        trainer.set_data(part.rows, part.targets, part.weights, *feed.names)
        outputs = self.outputs.array
        while len(order) and training.stopped is None:
            count = -(-len(order) // feed.batch_size)
            wanted = self._listeners.until_batch_end(training.step)
            if keep and count > 1:
                count -= 1  # the last one, before whose update the parameters are kept, goes by itself
            elif trainer.position:
                self.measured.before_last()
            count = count if wanted is None else min(count, wanted)
            piece, order = order[: count * feed.batch_size], order[count * feed.batch_size :]
            self._settled = False
            first, before = training.mini_batch, trainer.position
            try:
                factors = self._rates.part(first, count)
                training.learning_rate = self._rates.last
                with self._model.guard.computing():
                    trainer.part(piece, factors, outputs)
            except BadExample as error:
                if not trainer.refused:  # by a network that a cost of the user's own computes
                    raise
                self.refused = trainer.position == before and training.epoch == self._began_at
                raise feed.located(error) from None
            finally:
                finished = -(-trainer.position // feed.batch_size) - first
                if finished:
                    self.cost_sum = trainer.cost_sum(self.cost_sum)
                    training.batch_cost = float(trainer.step_costs[-1])
                    training.step += finished
                    training.mini_batch += finished
                    self.outputs.advance(trainer.position - before)
                self._settled = wanted is None or finished < wanted
            if finished < count:
                training.stopped = "time_limit"
                return False
            if wanted == count:
                training.stopped = self._listeners.batch_end(training)
                self._settle()
        return not len(order)

    def _commit(self) -> None:
        """Count the epoch that is pending, and write its numbers down."""
        values, self._pending = self._pending, None
        if values is None:
            return
        self._count()
        self.training.mini_batch = 0
        for name, numbers in self.training.history.items():
            numbers.append(values.get(name, math.nan))  # what was not measured is not a number

    def _rescue(self) -> None:
        """Leave a history of whole epochs, wherever an exception came; Ctrl-C may come anywhere."""
        self._commit()
        training = self.training
        epochs = training.epoch - training.first_epoch
        for numbers in training.history.values():
            del numbers[epochs:]
            numbers.extend([math.nan] * (epochs - len(numbers)))

    def _settle(self) -> None:
        """Say that everybody has been told, and write the checkpoints that were asked for."""
        self._settled = True
        while self._requests.pending and self.keeper is not None:
            self.keeper.save(self._requests.pending.pop(0), self)

    def _end(self) -> None:
        training = self.training
        training.history.stopped = training.stopped
        try:
            self._listeners.end(training)
            if self._settled:
                self._settle()
            elif self._requests.pending:
                logger.warning(
                    "no checkpoint is written at an end that came while an epoch was being measured or "
                    "callbacks were being called; if there was one before, it stays"
                )
        finally:
            self._requests.close()
            self._listeners.restore(training)

    @property
    def _is_alone(self) -> bool:
        """Whether nobody is to be told of an epoch and nothing but its cost is asked for."""
        training = self.training
        others = (self._listeners, self._rates.vary, self.outputs.metrics, self._evaluate, training.deadline)
        return not any(others) and not training.resumed

    def _tick(self, finished: int, cost: float) -> None:
        if self._progress is not None:
            self._progress.tick(self.training.mini_batch + finished, cost)


def _train_quietly(trainer: Trainer, training: Training, feed: ArrayFeed) -> None:
    """Train in as few native calls as can be."""
    data = feed.data
    trainer.set_data(data.rows, data.targets, data.weights, *feed.names)
    while (left := training.last_epoch - training.epoch) > 0:
        with training.network._model.guard.computing():
            trainer.run(min(left, _EPOCHS_A_CALL), training.history["cost"], feed.shuffle)
