"""The parameters to keep: averages over epochs, of the best epoch."""

from typing import Any, NamedTuple

import numpy as np

from localgrad._arguments.check import shown
from localgrad._arrays.rows import FloatArray
from localgrad.callbacks import Callback, Training
from localgrad.tabular.rows import Rows

_MOST = 0.5  # weight of the newest epoch that `_RECENT` leads to
_RECENT = 8  # the average of t epochs is over the last t / 8 or more


class Candidate(NamedTuple):
    """Averaged parameters after an epoch, and what they reach on the validation data."""

    epoch: int
    cost: float
    accuracy: float  # 0 for numbers
    parameters: FloatArray


class BestAverage(Callback):
    """Averages the parameters over epochs, and keeps those that are best on the validation data.

    After an epoch with the parameters p, the average is p̄ ← w p + (1 - w) p̄; training continues with p. In
    a long training that is interrupted early, w is larger, so that the first epochs do not dominate. The
    best epoch is that whose average has the lowest cost, or the last one if it is more accurate. With few
    rows, the best accuracy is often that of an early epoch by chance; with many, the cost may rise while the
    accuracy improves.

    For numbers, training stops after epoch `until` unless there was an improvement after epoch `since`. A
    network that has not improved during a whole cycle of the learning rate rarely does in the next one.
    """

    def __init__(
        self, held: Rows | None, newest: float, n_threads: int | None, since: int = 0, until: int = 0
    ) -> None:
        self._held = held
        self._newest = newest  # w
        self._threads = n_threads
        self._since, self._until = since, until
        self._lowest: Candidate | None = None
        self._last: Candidate | None = None
        self._stopped = False

    @property
    def best(self) -> Candidate | None:
        """The best epoch; None before the end of the first one."""
        if self._lowest is None or self._last is None:
            return None
        return self._last if self._last.accuracy > self._lowest.accuracy else self._lowest

    def on_train_begin(self, training: Training) -> None:
        """Note what parameters look like, for `set_state`."""
        self._like = training.network.parameters

    def on_epoch_end(self, training: Training) -> object:
        """Compare the epoch with those before."""
        network, last = training.network, self._last
        own = network.parameters.copy()
        # A new array, because state() may have returned the old one.
        epoch = len(training.history["cost"])
        newest = max(self._newest, min(_MOST, _RECENT / epoch))
        average = own if last is None else newest * own + (1.0 - newest) * last.parameters
        network.parameters = average
        assert self._held is not None
        X, y, weights = self._held
        try:
            found = network.evaluate(X, y, sample_weight=weights, n_threads=self._threads)
        finally:
            network.parameters = own
        self._last = Candidate(epoch, found["cost"], found.get("accuracy", 0.0), average)
        if self._lowest is None or self._last.cost <= self._lowest.cost:
            self._lowest = self._last
        if self.best is not None:
            training.history.best_epoch = self.best.epoch
            self._stopped = (
                epoch == self._until and "accuracy" not in found and self.best.epoch <= self._since
            )
        return self.should_stop()

    def should_stop(self) -> str | None:
        """Return the reason to stop if there was no improvement, otherwise None."""
        return "early_stopping" if self._stopped else None

    def state(self) -> dict[str, object]:
        """Return the state to store in a checkpoint."""
        if self._lowest is None or self._last is None:
            return {}
        candidates = {"lowest": self._lowest, "last": self._last}
        fields = {
            f"{name}_{field}": value
            for name, one in candidates.items()
            for field, value in one._asdict().items()
        }
        return {"stopped": self._stopped, **fields}

    def set_state(self, state: dict[str, Any]) -> None:
        """Restore a state that `state` returned; raise a ValueError if it is invalid."""
        if state:
            self._lowest, self._last = (self._restored(name, state) for name in ("lowest", "last"))
            self._stopped = state.get("stopped") is True

    def _restored(self, name: str, state: dict[str, Any]) -> Candidate:
        values: list[Any] = [state.get(f"{name}_{field}") for field in Candidate._fields]
        epoch, *numbers, parameters = values
        if type(epoch) is not int or not all(isinstance(one, int | float) for one in numbers):
            raise ValueError(f"state must have the epoch, cost and accuracy of {name}, got {shown(state)}")
        like = self._like
        if not isinstance(parameters, np.ndarray) or parameters.shape != like.shape:
            raise ValueError(
                f"{name}_parameters in state must be {like.size} numbers, got {shown(parameters)}"
            )
        if not np.isfinite(parameters).all():
            raise ValueError(f"{name}_parameters must be finite, got {shown(parameters)}")
        cost, accuracy = map(float, numbers)
        return Candidate(epoch, cost, accuracy, parameters.astype(like.dtype))
