"""Training with the Levenberg-Marquardt method, by the core."""

from dataclasses import asdict

import localgrad._core as _core
from localgrad._data.feed import ArrayFeed
from localgrad._model.model import Model
from localgrad._training.checkpoint import AlgorithmState, Saved, TrainerState
from localgrad._training.first_look import Look
from localgrad._training.full_batch import FullBatch
from localgrad._training.recipe import Recipe
from localgrad._training.run import Run

_RULE = "levenberg_marquardt"  # in checkpoints


class LevenbergMarquardt(FullBatch):
    """Minimizes the cost with its penalty; each iteration is an epoch."""

    can_checkpoint = True

    def __init__(self, model: Model, recipe: Recipe, look: Look) -> None:
        super().__init__(model, recipe, look)
        self._optimizer = _core.LevenbergMarquardt(
            model.native, asdict(recipe.rule), recipe.penalties, recipe.n_threads
        )

    @classmethod
    def check(cls, model: Model, recipe: Recipe) -> None:
        """Raise an error for a cost and arguments that the method does not support."""
        if model.cost != "mse":
            raise ValueError(f"cost must be 'mse' for {cls.__name__}, got {model.cost!r}")
        cls.refuse(
            model,
            recipe,
            {"l1": "it minimizes a sum of squares", "max_norm": "its steps must decrease the cost"},
        )

    def train(self, run: Run) -> None:
        """Train up to the last epoch, or until the method or a callback stops training."""
        training = run.training
        run.settle()
        while training.stopped is None and training.epoch < training.last_epoch:
            stopped = self._iterate(run)
            if stopped:
                training.stopped = stopped
                return
            run.measure_epoch(self._measure)
            run.finish_epoch()

    def snapshot(self) -> AlgorithmState:
        """Return the state, which consists of the damping."""
        state = TrainerState(_RULE, 0, self._optimizer.damping, 0, [])
        return AlgorithmState(state, 0.0, None, None, None)

    def resume(self, saved: Saved) -> None:
        """Restore the state of a checkpoint."""
        state = saved.algorithm.trainer
        if state.rule != _RULE or state.position:
            raise ValueError(
                f"resume must be a checkpoint with the state of {self._recipe.settings['optimizer']}, "
                f"got one of the rule {state.rule!r} at row {state.position}"
            )
        self._optimizer.damping = state.mu_product

    def _iterate(self, run: Run) -> str:
        """Run an iteration, and record it if it made a step; return why training ends, or ""."""
        assert isinstance(self._recipe.feed, ArrayFeed)
        data, optimizer, training = self._recipe.feed.data, self._optimizer, run.training
        run.settled = False
        steps = optimizer.steps
        try:
            with self._model.guard.computing():
                return optimizer.iterate(data.rows, data.targets, data.weights, data.index, *data.names)
        finally:  # also after Ctrl-C, which may come after the step
            if optimizer.steps > steps:
                training.step += 1
                training.batch_cost = optimizer.cost
                run.record_epoch({"cost": optimizer.cost}, training.epoch + 1)
            else:
                run.settled = True
