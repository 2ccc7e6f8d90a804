"""One fit under way: which epochs count, what is noted of them, and when callbacks are called."""

import logging
import math
import time
from collections.abc import Callable

from localgrad._training import checkpoint
from localgrad._training.algorithm import Algorithm
from localgrad._training.callback_list import CallbackList
from localgrad._training.recipe import Recipe
from localgrad._training.requests import Requests
from localgrad.callbacks import Training

logger = logging.getLogger("localgrad")


class Run:
    """Runs one fit.

    Between two mini-batches whose callbacks have all been called the training is settled: then, and only
    then, a checkpoint holds all. What callbacks ask for waits until it is.

    Attributes
    ----------
    training : Training
        What callbacks receive.
    callbacks : CallbackList
        Those that are called.
    algorithm : Algorithm
        What trains the epochs.
    settled : bool
        Whether all callbacks have been called for what has been trained.
    """

    def __init__(
        self,
        training: Training,
        callbacks: CallbackList,
        algorithm: Algorithm,
        requests: Requests,
        recipe: Recipe,
    ) -> None:
        self.training = training
        self.callbacks = callbacks
        self.algorithm = algorithm
        self.settled = False
        self._requests = requests
        self._recipe = recipe
        self._pending: dict[str, float] | None = None  # the numbers of an epoch that is not counted yet

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is called after an epoch, and nothing but its cost is noted."""
        training, held_out = self.training, self._recipe.held_out
        return not (len(self.callbacks) or held_out is not None or training.deadline or training.resumed)

    def run(self) -> None:
        """Train, between the callbacks' calls at the beginning and at the end."""
        training = self.training
        try:
            self.callbacks.begin(training)
            self._resume_callbacks()
            self.algorithm.train(self)
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

    def finish_epoch(self, numbers: dict[str, float], measure: Callable[[], dict[str, float]]) -> None:
        """Measure an epoch that has been trained, count it, and call the callbacks."""
        training = self.training
        self.settled = False
        self._pending = numbers
        self._pending.update(measure())
        if self._recipe.held_out is not None:
            self._pending.update((f"val_{name}", value) for name, value in self._recipe.evaluate().items())
        training.logs = {name: self._pending.get(name, math.nan) for name in training.names}
        self._commit()
        self.algorithm.observe(training.logs)
        reason = self.callbacks.epoch_end(training)
        training.stopped = training.stopped or reason
        self.settle()
        if training.deadline is not None and time.monotonic() > training.deadline:
            training.stopped = training.stopped or "time_limit"

    def settle(self) -> None:
        """Say that all callbacks have been called, and write the checkpoints that they asked for."""
        self.settled = True
        while self._requests.pending:
            request = self._requests.pending.pop(0)
            checkpoint.save(request, self.training.network._core_model, self._snapshot())

    def _snapshot(self) -> checkpoint.Saved:
        """Return all that is needed to resume, beside the network."""
        training = self.training
        return checkpoint.Saved(
            first_epoch=training.first_epoch,
            step=training.step,
            batch_cost=training.batch_cost,
            learning_rate=training.learning_rate,
            history=training.history,
            settings=self._recipe.settings,
            algorithm=self.algorithm.snapshot(),
            callbacks=self.callbacks.states(),
        )

    def _resume_callbacks(self) -> None:
        """Let callbacks continue from their states, and ask them whether there is anything left to train."""
        resumption = self._recipe.resumption
        if resumption is None:
            return
        try:
            left = self.callbacks.set_states(resumption.saved.callbacks)
        except OverflowError as error:
            raise ValueError(f"resume must hold numbers of floats, got others: {error}") from None
        if left:
            logger.warning(
                "resume: no callback takes the state of these in the checkpoint: %s",
                ", ".join(state.name for state in left),
            )
        if not any("best_epoch" in state.values for state in left):  # else nothing compares epochs any more
            self.training.history.best_epoch = resumption.saved.history.best_epoch
        self.training.stopped = self.callbacks.should_stop()

    def _commit(self) -> None:
        """Count the epoch that is pending, and write its numbers down."""
        values, self._pending = self._pending, None
        if values is None:
            return
        self.algorithm.end_epoch()
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

    def _end(self) -> None:
        training = self.training
        training.history.stopped = training.stopped
        try:
            self.callbacks.end(training)
            if self.settled:
                self.settle()
            elif self._requests.pending:
                logger.warning(
                    "no checkpoint is written at an end that came while an epoch was being measured or "
                    "callbacks were being called; if there was one before, it stays"
                )
        finally:
            self._requests.close()
            try:
                self.callbacks.restore(training)
            finally:
                training._release()
