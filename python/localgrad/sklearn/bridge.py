"""The callbacks of scikit-learn (1.9), called after each epoch."""

from collections.abc import Callable
from typing import Any

from localgrad.callbacks import Callback, Training
from localgrad.network import Network


class Bridge(Callback):
    """Calls the callbacks that ``set_callbacks`` has set.

    An epoch is a task within the task of the whole fit. A callback that returns true after an epoch stops
    training.
    """

    def __init__(
        self, estimator: Any, X: Any, y: Any, sample_weight: Any, epochs: int, stops: Callable[[], bool]
    ) -> None:
        self._estimator = estimator
        self._data = {"X": X, "y": y, "metadata": None}
        if sample_weight is not None:
            self._data["metadata"] = {"sample_weight": sample_weight}
        self._stops = stops  # whether training ends after this epoch for another reason
        self._context = estimator._init_callback_context(max_subtasks=epochs)
        self._context.call_on_fit_task_begin(estimator=estimator, **self._data)
        self._epoch: Any = None

    def on_train_begin(self, training: Training) -> None:
        """Begin the first epoch."""
        if training.epoch < training.last_epoch:
            self._begin(training.network)

    def on_epoch_end(self, training: Training) -> str | None:
        """End an epoch, and begin the next one unless this was the last."""
        if self._end(training.network):
            return "callback"
        if training.epoch < training.last_epoch and not self._stops():
            self._begin(training.network)
        return None

    def on_train_end(self, training: Training) -> None:
        """End an epoch that was interrupted."""
        if self._epoch is not None:
            self._end(training.network)

    def end(self, network: Network) -> None:
        """End the task of the fit."""
        self._context.call_on_fit_task_end(
            estimator=self._estimator, **self._data, reconstruction_attributes=lambda: _fitted(network)
        )

    def _begin(self, network: Network) -> None:
        self._epoch = self._context.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(
            estimator=self._estimator, **self._data, reconstruction_attributes=lambda: _fitted(network)
        )

    def _end(self, network: Network) -> bool:
        context, self._epoch = self._epoch, None
        return bool(
            context.call_on_fit_task_end(
                estimator=self._estimator, **self._data, reconstruction_attributes=lambda: _fitted(network)
            )
        )


def _fitted(network: Network) -> dict[str, Any]:
    """Return the attributes with which an estimator can predict."""
    return {"network_": network.copy()}
