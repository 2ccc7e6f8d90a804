"""Training with mini-batches, by the core."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import localgrad._core as _core
from localgrad._arrays.rows import FloatArray
from localgrad._data.feed import ArrayFeed, Order, Part
from localgrad._model.model import Model
from localgrad._training.algorithm import Algorithm
from localgrad._training.checkpoint import AlgorithmState, Saved, TrainerState
from localgrad._training.epoch_numbers import Outputs
from localgrad._training.first_look import Look
from localgrad._training.importance import Importance
from localgrad._training.measured_parameters import Measured
from localgrad._training.rates import Rates, check_schedules
from localgrad._training.recipe import Recipe
from localgrad._training.run import Run
from localgrad._training.trainer import TrainerSettings, scale_velocity
from localgrad.callbacks import Training
from localgrad.errors import BadExample
from localgrad.history import DIAGNOSTICS, History

__all__ = ["MiniBatches"]

_EPOCHS_A_CALL = 2**31 - 1  # the core counts them in an int; more epochs take several calls


class MiniBatches(Algorithm):
    """Trains the parts of each epoch in pieces that end where callbacks are called."""

    can_checkpoint = True

    def __init__(self, model: Model, recipe: Recipe, look: Look) -> None:
        super().__init__(model, recipe, look)
        feed = self._feed = recipe.feed
        settings = TrainerSettings(
            recipe.rule,
            recipe.penalties,
            feed.batch_size,
            recipe.n_threads,
            feed.weighted or recipe.sampler == "importance",
            recipe.privacy,
            0.0 if recipe.slopes is None else recipe.slopes.weight,
            recipe.diagnostics,
        )
        self._slopes = None if recipe.slopes is None else recipe.slopes.array
        self._rates = Rates(model, recipe)
        self._trainer = settings.trainer(model, feed.rows)
        self._outputs = Outputs(recipe.metrics if recipe.visits_all else (), model)
        self._measured = Measured(model, recipe.metrics, recipe.n_threads, feed.names)
        drawn = recipe.sampler == "importance"
        self._importance = Importance(model, recipe.n_threads) if drawn else None
        if isinstance(feed, ArrayFeed):
            self._trainer.set_population(feed.data.index)
        self._cost_sum = 0.0  # over the examples trained in the current epoch
        self._began_at = model.epochs

    @classmethod
    def check(cls, model: Model, recipe: Recipe) -> None:
        """Raise an error for a schedule of a setting that is 0."""
        check_schedules(model, recipe)

    @property
    def position(self) -> int:
        """Number of rows of the current epoch that have been trained."""
        return self._trainer.position

    def train(self, run: Run) -> None:
        """Train up to the last epoch, or until a callback, the time limit or an error stops training."""
        training, trainer = run.training, self._trainer
        self._began_at = training.epoch
        run.settle()
        # If there is nothing to do between epochs, the core trains all of them in one call.
        whole = isinstance(self._feed, ArrayFeed) and self._feed.data.index is None
        if (
            whole
            and self._recipe.is_plain
            and run.is_quiet
            and not (self._rates.vary or self._outputs.metrics)
        ):
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
            # The trainer refers to the tick, which refers to the trainer: a cycle that would outlive the fit.
            trainer.watch(None, None)
            trainer.release_data()

    def end_epoch(self) -> None:
        """Count the epoch."""
        self._trainer.end_epoch()

    def observe(self, logs: dict[str, float]) -> None:
        """Pass the metrics of an epoch to the schedules."""
        self._rates.observe(logs)

    def parameters_of(self, name: str, higher: bool) -> FloatArray:
        """Return the parameters for which a metric on the training data was measured."""
        return self._measured.parameters(name, higher)

    def snapshot(self) -> AlgorithmState:
        """Return the states of the optimizer and the schedules, and the results of the epoch so far."""
        position = self.position
        return AlgorithmState(
            TrainerState(*self._trainer.state()),
            self._cost_sum,
            self._rates.state(),
            self._outputs.so_far(position),
            self._measured.kept if position else None,
            self._importance.norms if position and self._importance is not None else None,
        )

    def resume(self, saved: Saved) -> None:
        """Restore the state of a checkpoint."""
        state, now = saved.algorithm, self._recipe.settings["optimizer"]
        try:
            self._trainer.set_state(*state.trainer)
        except ValueError as error:
            raise ValueError(
                f"resume must be a checkpoint with the state of {now}, got that of "
                f"{saved.settings.get('optimizer')}: {error}"
            ) from None
        self._rates.set_state(state.schedule)
        self._cost_sum, self._measured.kept = state.cost_sum, state.measured
        if self._importance is not None:
            self._importance.resume(state.importance, self.position)
        if self.position and state.outputs is not None:
            self._outputs.kept = state.outputs.reshape(self.position, -1)

    def _train_quietly(self, training: Training) -> None:
        """Train in as few calls to the core as possible."""
        assert isinstance(self._feed, ArrayFeed)
        data, trainer = self._feed.data, self._trainer
        trainer.set_data(data.rows, data.targets, data.weights, *data.names, self._slopes)
        while (left := training.last_epoch - training.epoch) > 0:
            history = training.history
            lists = {name: history[name] for name in DIAGNOSTICS} if self._recipe.diagnostics else {}
            with self._model.guard.computing(), self._keeping_diverged(history):
                trainer.run(min(left, _EPOCHS_A_CALL), history["cost"], self._feed.shuffle, lists)

    @contextmanager
    def _keeping_diverged(self, history: History) -> Iterator[None]:
        """If training diverges, record the diagnostics of the epoch."""
        try:
            yield
        except FloatingPointError:
            if self._recipe.diagnostics:
                history.diverged = self._trainer.diagnostics()
            raise

    def _epoch(self, run: Run) -> None:
        training, trainer = run.training, self._trainer
        self._rates.begin(self._model.epochs - training.first_epoch)
        scale_velocity(trainer, self._rates.velocity_factor())
        skip = trainer.position  # rows of this epoch that were trained before the checkpoint
        self._outputs.begin(skip)
        if self._importance is not None:
            self._importance.begin(skip)
        if not skip:
            self._cost_sum = 0.0
            self._measured.begin(run.callbacks.keep_parameters)
        run.settled = not skip  # while rows are skipped, the state here is incomplete
        if not self._parts(run, skip):
            return
        rows = trainer.position
        if training.rows is None:  # blocks: the number is now known, for the remaining time
            training.rows, training.mini_batches = rows, -(-rows // self._feed.batch_size)
        # Computed as in the run() of the core, so that the result is bit-identical.
        with _core.DefaultFloatMode():
            numbers = {"cost": self._cost_sum / rows, **self._rates.used(training.mini_batch - 1)}
        if self._recipe.diagnostics:
            numbers.update(trainer.diagnostics())
        run.record_epoch(numbers, training.epoch + 1)
        run.measure_epoch(self._outputs.measure)
        run.finish_epoch()

    def _parts(self, run: Run, skip: int) -> bool:
        """Train the parts of an epoch, except the first `skip` rows; return whether it is complete."""
        training = run.training
        with closing(self._feed.parts(self._model.epochs)) as parts:
            for part in parts:
                if self._importance is not None:
                    part = self._importance.part(part, self._feed.names)
                done = min(skip, len(part.order))
                skip -= done
                self._outputs.begin_part(part, done)
                over = self._part(run, part, done)
                # A stop after the last mini-batch of an epoch takes effect after the epoch.
                if training.stopped is not None and not (over and next(parts, None) is None):
                    return False
                run.settled = False
                self._outputs.end_part()
                # An array feed has one part, after which the epoch ends. The next block may take long to
                # arrive.
                run.settled = not (skip or isinstance(self._feed, ArrayFeed))
        if skip:
            seen = self._trainer.position
            raise ValueError(
                f"X must yield at least the {seen} rows trained before the checkpoint, got {seen - skip}"
            )
        return True

    def _part(self, run: Run, part: Part, done: int) -> bool:
        """Train a part, except the first `done` rows; return whether it is complete."""
        training, trainer, feed, order = run.training, self._trainer, self._feed, part.order[done:]
        self._measured.part = part
        if not len(order):
            return True
        # The last mini-batch of an epoch may be smaller, and more rows follow it if blocks have become
        # longer.
        if trainer.position % feed.batch_size:
            raise ValueError(
                f"resume must be at the end of a mini-batch of {feed.batch_size}, got row {trainer.position}"
            )
        if not self._look.settled:
            self._look(self._model, part.rows, part.targets, part.order)
        trainer.set_data(part.rows, part.targets, part.weights, *feed.names, self._slopes)
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
        """Return the number of mini-batches, of those left in the part, to train in the next call."""
        if self._measured.kept is not None and left > 1:
            left -= 1  # the last one is trained in a separate call, because the parameters before it are kept
        elif self._trainer.position:
            self._measured.before_last()
        return left if wanted is None else min(left, wanted)

    def _piece(self, run: Run, order: Order, count: int, wanted: int | None) -> int:
        """Train mini-batches in one call to the core; return how many were finished."""
        training, trainer = run.training, self._trainer
        run.settled = False
        first, before = training.mini_batch, trainer.position
        finished = 0
        try:
            factors = self._rates.part(first, count)
            last = self._rates.used(first + count - 1)
            training.learning_rate = last.get("learning_rate", self._rates.learning_rate)
            with self._model.guard.computing(), self._keeping_diverged(training.history):
                trainer.part(order, factors, self._outputs.array)
        except BadExample as error:
            if not trainer.refused:  # the error comes from another network, inside a custom cost
                raise
            self.refused = trainer.position == before and training.epoch == self._began_at
            raise self._feed.located(error) from None
        finally:  # also after an error, to count what has been trained
            finished = -(-trainer.position // self._feed.batch_size) - first
            if finished:
                self._cost_sum = trainer.cost_sum(self._cost_sum)
                training.batch_cost = float(trainer.step_costs[-1])
                training.step += finished
                training.mini_batch += finished
                self._outputs.advance(trainer.position - before)
            # Not settled if on_batch_end is due: a checkpoint would skip that call.
            run.settled = wanted is None or finished < wanted
        return finished
