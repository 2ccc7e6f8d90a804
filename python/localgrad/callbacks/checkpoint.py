"""Checkpoints, written as the training goes."""

import os
from collections.abc import Mapping
from string import Formatter
from typing import TYPE_CHECKING, Any

from localgrad._check import boolean, file_path, integer
from localgrad._names.keywords import other_names
from localgrad.callbacks.base import Callback
from localgrad.callbacks.monitor import Monitor

if TYPE_CHECKING:
    from localgrad._training.training import Training

__all__ = ["Checkpoint"]


class Checkpoint(Callback):
    """Writes what is needed to go on: ``fit(resume=path)`` trains as if nothing had come between.

    Parameters
    ----------
    path : str or os.PathLike
        The file, replaced atomically each time. ``{epoch}`` in it stands for the network's count of epochs,
        and the names in the history for that epoch's numbers, as in ``"net-{epoch:03}.safetensors"``.
    every : int, default 1
        A checkpoint is written after each epoch whose count is a multiple of this, and at the end of the
        training, be it by a time limit or Ctrl-C in the middle of an epoch, but not after an error.
    best : bool, default False
        Whether to write, of those epochs, only such as are better than all before, and nothing at the end.
    monitor, mode : str, optional
        What is better, as for `EarlyStopping`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be, or the path names a number that the history does not have.
    OSError
        By `fit`, if the file cannot be written; one that stood there before is still there.

    Notes
    -----
    Wherever it stands among the callbacks, the file is written when all have had their turn: what the others
    remember of an epoch goes into the checkpoint as well. When Ctrl-C comes while they have it, nothing is
    written, and the checkpoint before stays. The last one holds the last parameters, also where
    `EarlyStopping` puts back better ones.

    Examples
    --------
    >>> import localgrad as lg, tempfile, os
    >>> x, y = [[0.0], [1.0]], [1.0, 2.0]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "line-{epoch}.safetensors")
    ...     history = lg.Network([1, 1], seed=0).fit(
    ...         x, y, epochs=4, callbacks=[lg.callbacks.Checkpoint(path, every=3)]
    ...     )
    ...     sorted(os.listdir(folder))
    ['line-3.safetensors', 'line-4.safetensors']
    """

    @other_names
    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        every: int = 1,
        best: bool = False,
        monitor: str | None = None,
        mode: str | None = None,
    ) -> None:
        self._path = os.fsdecode(file_path(path))
        try:
            fields = [name for _, name, _, _ in Formatter().parse(self._path) if name is not None]
        except ValueError as error:
            raise ValueError(f"path must be a format string, given {self._path!r}: {error}") from None
        if "" in fields:
            raise ValueError(f"path must name what stands in braces, given {self._path!r}")
        self._epochs = integer(every, "every", at_least=1)
        self._best = boolean(best, "best")
        self._monitor = Monitor(monitor, mode)
        self._written: tuple[int, int] | None = None

    def __repr__(self) -> str:
        watched = f", best=True, monitor={self._monitor.name!r}, mode={self._monitor.mode!r}"
        return f"Checkpoint({self._path!r}, every={self._epochs}{watched if self._best else ''})"

    def on_train_begin(self, training: "Training") -> None:
        """Make sure, before time is spent on training, that the file's folder is there.

        Examples
        --------
        >>> import localgrad as lg
        >>> lost = lg.callbacks.Checkpoint("no/such/folder/net.safetensors")
        >>> lg.Network([1, 1]).fit([[0.0]], [1.0], callbacks=[lost])
        Traceback (most recent call last):
        FileNotFoundError: path must lie in a folder that exists, given 'no/such/folder/net.safetensors'
        """
        self._monitor.reset()
        if self._best:
            self._monitor.check(training.names)
        self._written = None
        self._path_for(training)
        folder = os.path.dirname(self._path)
        if folder and "{" not in folder and not os.path.isdir(folder.replace("}}", "}")):
            raise FileNotFoundError(f"path must lie in a folder that exists, given {self._path!r}")
        if os.path.isdir(self._path_for(training)):
            raise IsADirectoryError(f"path must be that of a file, given the folder {self._path!r}")

    def on_epoch_end(self, training: "Training") -> None:
        """Write a checkpoint if it is time.

        Examples
        --------
        >>> import localgrad as lg, tempfile, os
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "best.safetensors")
        ...     best = lg.callbacks.Checkpoint(path, best=True)
        ...     history = lg.Network([1, 1], init="zeros").fit(
        ...         [[0.0]], [1.0], optimizer=lg.SGD(2.5), callbacks=[best]  # too long a step
        ...     )
        ...     lg.load(path).epochs
        1
        """
        if training.epoch % self._epochs == 0 and (not self._best or self._monitor.improved(training.logs)):
            self._write(training)

    def on_train_end(self, training: "Training") -> None:
        """Write the last checkpoint.

        Examples
        --------
        >>> import localgrad as lg, tempfile, os
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "last.safetensors")
        ...     seldom = lg.callbacks.Checkpoint(path, every=100)
        ...     history = lg.Network([1, 1]).fit([[0.0]], [1.0], epochs=3, callbacks=[seldom])
        ...     lg.load(path).epochs
        3
        """
        done = (training.epoch, training.mini_batch)
        if not self._best and training.stopped != "error" and self._written != done:
            self._write(training)

    def state(self) -> dict[str, object] | None:
        """Return what a checkpoint keeps of this object: the best number so far, None if it does not matter.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.callbacks.Checkpoint("best.safetensors", best=True).state()
        {'monitor': None, 'best': None}
        """
        return self._monitor.state() if self._best else None

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go on from that.

        Raises
        ------
        ValueError
            If it is not the state of such an object.

        Examples
        --------
        >>> import localgrad as lg
        >>> best = lg.callbacks.Checkpoint("best.safetensors", best=True)
        >>> best.set_state({"monitor": "cost", "best": 0.5})
        >>> best.state()
        {'monitor': 'cost', 'best': 0.5}
        """
        if self._best:
            self._monitor.set_state(state, "Checkpoint")

    def _write(self, training: "Training") -> None:
        training.save_checkpoint(self._path_for(training))
        self._written = training.epoch, training.mini_batch

    def _path_for(self, training: "Training") -> str:
        names = dict.fromkeys(training.names, float("nan"))  # before the first epoch is over
        values: dict[str, float] = {**names, **training.logs, "epoch": training.epoch}
        try:
            return self._path.format(**values)
        except (KeyError, IndexError, ValueError, AttributeError, TypeError) as error:
            known = ", ".join(repr(name) for name in values)
            raise ValueError(
                f"path must be a format string for the numbers {known}, given {self._path!r}: "
                f"{type(error).__name__}: {error}"
            ) from None
