"""The changes of a fit to a network before training, and how to undo them."""

from types import TracebackType

from localgrad._arrays.rows import FloatArray
from localgrad._training.algorithm import Algorithm
from localgrad._training.partial_state import Trainee
from localgrad._training.recipe import Recipe
from localgrad.history import History


class Transaction:
    """Sets the history and column names of a network, and the initial state of a resumed fit.

    If an error occurs before anything has been trained, it restores the previous state: parameters, seed,
    epochs, standardization, column names, history, and the state of `partial_fit`.
    """

    def __init__(self, network: Trainee, recipe: Recipe, algorithm: Algorithm, history: History) -> None:
        native = network._core_model.native
        self._network, self._native = network, native
        self._recipe, self._algorithm, self._history = recipe, algorithm, history
        self._before = network.history, network._partial_state, native.feature_names
        self._standardization = native.standardization
        self._start = native.parameters.copy(), native.seed, native.epochs

    def __enter__(self) -> None:
        try:
            self._begin()
        except BaseException:  # __exit__ is not called if __enter__ raises
            self._undo()
            raise

    def _begin(self) -> None:
        native, recipe = self._native, self._recipe
        self._network.history, self._network._partial_state = self._history, None
        if recipe.epochs:
            native.feature_names = list(recipe.feed.columns or ())
        if recipe.resumption is not None:
            saved = recipe.resumption.native
            self._move(saved.parameters, saved.seed, saved.epochs)
            native.standardization = saved.standardization
        self._began = native.epochs, self._algorithm.position

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self.undo(error)

    def undo(self, error: BaseException) -> None:
        """Restore the previous state after an error, unless something has been trained."""
        # After Ctrl-C the network keeps its history, even if nothing has been trained.
        untouched = self._began == (self._native.epochs, self._algorithm.position)
        if untouched and self._recipe.resumption is None:
            self._native.standardization = self._standardization
        if isinstance(error, KeyboardInterrupt):
            return
        diverged = isinstance(error, FloatingPointError) and self._recipe.resumption is None
        if self._algorithm.refused or (untouched and not diverged):
            self._undo()

    def _undo(self) -> None:
        self._network.history, self._network._partial_state, self._native.feature_names = self._before
        self._native.standardization = self._standardization
        self._move(*self._start)

    def _move(self, parameters: FloatArray, seed: int, epochs: int) -> None:
        self._native.parameters[...] = parameters
        self._native.seed, self._native.epochs = seed, epochs
