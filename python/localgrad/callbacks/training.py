"""What a callback receives: a call of fit under way."""

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
    """A call of `localgrad.Network.fit` under way, as its callbacks see it.

    `fit` makes one and passes it to every method of a `Callback`. All but the network's parameters is for
    reading.

    Attributes
    ----------
    network : Network
        The network that is trained. Its parameters may be changed.
    history : History
        The numbers of the finished epochs.
    names : tuple of str
        The names of the numbers that each epoch of this fit will have, as in the history.
    first_epoch, last_epoch : int
        The network's count of epochs when the fit began, and that at which it is to end.
    rows, mini_batches : int or None
        The number of examples and of mini-batches in an epoch; None if it is not known.
    deadline : float or None
        When `time_limit` will be over, by ``time.monotonic``.
    logs : dict
        The numbers of the last finished epoch, named as in the history; empty before.
    step : int
        Mini-batches trained in this fit.
    mini_batch : int
        Mini-batches trained in the current epoch.
    batch_cost : float
        The mean cost of the last mini-batch before its update.
    learning_rate : float
        The learning rate of the last mini-batch.
    resumed : bool
        Whether the fit resumes from a checkpoint.
    stopped : str or None
        Why the training is over: ``"epochs"``, ``"time_limit"``, ``"interrupted"``, ``"error"`` or the reason
        that a callback gave; None while it is not.

    Examples
    --------
    >>> import localgrad as lg
    >>> class Report(lg.callbacks.Callback):
    ...     def on_epoch_end(self, training):
    ...         print(f"epoch {training.epoch} of {training.last_epoch}: {training.logs}")
    >>> history = lg.Network([1, 1], init="zeros").fit([[0.0]], [1.0], epochs=1, callbacks=[Report()])
    epoch 1 of 1: {'cost': 0.5}
    """

    network: Any  # a Network, whose module imports this one
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
    # The parameters of the training's own number of this name, where higher is better or not.
    _of_number: Callable[[str, bool], FloatArray] | None = field(default=None, repr=False)

    def _release(self) -> None:
        """Let go of the data, which the parameters of the training's own numbers depend on."""
        self._of_number = None

    def __getstate__(self) -> dict[str, Any]:
        # Copies and pickles are no longer those of a training under way.
        return {**vars(self), "_request": _no_checkpoint, "_of_number": None}

    @property
    def epoch(self) -> int:
        """The number of epochs that the network has been trained for in all."""
        epochs: int = self.network.epochs
        return epochs

    def save_checkpoint(self, path: str | os.PathLike[str], *, best: Monitor | None = None) -> None:
        """Ask for a checkpoint of this moment, from which ``fit(resume=path)`` continues.

        It is written, and errors of writing are raised, after the other callbacks have been called, so that
        the states of all callbacks belong to the same moment.

        Parameters
        ----------
        path : str or os.PathLike
            The file, replaced atomically.
        best : Monitor, optional
            The monitor that has just found this epoch to be the best: `localgrad.load` then reads from the
            file the network with the `parameters_of` its number.

        Raises
        ------
        RuntimeError
            If the training is over, or the optimizer is `LBFGS`, whose state SciPy does not show.

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
            raise ValueError("best must be a Monitor that has seen a number, got one without")
        parameters = self.parameters_of(best.watched, best.mode)
        self._request(Request(name, Best(best.watched, best.higher, best.best, parameters)))

    def parameters_of(self, name: str, mode: str | None = None) -> FloatArray:
        """Return a copy of the parameters that a number of the last finished epoch belongs to.

        The validation data are measured after the epoch: their numbers belong to the parameters at its end.
        The training's own numbers are measured while the epoch is trained, each mini-batch before its update.
        For a callback whose `keep_parameters` is True, these numbers belong to the parameters before the last
        update; or to those at the beginning of the epoch, if they have the better number on a sample of up to
        1000 rows. Without it the result is the parameters at the end of the epoch.

        Parameters
        ----------
        name : str
            The number's name in `logs`.
        mode : {"min", "max"}, optional
            Whether lower or higher is better; by default what is known of costs and metrics.

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
        >>> history = net.fit([[0.0]], [1.0], epochs=1, callbacks=[BeforeTheStep()])
        [0. 0.] [0.  0.1]
        """
        if self._of_number is None or name.startswith("val_"):
            parameters: FloatArray = self.network.parameters.copy()
            return parameters
        return self._of_number(name, metric_names.direction(name, mode)).copy()
