"""Training by mini-batches, which the core computes."""

import time
from contextlib import closing

import localgrad._core as _core
from localgrad._arrays.rows import FloatArray
from localgrad._data.feed import ArrayFeed, Order, Part
from localgrad._model.model import Model
from localgrad._training.algorithm import Algorithm
from localgrad._training.checkpoint import AlgorithmState, Saved, TrainerState
from localgrad._training.first_look import Look
from localgrad._training.measured import Measured
from localgrad._training.numbers import Outputs
from localgrad._training.rates import Rates
from localgrad._training.recipe import Recipe
from localgrad._training.run import Run
from localgrad._training.trainer import TrainerSettings
from localgrad.callbacks import Training
from localgrad.errors import BadExample

__all__ = ["MiniBatches"]

_EPOCHS_A_CALL = 2**31 - 1  # more are asked for in several calls


class MiniBatches(Algorithm):
    """Trains the parts of each epoch, in pieces that end where a callback is called."""

    can_checkpoint = True

    def __init__(self, model: Model, recipe: Recipe, look: Look) -> None:
        super().__init__(model, recipe, look)
        feed = self._feed = recipe.feed
        settings = TrainerSettings(
            recipe.rule, recipe.penalties, feed.batch_size, recipe.n_threads, feed.weighted
        )
        self._rates = Rates(recipe.schedule, recipe.rule, recipe.epochs, feed.mini_batches)
        self._trainer = settings.trainer(model, feed.rows)
        self._outputs = Outputs(recipe.metrics, model)
        self._measured = Measured(model, recipe.metrics, recipe.n_threads, feed.names)
        self._cost_sum = 0.0  # of the examples trained in the current epoch
        self._began_at = model.epochs

    @property
    def position(self) -> int:
        """How many rows of the current epoch are trained."""
        return self._trainer.position

    def train(self, run: Run) -> None:
        """Train up to the last epoch, or until a callback, the time limit or an error ends it."""
        training, trainer = run.training, self._trainer
        self._began_at = training.epoch
        run.settle()
        whole = isinstance(self._feed, ArrayFeed) and self._feed.data.index is None
        if whole and run.is_quiet and not (self._rates.vary or self._outputs.metrics):
            self._train_quietly(training)
            return
        left = None if training.deadline is None else training.deadline - time.monotonic()
        progress = run.callbacks.progress

        def tick(finished: int, cost: float) -> None:
            assert progress is not None
            progress.tick(training.mini_batch + finished, cost)

        trainer.watch(left, None if progress is None else tick)
        try:
            while training.stopped is None and self._model.epochs < training.last_epoch:
                self._epoch(run)
        finally:
            trainer.watch(None, None)  # a circle of references that Python cannot see
            trainer.release_data()

    def end_epoch(self) -> None:
        """Count the epoch."""
        self._trainer.end_epoch()

    def observe(self, logs: dict[str, float]) -> None:
        """Let a schedule see the numbers of an epoch."""
        self._rates.observe(logs)

    def parameters_of(self, name: str, higher: bool) -> FloatArray:
        """Return the parameters that one of the training's own numbers belongs to."""
        return self._measured.parameters(name, higher)

    def snapshot(self) -> AlgorithmState:
        """Return the state of the optimizer and of the schedule, and what is known of the epoch so far."""
        position = self.position
        return AlgorithmState(
            TrainerState(*self._trainer.state()),
            self._cost_sum,
            self._rates.state(),
            self._outputs.so_far(position),
            self._measured.kept if position else None,
        )

    def restore(self, saved: Saved) -> None:
        """Continue from there."""
        state, now = saved.algorithm, self._recipe.settings["optimizer"]
        try:
            self._trainer.set_state(*state.trainer)
        except ValueError as error:
            raise ValueError(
                f"resume must be a checkpoint with the state of {now}, got one of "
                f"{saved.settings.get('optimizer')}: {error}"
            ) from None
        self._rates.set_state(state.schedule)
        self._cost_sum, self._measured.kept = state.cost_sum, state.measured
        if self.position and state.outputs is not None:
            self._outputs.kept = state.outputs.reshape(self.position, -1)

    def _train_quietly(self, training: Training) -> None:
        """Train in as few native calls as can be."""
        assert isinstance(self._feed, ArrayFeed)
        data, trainer = self._feed.data, self._trainer
        trainer.set_data(data.rows, data.targets, data.weights, *data.names)
        while (left := training.last_epoch - training.epoch) > 0:
            with self._model.guard.computing():
                trainer.run(min(left, _EPOCHS_A_CALL), training.history["cost"], self._feed.shuffle)

    def _epoch(self, run: Run) -> None:
        training, trainer = run.training, self._trainer
        self._rates.begin(self._model.epochs - training.first_epoch)
        skip = trainer.position  # what was trained of this epoch before it was resumed
        self._outputs.begin(skip)
        if not skip:
            self._cost_sum = 0.0
            self._measured.begin(run.callbacks.keep_parameters)
        run.settled = not skip  # what is replayed is in the checkpoint as a whole, and here in part
        if not self._parts(run, skip):
            return
        rows = trainer.position
        if training.rows is None:  # of blocks: now it is known, for the time that is left
            training.rows, training.mini_batches = rows, -(-rows // self._feed.batch_size)
        with _core.DefaultFloatMode():
            numbers = {"cost": self._cost_sum / rows}
        if self._rates.vary:
            numbers["learning_rate"] = training.learning_rate
        run.finish_epoch(numbers, self._outputs.measure)

    def _parts(self, run: Run, skip: int) -> bool:
        """Train the parts of an epoch after its first rows; return whether all of it is trained."""
        training = run.training
        with closing(self._feed.parts(self._model.epochs)) as parts:
            for part in parts:
                done = min(skip, len(part.order))
                skip -= done
                self._outputs.begin_part(part, done)
                over = self._part(run, part, done)
                # What ends after the last mini-batch of an epoch ends after the epoch.
                if training.stopped is not None and not (over and next(parts, None) is None):
                    return False
                run.settled = False
                self._outputs.end_part()
                # After the only part comes the end of the epoch; another block may take long to come.
                run.settled = not (skip or isinstance(self._feed, ArrayFeed))
        if skip:
            seen = self._trainer.position
            raise ValueError(
                f"X must yield at least the {seen} rows that the checkpoint had seen, got {seen - skip}"
            )
        return True

    def _part(self, run: Run, part: Part, done: int) -> bool:
        """Train a part after its first rows; return whether it is over, and not stopped before."""
        training, trainer, feed, order = run.training, self._trainer, self._feed, part.order[done:]
        self._measured.part = part
        if not len(order):
            return True
        if trainer.position % feed.batch_size:
            raise ValueError(
                f"resume must be at the end of a mini-batch of {feed.batch_size}, got row {trainer.position}"
            )
        if not self._look.settled:
            self._look(self._model, part.rows, part.targets, part.order)
        trainer.set_data(part.rows, part.targets, part.weights, *feed.names)
        while len(order) and training.stopped is None:
            wanted = run.callbacks.until_batch_end(training.step)
            count = self._next(-(-len(order) // feed.batch_size), wanted)
            piece, order = order[: count * feed.batch_size], order[count * feed.batch_size :]
            finished = self._piece(run, piece, count, wanted)
            if finished < count:
                training.stopped = "time_limit"
                return False
            if wanted == count:
                training.stopped = run.callbacks.batch_end(training)
                run.settle()
        return not len(order)

    def _next(self, left: int, wanted: int | None) -> int:
        """Return how many of the mini-batches that are left of the part to train in one call."""
        if self._measured.kept is not None and left > 1:
            left -= 1  # the last one, before whose update the parameters are kept, goes by itself
        elif self._trainer.position:
            self._measured.before_last()
        return left if wanted is None else min(left, wanted)

    def _piece(self, run: Run, order: Order, count: int, wanted: int | None) -> int:
        """Train mini-batches in one call of the core's; return how many were finished."""
        training, trainer = run.training, self._trainer
        run.settled = False
        first, before = training.mini_batch, trainer.position
        finished = 0
        try:
            factors = self._rates.part(first, count)
            training.learning_rate = self._rates.last
            with self._model.guard.computing():
                trainer.part(order, factors, self._outputs.array)
        except BadExample as error:
            if not trainer.refused:  # by a network that a cost of the user's own computes
                raise
            self.refused = trainer.position == before and training.epoch == self._began_at
            raise self._feed.located(error) from None
        finally:
            finished = -(-trainer.position // self._feed.batch_size) - first
            if finished:
                self._cost_sum = trainer.cost_sum(self._cost_sum)
                training.batch_cost = float(trainer.step_costs[-1])
                training.step += finished
                training.mini_batch += finished
                self._outputs.advance(trainer.position - before)
            run.settled = wanted is None or finished < wanted
        return finished
