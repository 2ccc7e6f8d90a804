"""The steps of one fit: counting epochs, recording metrics, calling callbacks, writing checkpoints."""

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

    The training is settled between two mini-batches once all callbacks have been called. Only then is a
    checkpoint complete, so checkpoints that callbacks request wait until then.

    Attributes
    ----------
    training : Training
        The argument of the callbacks.
    callbacks : CallbackList
        The callbacks.
    algorithm : Algorithm
        Trains the epochs.
    settled : bool
        Whether all callbacks have been called for the mini-batches trained so far.
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
        self._pending: dict[str, float] | None = None  # metrics of an epoch that is not counted yet
        self._counted = 0  # the network's epochs once it is

    @property
    def is_quiet(self) -> bool:
        """Whether nothing happens after an epoch except that its cost is recorded."""
        training, held_out = self.training, self._recipe.held_out
        return not (len(self.callbacks) or held_out is not None or training.deadline or training.resumed)

    def run(self) -> None:
        """Train, and call the callbacks at the start and at the end."""
        try:
            self.begin()
            self.algorithm.train(self)
        except BaseException as error:
            self.end(error)
            raise
        self.end()

    def begin(self) -> None:
        """Call the callbacks at the start."""
        self.callbacks.begin(self.training)
        self._resume_callbacks()

    def end(self, error: BaseException | None = None) -> None:
        """Call the callbacks at the end, after an error also make the history consistent."""
        training = self.training
        if error is None:
            training.stopped = training.stopped or "epochs"
            self._end()
            return
        self._rescue()
        training.stopped = "interrupted" if isinstance(error, KeyboardInterrupt) else "error"
        try:
            self._end()
        except Exception as later:
            logger.warning("fit ended by %s, and another error followed: %r", type(error).__name__, later)

    def record_epoch(self, numbers: dict[str, float], epochs: int) -> None:
        """Record an epoch that has been trained: the network's epochs once it is counted, and its numbers."""
        self.settled = False
        self._counted = epochs
        self._pending = numbers

    def measure_epoch(self, measure: Callable[[], dict[str, float]], n_threads: int | None = None) -> None:
        """Measure the recorded epoch, by default with the threads of the fit.

        Changes nothing else, so that several runs can be measured at the same time.
        """
        assert self._pending is not None
        self._pending.update(measure())
        if self._recipe.held_out is not None:
            values = self._recipe.evaluate(n_threads)
            self._pending.update((f"val_{name}", value) for name, value in values.items())

    def finish_epoch(self) -> None:
        """Count the measured epoch, and call the callbacks."""
        training = self.training
        assert self._pending is not None
        training.logs = {name: self._pending.get(name, math.nan) for name in training.names}
        self._commit()
        self.algorithm.observe(training.logs)
        reason = self.callbacks.epoch_end(training)
        training.stopped = training.stopped or reason
        self.settle()
        if training.deadline is not None and time.monotonic() > training.deadline:
            training.stopped = training.stopped or "time_limit"

    def settle(self) -> None:
        """Mark the training as settled, and write the requested checkpoints."""
        self.settled = True
        while self._requests.pending:
            request = self._requests.pending.pop(0)
            checkpoint.save(request, self.training.network._core_model, self._snapshot())

    def _snapshot(self) -> checkpoint.Saved:
        """Return everything that is needed to resume, besides the network."""
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
            start=None if training.history.setup is None else training.history.setup.start,
            noise_key=None if self._recipe.privacy is None else self._recipe.privacy.key,
        )

    def _resume_callbacks(self) -> None:
        """Restore the states of the callbacks, and query whether to continue training."""
        resumption = self._recipe.resumption
        if resumption is None:
            return
        try:
            left = self.callbacks.set_states(resumption.saved.callbacks)
        except OverflowError:
            raise ValueError("resume must contain numbers that fit a float, got a larger integer") from None
        if left:
            logger.warning(
                "resume: the checkpoint has states of callbacks that are not used now: %s",
                ", ".join(state.name for state in left),
            )
        # Without the callback that chose the best epoch before, there is no best epoch.
        if not any("best_epoch" in state.values for state in left):
            self.training.history.best_epoch = resumption.saved.history.best_epoch
        self.training.stopped = self.callbacks.should_stop()

    def _commit(self) -> None:
        """Count the pending epoch, and add its metrics to the history."""
        values, training = self._pending, self.training
        if values is None:
            return
        # Each line may run again, in `_rescue`, if Ctrl-C comes after it.
        if training.epoch < self._counted:
            self.algorithm.end_epoch()
        training.mini_batch = 0
        place = self._counted - training.first_epoch - 1
        for name, numbers in training.history.items():
            numbers[place:] = [values.get(name, math.nan)]  # NaN for metrics that were not measured
        self._pending = None

    def _rescue(self) -> None:
        """Make the history consistent after an exception; Ctrl-C may come between any two lines."""
        self._commit()
        training = self.training
        epochs = training.epoch - training.first_epoch
        for numbers in training.history.values():
            del numbers[epochs:]
            numbers.extend([math.nan] * (epochs - len(numbers)))

    def _end(self) -> None:
        training = self.training
        training.history.stopped = training.stopped
        if self._recipe.privacy is not None:
            training.history.privacy = self._recipe.privacy.guarantee(self._recipe.feed, training.step)
        try:
            self.callbacks.end(training)
            if self.settled:
                self.settle()
            elif self._requests.pending:
                logger.warning(
                    "no checkpoint is written, because fit ended while an epoch was measured or callbacks "
                    "were called; the previous one, if any, is kept"
                )
        finally:
            self._requests.close()
            try:
                self.callbacks.restore(training)
            finally:
                training._release()
