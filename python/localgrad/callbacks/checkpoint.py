"""Checkpoints, written as the training goes."""

import os
from string import Formatter
from typing import Any

from localgrad._arguments.check import boolean, file_path, integer
from localgrad._arguments.names.keywords import other_names
from localgrad._support.warn import warn
from localgrad.callbacks.base import Callback
from localgrad.callbacks.checkpoint_request import best_of
from localgrad.callbacks.monitor import Monitor
from localgrad.callbacks.training import Training
from localgrad.warnings import CheckpointWarning


class Checkpoint(Callback):
    """Writes checkpoints: ``fit(resume=path)`` continues as if training had never been interrupted.

    Parameters
    ----------
    path : str or os.PathLike
        The file, replaced atomically each time. ``{epoch}`` in it becomes the network's count of epochs, and
        a name in the history that epoch's number, as in ``"net-{epoch:03}.safetensors"``.
    every : int, default 1
        A checkpoint is written after each epoch whose count is a multiple of this, and at the end of the
        training, be it by a time limit or Ctrl-C in the middle of an epoch, but not after an error.
    best : bool, default False
        Whether to write, of those epochs, only such as are better than all before, and nothing at the end;
        nor in place of a file that an earlier fit wrote with a number as good, see the notes.
    monitor, mode : str, optional
        What is better, as for `EarlyStopping`.
    overwrite : bool, default False
        Whether, with `best`, what an earlier fit wrote may be replaced whatever it is.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be, or the path names a number that the history does not have.
    FileExistsError
        By `fit` with `best`, before it trains, if the file at the path is not a checkpoint that was written
        with `best` and the same monitor, so that the two do not compare; `overwrite` replaces it. (A path
        with braces is known too late: there such a file is replaced.)
    OSError
        By `fit`, if the file cannot be written; one that stood there before is still there.

    Notes
    -----
    Whatever its place among the callbacks, the file is written after all have been called: what the others
    remember of an epoch goes into the checkpoint as well. When Ctrl-C comes while they have it, nothing is
    written, and the checkpoint before stays. The last one holds the last parameters, also where
    `EarlyStopping` puts back better ones.

    `localgrad.load` reads from a file written with `best` the network that has the best number, with the
    parameters that `EarlyStopping` restores: where the number is of the training itself, they are older than
    the end of the epoch. ``fit(resume=path)`` trains on from those at the end of that epoch.

    A fit does not replace a better file of an earlier one. As long as its own best number does not beat that
    of the file, nothing is written; if it never does, a `localgrad.warnings.CheckpointWarning` at the end
    gives both numbers. Remember `overwrite` when the data have changed, for then numbers do not compare. An
    empty file counts as none.

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
        overwrite: bool = False,
    ) -> None:
        self._path = os.fsdecode(file_path(path))
        try:
            fields = [name for _, name, _, _ in Formatter().parse(self._path) if name is not None]
        except ValueError as error:
            raise ValueError(f"path must be a format string, got {self._path!r}: {error}") from None
        if "" in fields:
            raise ValueError(f"path must name what stands in braces, got {self._path!r}")
        self._changes = bool(fields)  # from epoch to epoch
        self._epochs = integer(every, "every", at_least=1)
        self._best = boolean(best, "best")
        self._monitor = Monitor(monitor, mode)
        self._overwrite = boolean(overwrite, "overwrite")
        self._written: tuple[int, int] | None = None
        self._theirs: dict[str, float | None] = {}  # the numbers of files of earlier fits, None of our own
        self._kept: tuple[str, float] | None = None  # a file and its number, better than all of this fit

    def __repr__(self) -> str:
        watched = f", best=True, monitor={self._monitor.name!r}, mode={self._monitor.mode!r}"
        watched += ", overwrite=True" if self._overwrite else ""
        return f"Checkpoint({self._path!r}, every={self._epochs}{watched if self._best else ''})"

    def on_train_begin(self, training: Training) -> None:
        """Make sure, before time is spent on training, that the file's folder is there.

        Examples
        --------
        >>> import localgrad as lg
        >>> lost = lg.callbacks.Checkpoint("no/such/folder/net.safetensors")
        >>> lg.Network([1, 1]).fit([[0.0]], [1.0], callbacks=[lost])
        Traceback (most recent call last):
        FileNotFoundError: path must lie in a folder that exists, got 'no/such/folder/net.safetensors'
        """
        if self._best:
            self._monitor.begin(training.names)
            self.keep_parameters = self._monitor.of_training
        self._written = None
        self._path_for(training)
        folder = os.path.dirname(self._path)
        if folder and "{" not in folder and not os.path.isdir(folder.replace("}}", "}")):
            raise FileNotFoundError(f"path must lie in a folder that exists, got {self._path!r}")
        if os.path.isdir(self._path_for(training)):
            raise IsADirectoryError(f"path must be that of a file, got the folder {self._path!r}")
        self._theirs, self._kept = {}, None
        if self._best and not self._overwrite and not self._changes:
            self._refuse_others(self._path_for(training))

    def on_epoch_end(self, training: Training) -> None:
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
        if training.epoch % self._epochs:
            return
        if not self._best:
            self._write(training)
        elif self._monitor.improved(training.logs):
            self._write_best(training, self._path_for(training))

    def on_train_end(self, training: Training) -> None:
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
        if self._kept is not None and training.stopped != "error":
            path, theirs = self._kept
            warn(
                f"nothing was written to {path!r}: the checkpoint there has {self._monitor.watched} "
                f"{theirs:.6g}, better than the best of this fit, {self._monitor.best:.6g}; "
                "Checkpoint(..., overwrite=True) replaces it",
                CheckpointWarning,
            )

    def state(self) -> dict[str, object] | None:
        """Return what a checkpoint keeps of this object: the best number so far, None if it does not matter.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.callbacks.Checkpoint("best.safetensors", best=True).state()
        {'monitor': None, 'best': None}
        """
        return self._monitor.state() if self._best else None

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from that.

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
            self._monitor.set_state(state)
            self.keep_parameters = self._monitor.of_training

    @property
    def _sense(self) -> tuple[str, bool]:
        return self._monitor.watched, self._monitor.higher

    def _refuse_others(self, path: str) -> None:
        """Refuse, before anything is trained, a file whose number does not compare with ours."""
        if not _is_there(path):
            return
        found = best_of(os.fsencode(path))
        if found is None or found[:2] != self._sense:
            what = "another file" if found is None else f"one with monitor {found[0]!r}"
            raise FileExistsError(
                f"path must be that of no file or of a checkpoint with best=True and monitor "
                f"{self._monitor.watched!r}, got {what} at {path!r}; overwrite=True replaces it"
            )

    def _earlier(self, path: str) -> float | None:
        """Return the number of the checkpoint that an earlier fit left at a path, None if there is none."""
        if path not in self._theirs:
            found = best_of(os.fsencode(path)) if not self._overwrite and _is_there(path) else None
            comparable = found is not None and found[:2] == self._sense
            self._theirs[path] = found[2] if found is not None and comparable else None
        return self._theirs[path]

    def _write_best(self, training: Training, path: str) -> None:
        theirs, value = self._earlier(path), self._monitor.best
        assert value is not None  # it has just improved
        if theirs is None or self._monitor.beats(theirs):
            training.save_checkpoint(path, best=self._monitor)
            self._theirs[path], self._kept = None, None
        elif theirs != value:
            self._kept = path, theirs
        else:
            self._kept = None

    def _write(self, training: Training) -> None:
        training.save_checkpoint(self._path_for(training))
        self._written = training.epoch, training.mini_batch

    def _path_for(self, training: Training) -> str:
        names = dict.fromkeys(training.names, float("nan"))  # before the first epoch is over
        values: dict[str, float] = {**names, **training.logs, "epoch": training.epoch}
        try:
            return self._path.format(**values)
        except (KeyError, IndexError, ValueError, AttributeError, TypeError) as error:
            known = ", ".join(repr(name) for name in values)
            raise ValueError(
                f"path must be a format string for the numbers {known}, got {self._path!r}: "
                f"{type(error).__name__}: {error}"
            ) from None


def _is_there(path: str) -> bool:
    return os.path.isfile(path) and os.path.getsize(path) > 0
