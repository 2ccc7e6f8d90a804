"""A fit under way, as callbacks see it."""

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from localgrad._arrays import FloatArray
from localgrad._check import file_path
from localgrad._model.model import Model
from localgrad.history import History

if TYPE_CHECKING:
    from localgrad._training.measured import Measured
    from localgrad._training.rates import Rates

__all__ = ["Best", "Request", "Training"]


class Best(NamedTuple):
    """What makes a checkpoint the best, and the parameters that a network read from it gets."""

    monitor: str
    higher: bool  # is better
    value: float
    parameters: FloatArray


class Request(NamedTuple):
    """A checkpoint to write."""

    path: bytes
    best: Best | None = None


@dataclass(eq=False)
class Training:
    """A fit under way, as callbacks see it. All but the network is for reading.

    Attributes
    ----------
    network : Network
        What is trained. Its parameters may be changed.
    history : History
        The numbers of the epochs that are over.
    names : tuple of str
        What each epoch of this fit will have, named as in the history.
    first_epoch, last_epoch : int
        The network's count of epochs when the fit began, and that at which it is to end.
    rows, mini_batches : int, optional
        How many examples and mini-batches there are in an epoch; None if nobody knows.
    deadline : float, optional
        When `time_limit` will be over, by ``time.monotonic``.
    logs : dict
        The numbers of the last epoch that is over, named as in the history; empty before.
    step : int
        Mini-batches trained in this fit.
    mini_batch : int
        Mini-batches trained in the epoch under way.
    batch_cost : float
        The mean cost of the last mini-batch before its update.
    resumed : bool
        Whether the fit goes on from a checkpoint.
    stopped : str, optional
        Why the training is over; None while it is not.
    """

    network: Any  # a localgrad.Network, which is defined above this
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
    resumed: bool = False
    stopped: str | None = None
    _rates: "Rates | None" = field(default=None, repr=False)
    # Checkpoints that callbacks have asked for; None if there can be none.
    _requests: list[Request] | None = field(default=None, repr=False)
    _why_none: str = field(default="", repr=False)
    # With what the training's own numbers of the last epoch were measured, if somebody keeps that; None where
    # it is the parameters that the network has.
    _measured: "Measured | None" = field(default=None, repr=False)

    @property
    def epoch(self) -> int:
        """How many epochs the network has been trained for in all."""
        return self._model.epochs

    @property
    def _model(self) -> Model:
        model: Model = self.network._model
        return model

    @property
    def learning_rate(self) -> float:
        """The learning rate of the last mini-batch."""
        return float("nan") if self._rates is None else self._rates.last

    def save_checkpoint(self, path: str | os.PathLike[str]) -> None:
        """Have all written that is needed to go on from here, for ``fit(resume=path)``.

        It is written, and errors of writing are raised, when the other callbacks have had their turn, so that
        what they remember is of the same moment.

        Parameters
        ----------
        path : str or os.PathLike
            The file, replaced atomically.

        Raises
        ------
        RuntimeError
            If the training is over, or its optimiser is `LBFGS`, of whose state nobody knows.
        """
        self._save_best(path, None)

    def _save_best(self, path: str | os.PathLike[str], best: Best | None) -> None:
        if self._requests is None:
            raise RuntimeError(
                f"a checkpoint must be asked for during a training that has some: {self._why_none}"
            )
        self._requests.append(Request(file_path(path), best))
