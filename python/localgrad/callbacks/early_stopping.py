"""The end of a training that has learnt what it can."""

from typing import Any

import numpy as np

from localgrad._arguments.check import boolean, integer, shown
from localgrad._arguments.names.keywords import other_names
from localgrad._arrays.rows import FloatArray
from localgrad.callbacks.base import Callback
from localgrad.callbacks.monitor import Monitor
from localgrad.callbacks.training import Training


class EarlyStopping(Callback):
    """Ends the training when a number has not become better for some epochs, and goes back to the best.

    Parameters
    ----------
    monitor : str, optional
        The number's name in the history; by default ``"val_cost"`` if there is validation, else ``"cost"``.
    patience : int, default 10
        Epochs in a row that may be not better before the training ends; at least 1.
    min_delta : float, default 0.0
        An epoch is better if its number beats the best by more than this; at least 0.
    mode : {"min", "max"}, optional
        Whether lower or higher is better; by default what is known of costs and metrics.
    restore_best : bool, default True
        Whether the network gets back the parameters of its best epoch when the training ends, for whatever
        reason but an error or Ctrl-C; see the notes.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be; by `fit`, if its history has no such number.

    Notes
    -----
    What is restored has the number that made its epoch the best. The validation data are measured after the
    epoch, and so the parameters are those at its end. The training's own cost and metrics are measured while
    the epoch is trained, each mini-batch before its update. With the full batch the parameters are therefore
    those at the epoch's beginning, which have exactly the cost in the history. With mini-batches, whose
    number is a mean over the epoch, they are those before the update of the last one, without a step that
    nothing has measured; or those at the epoch's beginning, should these have the better number on a sample
    of up to 1000 rows (of blocks, of the last ones), for which a cost or metric of your own is called twice
    more after each epoch that is better. `LBFGS` measures after its step.

    A checkpoint that is written at the end holds the last parameters, not the best, so that the training may
    resume; ``Checkpoint(path, best=True)`` keeps the best.

    ``history.best_epoch`` is the best epoch, counted from 1 in that history, and ``history.stopped`` becomes
    ``"early_stopping"``. What is not a number is not better. Every training begins afresh, but one that is
    resumed continues to wait where its checkpoint was written.

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
        """Begin afresh.

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
        """Compare; return the reason to stop, if there is one.

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
                # A new array: one that state() has returned stays as it is.
                self._parameters = training.parameters_of(self._monitor.watched, self._monitor.mode)
        else:
            self._waited += 1
        training.history.best_epoch = self._best_epoch
        return self.should_stop()

    def on_restore(self, training: Training) -> None:
        """Give the network its best parameters.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 1], init="zeros")
        >>> history = net.fit(  # too long a step
        ...     [[0.0]], [1.0], optimizer=lg.SGD(2.5), callbacks=[lg.callbacks.EarlyStopping()]
        ... )
        >>> history.best_epoch, bool(net.parameters.any())
        (1, False)
        """
        if self._parameters is not None and training.stopped not in ("error", "interrupted"):
            training.network.parameters[...] = self._parameters
            training.history.best_epoch = self._best_epoch or training.history.best_epoch

    def should_stop(self) -> str | None:
        """Return the reason to stop if the patience is used up.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.callbacks.EarlyStopping().should_stop() is None
        True
        """
        return "early_stopping" if self._waited >= self._patience else None

    def state(self) -> dict[str, object]:
        """Return what a checkpoint keeps.

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
        """Continue from what a checkpoint kept, in a training that has begun.

        Raises
        ------
        ValueError
            If it is not the state of such an object.

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
            raise ValueError(f"best_epoch of the state must be a number from 1, got {shown(best_epoch)}")
        if type(waited) is not int or waited < 0:
            raise ValueError(f"waited of the state must be a number of epochs, got {shown(waited)}")
        if parameters is not None:
            self._check(parameters)
        elif self._restore_best and state.get("best") is not None:
            raise ValueError("state must have the best parameters to restore, got a state without them")
        self._monitor.set_state(state)
        self.keep_parameters = self._restore_best and self._monitor.of_training
        self._waited, self._best_epoch = waited, best_epoch
        self._parameters = parameters.copy() if self._restore_best and parameters is not None else None

    def _check(self, parameters: Any) -> None:
        if not isinstance(parameters, np.ndarray) or (parameters.shape, parameters.dtype) != (
            (self._size,),
            self._dtype,
        ):
            raise ValueError(
                f"parameters of the state must be {self._size} numbers of {self._dtype}, "
                f"got {shown(parameters)}"
            )
        if not np.isfinite(parameters).all():
            bad = parameters[~np.isfinite(parameters)][0]
            raise ValueError(f"parameters of the state must be finite, got {bad}")


class BestEpoch(EarlyStopping):
    """What ``fit(restore_best=True)`` adds: it never stops, but restores."""

    def should_stop(self) -> str | None:
        """Return None."""
        return None


def best_epoch(callbacks: list[Any]) -> list[BestEpoch]:
    """Return what restores the best epoch, nothing if one of the callbacks does that by its own number."""
    there = any(isinstance(one, EarlyStopping) and one._restore_best for one in callbacks)
    return [] if there else [BestEpoch()]
