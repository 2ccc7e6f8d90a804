"""The state of a running fit, as callbacks receive it."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from localgrad._arguments.check import file_path
from localgrad._arrays.rows import FloatArray
from localgrad.callbacks.checkpoint_request import Best, Request
from localgrad.callbacks.monitor import Monitor
from localgrad.history import History
from localgrad.metrics import names as metric_names


def _no_checkpoint(request: Request) -> None:
    raise RuntimeError("save_checkpoint() can only be called while fit runs")


@dataclass(eq=False)
class Training:
    """State of a running `localgrad.Network.fit`, passed to callbacks.

    `fit` creates one and passes it to every method of a `Callback`. Callbacks may change the parameters of
    the network, but nothing else.

    Attributes
    ----------
    network : Network
        The network that is being trained. Its parameters may be changed.
    history : History
        The costs and metrics of the finished epochs.
    names : tuple of str
        The names of the costs and metrics that the history of this fit will contain.
    first_epoch : int
        The number of epochs the network had been trained for when the fit started.
    last_epoch : int
        The number of epochs at which the fit will end.
    rows, mini_batches : int or None
        The number of examples and of mini-batches per epoch; None if unknown.
    deadline : float or None
        The value of ``time.monotonic()`` at which the time limit expires; None without a time limit.
    logs : dict
        The costs and metrics of the last finished epoch, named as in the history; empty before the first.
    step : int
        The number of mini-batches trained in this fit.
    mini_batch : int
        The number of mini-batches trained in the current epoch.
    batch_cost : float
        The mean cost of the last mini-batch, before its update.
    learning_rate : float
        The learning rate of the last mini-batch.
    resumed : bool
        Whether the fit resumed from a checkpoint.
    stopped : str or None
        Why training ended: ``"epochs"``, ``"time_limit"``, ``"interrupted"``, ``"error"``, or the str that a
        callback returned (``"callback"`` for other truthy values); None during training.

    Examples
    --------
    >>> import localgrad as lg
    >>> class Report(lg.callbacks.Callback):
    ...     def on_epoch_end(self, training):
    ...         print(f"epoch {training.epoch} of {training.last_epoch}: {training.logs}")
    >>> history = lg.Network([1, 1], init="zeros").fit([[0.0]], [1.0], epochs=1, callbacks=[Report()])
    epoch 1 of 1: {'cost': 0.5}
    """

    network: Any  # a Network; its module imports this one, so the type cannot be named here
    history: History
    first_epoch: int
    last_epoch: int
    names: tuple[str, ...] = ()
    rows: int | None = None
    mini_batches: int | None = None
    deadline: float | None = None
    logs: dict[str, float] = field(default_factory=dict)
    step: int = 0
    mini_batch: int = 0
    batch_cost: float = float("nan")
    learning_rate: float = float("nan")
    resumed: bool = False
    stopped: str | None = None
    _request: Callable[[Request], None] = field(default=_no_checkpoint, repr=False)
    # Returns the parameters for which a value of the training data was measured; see parameters_of().
    _of_number: Callable[[str, bool], FloatArray] | None = field(default=None, repr=False)

    def _release(self) -> None:
        """Release the reference to the training data, which `_of_number` holds."""
        self._of_number = None

    def __getstate__(self) -> dict[str, Any]:
        # The functions belong to the running fit; copies and pickles are not part of it.
        return {**vars(self), "_request": _no_checkpoint, "_of_number": None}

    @property
    def epoch(self) -> int:
        """The total number of epochs that the network has been trained for."""
        epochs: int = self.network.epochs
        return epochs

    def save_checkpoint(self, path: str | os.PathLike[str], *, best: Monitor | None = None) -> None:
        """Request a checkpoint, from which ``fit(resume=path)`` can resume training.

        The checkpoint is written after the remaining callbacks have been called, so that it contains the
        states of all callbacks after the same mini-batch. If it cannot be written, `fit` raises OSError.

        Parameters
        ----------
        path : str or os.PathLike
            File to write, replaced atomically.
        best : Monitor, optional
            A monitor that improved in this epoch. `localgrad.load` then returns the network with the
            parameters for which the monitored value was measured; see `parameters_of`.

        Raises
        ------
        RuntimeError
            If `fit` is no longer running, or the optimizer is `LBFGS`, which does not support checkpoints.
        ValueError
            If ``best.best`` is None.

        Examples
        --------
        >>> import localgrad as lg, tempfile, os
        >>> class Tens(lg.callbacks.Callback):
        ...     def on_epoch_end(self, training):
        ...         if training.epoch % 10 == 0:
        ...             training.save_checkpoint(self.path)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     tens = Tens()
        ...     tens.path = os.path.join(folder, "last.safetensors")
        ...     history = lg.Network([1, 1]).fit([[0.0]], [1.0], epochs=25, callbacks=[tens])
        ...     lg.load(tens.path).epochs
        20
        """
        name = file_path(path)
        if best is None:
            self._request(Request(name))
            return
        if best.best is None:
            raise ValueError("best must be a Monitor with a best value, got one with best=None")
        parameters = self.parameters_of(best.watched, best.mode)
        self._request(Request(name, Best(best.watched, best.higher, best.best, parameters)))

    def parameters_of(self, name: str, mode: str | None = None) -> FloatArray:
        """Return a copy of the parameters for which a value of the last finished epoch was measured.

        Values of the validation data are measured after the epoch, so the result is the parameters at its
        end. Values of the training data are measured during the epoch, each mini-batch before its update. For
        these, if a callback has set `keep_parameters`, the result is the parameters before the last update,
        or those at the start of the epoch if they have a better value on a sample of up to 1000 examples. If
        no callback has set it, the result is the parameters at the end of the epoch.

        Parameters
        ----------
        name : str
            Name of the value in `logs`.
        mode : {"min", "max"}, optional
            Whether lower or higher values are better. By default inferred from the name of the cost or
            metric; required for a custom metric.

        Returns
        -------
        ndarray of shape (num_parameters,)
            The parameters.

        Examples
        --------
        >>> import localgrad as lg
        >>> class BeforeTheStep(lg.callbacks.Callback):
        ...     keep_parameters = True
        ...
        ...     def on_epoch_end(self, training):
        ...         print(training.parameters_of("cost"), training.network.parameters)
        >>> net = lg.Network([1, 1], init="zeros")
        >>> history = net.fit([[0.0]], [1.0], epochs=1, optimizer=lg.SGD(0.5), callbacks=[BeforeTheStep()])
        [0. 0.] [0.  0.5]
        """
        if self._of_number is None or name.startswith("val_"):
            parameters: FloatArray = self.network.parameters.copy()
            return parameters
        return self._of_number(name, metric_names.direction(name, mode)).copy()
