"""Examples with their targets and weights."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

import localgrad._core as _core
from localgrad._arrays.rows import FloatArray, as_rows, check_signs, check_some, examples, targets
from localgrad._arrays.sparse_rows import Rows
from localgrad._arrays.weights import (
    ClassWeight,
    Weights,
    class_weights,
    product,
    relative,
    sample_weights,
    scaled,
)
from localgrad._model.model import Model

if TYPE_CHECKING:
    from localgrad.metrics import Metric


Moments: TypeAlias = tuple[Weights, Weights, Weights, Weights]  # of the inputs and the targets


@dataclass(frozen=True, eq=False)
class Examples:
    """Rows (n, m_1), targets (n, width) or labels (n,), and weights float64 (n,), None if all are 1.

    With an `index`, in ascending order, only the rows that it lists are examples.
    """

    model: Model
    rows: Rows
    targets: NDArray[Any]
    weights: Weights | None
    names: tuple[str, str]
    single: bool = False
    index: NDArray[np.uint32] | None = None

    @classmethod
    def of(
        cls,
        model: Model,
        X: ArrayLike,
        y: ArrayLike,
        *,
        names: tuple[str, str] = ("X", "y"),
        only_batch: bool = False,
        sample_weight: ArrayLike | None = None,
        weights_name: str = "sample_weight",
    ) -> Self:
        """Check examples for a network; `only_batch` rejects a single example without a batch axis.

        The weights are kept unchanged; `weighed` divides them by their mean.
        """
        model.check_cost()
        x_name, y_name = names
        rows, single = examples(X, x_name, model.sizes[0], model.dtype, only_batch=only_batch)
        check_some(rows, x_name)
        wanted = targets(
            y,
            y_name,
            len(rows),
            model.target_width,
            model.dtype,
            classes=model.takes_labels,
            single=single,
            x_name=x_name,
        )
        if model.cost == "hinge" and (wanted.ndim == 2 or model.sizes[-1] == 1):
            check_signs(wanted, y_name)
        weights = None
        if sample_weight is not None:
            weights = sample_weights(sample_weight, len(wanted), single, weights_name)
        return cls(model, rows, wanted, weights, names, single)

    def __len__(self) -> int:
        return len(self.rows if self.index is None else self.index)

    def weighed(self, class_weight: ClassWeight | None = None) -> Self:
        """Return these examples with their weights, times those of their classes, divided by their mean.

        Only the rows of the index are read and changed, in place: parts of the same data share one array.
        """
        if self.weights is None and class_weight is None:
            return self
        which = slice(None) if self.index is None else self.index
        weights = None if self.weights is None else self.weights[which]
        with _core.DefaultFloatMode():
            if class_weight is not None:
                of_classes = class_weights(class_weight, self.targets[which], class_count(self.model))
                weights = of_classes if weights is None else product(weights, of_classes)
            assert weights is not None
            if not weights.any():
                raise ValueError("class_weight must give at least 1 example a weight above 0, got 0 for all")
            relative(weights)
        if self.index is not None:
            whole = np.zeros(len(self.rows)) if self.weights is None else self.weights
            whole[self.index] = weights
            weights = whole
        return replace(self, weights=weights)

    def moments(self, n_threads: int) -> Moments:
        """Return means and standard deviations, of a standardizing network, as the core does."""
        weights = None if self.weights is None else scaled(self.weights.copy())
        block = (self.rows, self.targets, weights, self.index)
        return self.model.native.moments([block], n_threads, *self.names)

    def part(self, first: int, last: int) -> tuple[Rows, NDArray[Any], Weights | None]:
        """Return rows, targets and weights of the examples first..last-1."""
        which = slice(first, last)
        rows = self.rows[which if self.index is None else self.index[which]]
        return rows, *self.answers(which)

    def evaluate(self, n_threads: int, *, standardized: bool = False) -> dict[str, float]:
        """Return the cost, of standardized targets if wanted, and, for a classifier, the accuracy."""
        cost, accuracy = self._evaluate(n_threads, None, standardized)
        return {"cost": cost} if accuracy < 0 else {"cost": cost, "accuracy": accuracy}

    def measure(
        self, n_threads: int, metrics: "Sequence[Metric]", *, standardized: bool = False
    ) -> dict[str, float]:
        """Return the cost, of standardized targets if wanted, and each metric, with one pass."""
        # The core computes the accuracy without storing the outputs.
        if all(metric.native for metric in metrics):
            cost, accuracy = self._evaluate(n_threads, None, standardized)
            return {"cost": cost, **{metric.name: accuracy for metric in metrics}}
        outputs = np.empty((len(self), self.model.sizes[-1]), self.model.dtype)
        cost, accuracy = self._evaluate(n_threads, outputs, standardized)
        y, weights = self.answers()
        values = {
            metric.name: accuracy if metric.native else metric(y, outputs, weights) for metric in metrics
        }
        return {"cost": cost, **values}

    def target_rows(self) -> FloatArray:
        """Return a copy of the targets in the form that the cost expects, with labels as rows."""
        model = self.model
        # Hinge encodes a class by 1 and the others by -1.
        low = -1.0 if model.cost == "hinge" and self.targets.ndim == 1 else 0.0
        wanted, _ = self.answers()
        return as_rows(wanted, model.target_width, model.dtype, low=low)

    def answers(self, which: slice = slice(None)) -> tuple[NDArray[Any], Weights | None]:
        """Return targets and weights of some examples, by default of all."""
        return self._pick(self.targets, which), None if self.weights is None else self._pick(
            self.weights, which
        )

    def _pick(self, array: NDArray[Any], which: slice) -> NDArray[Any]:
        return array[which] if self.index is None else array[self.index[which]]

    def _evaluate(
        self, n_threads: int, outputs: FloatArray | None, standardized: bool = False
    ) -> tuple[float, float]:
        """Return the cost and the accuracy, negative if there is none; write to `outputs` unless None."""
        with self.model.guard.computing():
            return self.model.native.evaluate(
                self.rows,
                self.targets,
                self.weights,
                n_threads,
                *self.names,
                outputs,
                self.index,
                standardized,
            )


def class_count(model: Model) -> int | None:
    """Return the number of classes, None if the network does not accept labels."""
    if not model.takes_labels:
        return None
    return max(model.sizes[-1], 2)  # a single output decides between 0 and 1
