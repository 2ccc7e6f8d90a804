"""The metrics of each epoch: their names, and the outputs from which training metrics are computed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad._arguments.names.values import history_name
from localgrad._arrays.rows import FloatArray
from localgrad._arrays.weights import Weights
from localgrad._data.examples import Examples
from localgrad._data.feed import Part
from localgrad._model.model import Model
from localgrad.history import History
from localgrad.metrics import Metric
from localgrad.schedules import ReduceOnPlateau
from localgrad.schedules.argument import AnySchedule, named


def first_history(
    metrics: tuple[Metric, ...],
    held_out: Examples | None,
    schedules: dict[str, AnySchedule],
    n_threads: int,
    of_training: bool = True,
) -> History:
    """Return a history without epochs that has all its keys, by default also metrics of the training."""
    measured = ["cost", *(metric.name for metric in metrics)]
    names = measured if of_training else ["cost"]
    if held_out is not None:
        # The core checks the validation data as it reads it, so evaluate once before anything changes.
        held_out.evaluate(n_threads)
        names = names + [f"val_{name}" for name in measured]
    names = [*names, *schedules]
    for name, pace in schedules.items():
        if isinstance(pace, ReduceOnPlateau) and history_name(pace.monitor or "cost", names) not in names:
            raise ValueError(
                f"monitor of {named(name)} must be one of {', '.join(names)}, got {pace.monitor!r}"
            )
    return History((name, []) for name in names)


class Outputs:
    """The outputs of the network for the examples of an epoch, as computed during training, for metrics."""

    def __init__(self, metrics: tuple[Metric, ...], model: Model) -> None:
        self.metrics = metrics
        self.array: FloatArray | None = None  # receives the outputs for the rows of the current part
        self.kept: FloatArray | None = None  # outputs from a checkpoint inside an epoch, (position, m_L)
        self._width, self._dtype = model.sizes[-1], model.dtype
        self._complete = False
        self._part: Part | None = None
        self._done = 0
        self._taken: list[tuple[NDArray[Any], FloatArray, Weights | None]] = []

    def begin(self, position: int) -> None:
        """Start an epoch of which `position` rows have already been trained."""
        self._taken.clear()
        # Without the outputs of the rows before a checkpoint there are no metrics of the epoch.
        self._complete = bool(self.metrics) and (position == 0 or self.kept is not None)

    def begin_part(self, part: Part, done: int) -> None:
        """Start a part of which `done` rows have already been trained."""
        if not self._complete:
            self.array = None
            return
        if self.array is None or len(self.array) != len(part.rows):
            self.array = np.empty((len(part.rows), self._width), self._dtype)
        if self.kept is not None:
            self.array[part.order[:done]] = self.kept[:done]
            self.kept = self.kept[done:] if done < len(self.kept) else None
        self._part, self._done = part, done

    def advance(self, rows: int) -> None:
        """Record that `rows` more rows of the part have been trained."""
        self._done += rows

    def end_part(self) -> None:
        """Keep the outputs for a part that has been trained."""
        part, self._part = self._part, None
        if part is not None and self.array is not None:
            # In the order of the data. Rows of blocks are copied, because the buffer is overwritten later.
            weights = None if part.weights is None else part.weights[part.trained]
            self._taken.append((part.targets[part.trained], self.array[part.trained], weights))

    def so_far(self, position: int) -> FloatArray | None:
        """Return the outputs for the rows trained in the epoch, in their order; None without metrics."""
        if not position or not self._complete or self.array is None:
            return None
        pieces = [a for _, a, _ in self._taken]
        if self._part is not None:
            pieces.append(self.array[self._part.order[: self._done]])
        return np.concatenate(pieces) if pieces else None

    def measure(self) -> dict[str, float]:
        """Return the metrics of the epoch; empty if outputs from before a checkpoint are missing."""
        if not self._complete:
            return {}
        y, a, w = zip(*self._taken, strict=True)
        if len(self._taken) == 1:
            targets, outputs, weights = y[0], a[0], w[0]
        else:
            targets, outputs = np.concatenate(y), np.concatenate(a)
            weights = None if w[0] is None else np.concatenate(w)
        return {metric.name: metric(targets, outputs, weights) for metric in self.metrics}
