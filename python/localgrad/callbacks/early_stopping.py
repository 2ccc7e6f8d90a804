"""Early stopping."""

from typing import Any

import numpy as np

from localgrad._arguments.check import boolean, integer, shown
from localgrad._arguments.names.keywords import other_names
from localgrad._arrays.rows import FloatArray
from localgrad.callbacks.base import Callback
from localgrad.callbacks.monitor import Monitor
from localgrad.callbacks.training import Training


class EarlyStopping(Callback):
    """Callback that stops training when a monitored value has stopped improving.

    When training ends, the parameters of the best epoch are restored.

    Parameters
    ----------
    monitor : str, optional
        Name of the monitored value in the history. By default ``"val_cost"`` if there is validation data,
        otherwise ``"cost"``.
    patience : int, default 10
        Number of consecutive epochs without improvement after which training stops; at least 1.
    min_delta : float, default 0.0
        Minimum improvement, at least 0. The value must be better than the best so far by more than this.
    mode : {"min", "max"}, optional
        Whether lower or higher values are better. By default inferred from the name of the cost or metric;
        required for a custom metric.
    restore_best : bool, default True
        Whether to restore the parameters of the best epoch when training ends for any reason except an error
        or Ctrl-C. See Notes for details.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid. `fit` raises ValueError if the monitored value is not in its history.

    Notes
    -----
    The restored parameters are those for which the best value was measured:

    - A value of the validation data (``"val_..."``) is measured after the epoch, so the parameters at the end
      of the epoch are restored.
    - The cost and metrics of the training data are measured during the epoch, each mini-batch before its
      update. If a single mini-batch contains all examples, the parameters at the start of the epoch are
      restored. Their cost is exactly the value in the history.
    - With several mini-batches, the value is a mean over the epoch. The parameters before the last update are
      restored, or those at the start of the epoch if they have a better value on a sample of up to 1000
      examples (from `Blocks`, the last ones). To compare them, a custom cost or metric is called two
      more times after each epoch that is an improvement.
    - With `LBFGS` and `LevenbergMarquardt`, values are measured after the step, so the parameters after the
      step are restored.

    ``history.best_epoch`` is the best epoch, counted from 1 in this history. If this callback stops training,
    ``history.stopped`` is ``"early_stopping"``. NaN is never an improvement.

    A checkpoint written when training ends contains the last parameters, not the best, so that training can
    resume from it. Use ``Checkpoint(path, best=True)`` to save the best. Each fit starts counting from 0,
    unless it resumes from a checkpoint; it then continues from the state in the checkpoint.

    References
    ----------
    L. Prechelt, "Early Stopping - But When?", 1998.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([1, 1], init="zeros", dtype="float64")
    >>> early = lg.callbacks.EarlyStopping(patience=2, min_delta=0.01)
    >>> history = net.fit([[0.0]], [1.0], epochs=99, optimizer=lg.SGD(0.5), callbacks=[early])
    >>> history["cost"]
    [0.5, 0.125, 0.03125, 0.0078125, 0.001953125, 0.00048828125]
    >>> history.best_epoch, history.stopped
    (4, 'early_stopping')
    """

    @other_names
    def __init__(
        self,
        monitor: str | None = None,
        *,
        patience: int = 10,
        min_delta: float = 0.0,
        mode: str | None = None,
        restore_best: bool = True,
    ) -> None:
        self._monitor = Monitor(monitor, mode, min_delta=min_delta)
        self._patience = integer(patience, "patience", at_least=1)
        self._restore_best = boolean(restore_best, "restore_best")
        self._waited = 0
        self._best_epoch: int | None = None
        self._parameters: FloatArray | None = None

    def __repr__(self) -> str:
        watched = self._monitor
        return (
            f"EarlyStopping({watched.name!r}, patience={self._patience}, min_delta={watched.min_delta}, "
            f"mode={watched.mode!r}, restore_best={self._restore_best})"
        )

    def on_train_begin(self, training: Training) -> None:
        """Reset the state.

        Examples
        --------
        >>> import localgrad as lg
        >>> early = lg.callbacks.EarlyStopping(patience=1)
        >>> net = lg.Network([1, 1], init="zeros")
        >>> [len(net.fit([[0.0]], [0.0], callbacks=[early])["cost"]) for _ in range(2)]
        [2, 2]
        """
        self._monitor.begin(training.names)
        self.keep_parameters = self._restore_best and self._monitor.of_training
        self._waited = 0
        self._parameters = None
        self._best_epoch = None
        self._size, self._dtype = training.network.num_parameters, training.network.dtype

    def on_epoch_end(self, training: Training) -> str | None:
        """Compare the epoch with the best so far; return the reason to stop, or None.

        Examples
        --------
        >>> import localgrad as lg
        >>> early = lg.callbacks.EarlyStopping("cost", patience=3)
        >>> lg.Network([1, 1], init="zeros").fit([[0.0]], [0.0], callbacks=[early]).stopped
        'early_stopping'
        """
        if self._monitor.improved(training.logs):
            self._waited, self._best_epoch = 0, len(training.history["cost"])
            if self._restore_best:
                # A new array, because state() may have returned the old one to its caller.
                self._parameters = training.parameters_of(self._monitor.watched, self._monitor.mode)
        else:
            self._waited += 1
        training.history.best_epoch = self._best_epoch
        return self.should_stop()

    def on_restore(self, training: Training) -> None:
        """Restore the best parameters.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 1], init="zeros")
        >>> history = net.fit(  # diverges: the learning rate is too high
        ...     [[0.0]], [1.0], optimizer=lg.SGD(2.5), callbacks=[lg.callbacks.EarlyStopping()]
        ... )
        >>> history.best_epoch, bool(net.parameters.any())
        (1, False)
        """
        if self._parameters is not None and training.stopped not in ("error", "interrupted"):
            training.network.parameters[...] = self._parameters
            # Another EarlyStopping may have set best_epoch, but these parameters are restored last.
            training.history.best_epoch = self._best_epoch or training.history.best_epoch

    def should_stop(self) -> str | None:
        """Return the reason to stop if the patience is exhausted, otherwise None.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.callbacks.EarlyStopping().should_stop() is None
        True
        """
        return "early_stopping" if self._waited >= self._patience else None

    def state(self) -> dict[str, object]:
        """Return the state to store in a checkpoint.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.callbacks.EarlyStopping("val_cost").state()
        {'monitor': 'val_cost', 'best': None, 'waited': 0, 'best_epoch': None, 'parameters': None}
        """
        return {
            **self._monitor.state(),
            "waited": self._waited,
            "best_epoch": self._best_epoch,
            "parameters": self._parameters,
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Restore a state that `state` returned. Called after `on_train_begin`.

        Raises
        ------
        ValueError
            If `state` is invalid.

        Examples
        --------
        >>> import localgrad as lg
        >>> early = lg.callbacks.EarlyStopping(patience=3)
        >>> early.set_state(
        ...     {"monitor": "cost", "best": None, "waited": 3, "best_epoch": None, "parameters": None}
        ... )
        >>> early.should_stop()
        'early_stopping'
        """
        waited, parameters = state.get("waited"), state.get("parameters")
        best_epoch = state.get("best_epoch")
        if best_epoch is not None and (type(best_epoch) is not int or best_epoch < 1):
            raise ValueError(f"best_epoch in state must be an int of at least 1, got {shown(best_epoch)}")
        if type(waited) is not int or waited < 0:
            raise ValueError(f"waited in state must be an int of at least 0, got {shown(waited)}")
        if parameters is not None:
            self._check(parameters)
        elif self._restore_best and state.get("best") is not None:
            raise ValueError("parameters in state must be an array for restore_best=True, got None")
        self._monitor.set_state(state)
        self.keep_parameters = self._restore_best and self._monitor.of_training
        # Change the object only after all checks, so that an error leaves it unchanged.
        self._waited, self._best_epoch = waited, best_epoch
        self._parameters = parameters.copy() if self._restore_best and parameters is not None else None

    def _check(self, parameters: Any) -> None:
        if not isinstance(parameters, np.ndarray) or (parameters.shape, parameters.dtype) != (
            (self._size,),
            self._dtype,
        ):
            raise ValueError(
                f"parameters in state must be an array of shape ({self._size},) and dtype {self._dtype}, "
                f"got {shown(parameters)}"
            )
        if not np.isfinite(parameters).all():
            bad = parameters[~np.isfinite(parameters)][0]
            raise ValueError(f"parameters in state must be finite, got {bad}")


class BestEpoch(EarlyStopping):
    """The callback of ``fit(restore_best=True)``: restores the best parameters, but never stops training."""

    def should_stop(self) -> str | None:
        """Return None."""
        return None


def restores(callbacks: list[Any]) -> bool:
    """Return whether one of the callbacks restores the best epoch."""
    return any(isinstance(one, EarlyStopping) and one._restore_best for one in callbacks)


def best_epoch(callbacks: list[Any]) -> list[BestEpoch]:
    """Return a callback that restores the best epoch, unless one of the callbacks already does."""
    return [] if restores(callbacks) else [BestEpoch()]
