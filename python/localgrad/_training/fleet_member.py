"""One network of a fleet while it is trained."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Self

import numpy as np

from localgrad._arguments.members import of_member
from localgrad._arrays.rows import FloatArray
from localgrad._data.feed import ArrayFeed, Part
from localgrad._model.model import Model
from localgrad._training.first_look import Look
from localgrad._training.fit import learn_standards
from localgrad._training.mini_batches import MiniBatches
from localgrad._training.partial_state import Trainee
from localgrad._training.recipe import Recipe
from localgrad._training.run import Run
from localgrad._training.trainer import scale_velocity
from localgrad._training.transaction import Transaction
from localgrad.metrics import Metric
from localgrad.schedules.base import Times


class WholeEpochs(MiniBatches):
    """Mini-batches whose epochs are trained in calls of the core for several networks."""

    def __init__(self, model: Model, recipe: Recipe, look: Look) -> None:
        super().__init__(model, replace(recipe, n_threads=1), look)
        assert isinstance(recipe.feed, ArrayFeed)
        self.trainer, data = self._trainer, recipe.feed.data
        self.trainer.set_data(data.rows, data.targets, data.weights, *data.names)
        self.rows = data.index
        trained = slice(None) if data.index is None else data.index
        self._whole = Part(data.rows, data.targets, data.weights, np.empty(0, np.uint32), trained)

    @property
    def varies(self) -> bool:
        """Whether there is something to do before or after each epoch."""
        return self._rates.vary or bool(self._outputs.metrics)

    def begin_epoch(self, epoch: int) -> tuple[dict[str, Times], FloatArray | None]:
        """Prepare an epoch, counted from 0 in this fit; return its factors and where to write outputs."""
        self._rates.begin(epoch)
        scale_velocity(self.trainer, self._rates.velocity_factor())
        self._outputs.begin(0)
        self._outputs.begin_part(self._whole, 0)
        return self._rates.part(0, self._steps), self._outputs.array

    def record_epoch(self, run: Run, cost: float) -> None:
        """Record an epoch that the core has trained and counted."""
        used = self._record_steps(run, self._steps)
        run.record_epoch({"cost": cost, **used}, run.training.epoch)

    def record_part(self, run: Run) -> None:
        """Record the mini-batches of an epoch that the core has not finished, for a checkpoint."""
        position = self.position
        finished = -(-position // self._feed.batch_size)
        self._record_steps(run, finished)
        self._cost_sum = self.trainer.cost_sum()
        run.training.mini_batch = finished
        (part,) = self._feed.parts(self._model.epochs)
        self._outputs.begin_part(part, 0)
        self._outputs.advance(position)

    def _record_steps(self, run: Run, finished: int) -> dict[str, float]:
        """Count mini-batches; return the scheduled settings of the last one."""
        training, used = run.training, self._rates.used(finished - 1)
        training.step += finished
        training.batch_cost = float(self.trainer.step_costs[-1])
        training.learning_rate = used.get("learning_rate", self._rates.learning_rate)
        return used

    def measure(self) -> dict[str, float]:
        """Return the metrics of the recorded epoch on the training data."""
        self._outputs.end_part()
        return self._outputs.measure()

    def resume_epoch(self, run: Run) -> None:
        """Train the rest of the epoch in which a checkpoint was written."""
        self._epoch(run)

    @property
    def _steps(self) -> int:
        steps = self._feed.mini_batches
        assert steps is not None
        return steps


class FleetMember:
    """A network of a fleet: its run, and what it trains in the next call of the core.

    As a context, it does what `Network.fit` does before and after training.

    Attributes
    ----------
    k : int
        Position in the fleet, for errors.
    epochs, factors, outputs, costs
        The arguments of the next call of `train_fleet`; it appends the costs of the epochs it has trained.
    failure : Exception or None
        The error that ended the training of this member.
    closed : bool
        Whether the member trains no longer.
    """

    def __init__(self, k: int, network: Trainee, recipe: Recipe, run: Run) -> None:
        assert isinstance(run.algorithm, WholeEpochs)
        self.k = k
        self.model, self.run, self.algorithm = network._core_model, run, run.algorithm
        self.factors: dict[str, Times] = {}
        self.outputs: FloatArray | None = None
        self.epochs = 0
        self.costs: list[float] = []
        self.failure: Exception | None = None
        self.closed = False
        self._recipe = recipe
        self._transaction = Transaction(network, recipe, run.algorithm, run.training.history)

    def __enter__(self) -> Self:
        self._transaction.__enter__()
        try:
            with of_member(self.k):
                learn_standards(self.model, self._recipe)
            self.run.begin()
            self.run.settle()
            if self.run.callbacks.keep_parameters:
                raise ValueError(
                    "callbacks must monitor validation data or have restore_best=False for a Fleet, got a "
                    "monitor of the training data"
                )
        except BaseException as error:  # __exit__ is not called if __enter__ raises
            self.close(error)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self.closed:
            self.close(error)

    def close(self, error: BaseException | None = None) -> None:
        """End the training of this member, because it is complete or because of an error."""
        self.closed = True
        try:
            self.run.end(error)
        finally:
            if error is not None:
                self._transaction.undo(error)
            self.algorithm.trainer.release_data()

    @property
    def is_quiet(self) -> bool:
        """Whether nothing happens after an epoch except that its cost is recorded."""
        return self.run.is_quiet and not self.algorithm.varies

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics of each epoch."""
        return self._recipe.metrics

    @property
    def is_validated(self) -> bool:
        """Whether there is validation data."""
        return self._recipe.held_out is not None

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to train."""
        training = self.run.training
        return training.stopped is not None or training.epoch >= training.last_epoch

    def prepare(self, quiet: bool) -> None:
        """Prepare the next call of the core, for all epochs if nothing happens between them."""
        training = self.run.training
        if quiet:
            self.epochs, self.costs = training.last_epoch - training.epoch, training.history["cost"]
            return
        self.run.settled = False
        self.epochs, self.costs = 1, []
        with of_member(self.k):
            self.factors, self.outputs = self.algorithm.begin_epoch(training.epoch - training.first_epoch)

    def record(self, quiet: bool) -> bool:
        """Record what the core has trained, also after an error; return whether it has finished an epoch."""
        if quiet:
            return False
        if self.costs:
            self.algorithm.record_epoch(self.run, self.costs[0])
            return True
        if self.algorithm.position:
            self.algorithm.record_part(self.run)
        self.run.settled = True
        return False

    def measure(self, n_threads: int | None) -> None:
        """Measure the recorded epoch, if there is one."""
        if self.costs:
            with of_member(self.k):
                self.run.measure_epoch(self.algorithm.measure, n_threads)

    def end_if_failed(self) -> None:
        """End the training of this member if it failed in the last call of the core."""
        with self._failing():
            self.algorithm.trainer.check()

    def finish(self, quiet: bool) -> None:
        """Count the epochs that the core has trained, and call the callbacks; the member may be over then."""
        training = self.run.training
        if not quiet and self.costs:
            with of_member(self.k):
                self.run.finish_epoch()
        elif training.epoch < training.last_epoch:  # the core stopped early
            training.stopped = "time_limit"

    def resume_epoch(self) -> None:
        """Train the rest of the epoch in which the checkpoint was written, if it was not at its end."""
        if self.algorithm.position and not self.is_over:
            with self._failing():
                self.algorithm.resume_epoch(self.run)

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """End the training of this member, but of no other, after an error."""
        try:
            yield
        except Exception as error:
            self.failure = error
            self.close(error)
