"""What the parts of `Network` share: the model, and the check of arguments."""

from numpy.typing import ArrayLike

from localgrad._arguments.check import threads
from localgrad._data.examples import Examples
from localgrad._model.model import Model


class Base:
    """Base class of the parts."""

    _core_model: Model

    def _to_differentiate(
        self, X: ArrayLike, y: ArrayLike, n_threads: int | None
    ) -> tuple[Model, Examples, int]:
        """Check the arguments of a method that computes quantities of each example."""
        model = self._core_model
        model.check_columns(X, "X")
        return model, Examples.of(model, X, y), threads(n_threads)
