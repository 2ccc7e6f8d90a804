"""A callback that writes checkpoints."""

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
    """Callback that writes checkpoints, from which ``fit(resume=path)`` resumes training.

    A resumed run is bit-identical to one that was never interrupted.

    Parameters
    ----------
    path : str or os.PathLike
        File to write, replaced atomically each time. It is a format string: ``{epoch}`` is replaced by the
        number of epochs the network has been trained for, and the name of a history entry by its value in
        that epoch, as in ``"net-{epoch:03}-{val_cost:.4f}.safetensors"``.
    every : int, default 1
        Write a checkpoint after each epoch whose number is a multiple of `every`. Without `best`, a
        checkpoint is also written when training ends, even in the middle of an epoch because of a time limit
        or Ctrl-C, but not after an error.
    best : bool, default False
        Whether to write a checkpoint only after an epoch that is the best so far, and none when training
        ends. Only epochs selected by `every` are compared. A better checkpoint of an earlier fit is not
        replaced; see Notes.
    monitor : str, optional
        Name of the history entry that decides which epoch is better. By default ``"val_cost"`` if there is
        validation data, otherwise ``"cost"``.
    mode : {"min", "max"}, optional
        Whether lower or higher values are better. By default inferred from the name of the cost or metric;
        required for a custom metric.
    overwrite : bool, default False
        Whether to replace an existing file regardless of its contents. Only used with `best`.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid, or the path contains a name that the history does not have.
    FileExistsError
        Raised by `fit` with `best` before training starts, if there is a file at `path` that is not a
        checkpoint written with `best` and the same `monitor`. Such a file cannot be compared; use `overwrite`
        to replace it. A path that contains braces is not checked; existing files are replaced.
    OSError
        Raised by `fit` if the file cannot be written. An existing file is left unchanged.

    Notes
    -----
    The checkpoint is written after all callbacks have been called, regardless of their order, so that it
    contains the state of every callback after the epoch. If Ctrl-C interrupts a callback, no checkpoint is
    written and the previous one is kept. The last checkpoint contains the last parameters, even if
    `EarlyStopping` restores better ones in the network.

    If a file was written with `best`, `localgrad.load` returns the best network. It has the parameters that
    `EarlyStopping` would restore. ``fit(resume=path)`` resumes from the parameters at the end of the best
    epoch. These are different parameters if the monitored value is measured on the training data.

    With `best`, a better checkpoint of an earlier fit is kept: nothing is written until the current fit
    improves on its value. If this does not happen, a `localgrad.warnings.CheckpointWarning` reports both
    values when training ends. If the data has changed, the values are not comparable; use `overwrite` then.
    An empty file is treated as missing.

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
            raise ValueError(f"path must have a name in each pair of braces, got {self._path!r}")
        self._changes = bool(fields)  # whether the path depends on the epoch
        self._epochs = integer(every, "every", at_least=1)
        self._best = boolean(best, "best")
        self._monitor = Monitor(monitor, mode)
        self._overwrite = boolean(overwrite, "overwrite")
        self._written: tuple[int, int] | None = None
        self._theirs: dict[str, float | None] = {}  # best values in files of earlier fits, None for our own
        self._kept: tuple[str, float] | None = None  # an existing file better than this fit, its value

    def __repr__(self) -> str:
        watched = f", best=True, monitor={self._monitor.name!r}, mode={self._monitor.mode!r}"
        watched += ", overwrite=True" if self._overwrite else ""
        return f"Checkpoint({self._path!r}, every={self._epochs}{watched if self._best else ''})"

    def on_train_begin(self, training: Training) -> None:
        """Check that the folder exists, before training starts.

        Examples
        --------
        >>> import localgrad as lg
        >>> lost = lg.callbacks.Checkpoint("no/such/folder/net.safetensors")
        >>> lg.Network([1, 1]).fit([[0.0]], [1.0], callbacks=[lost])
        Traceback (most recent call last):
        FileNotFoundError: path must be in an existing folder, got 'no/such/folder/net.safetensors'
        """
        if self._best:
            self._monitor.begin(training.names)
            self.keep_parameters = self._monitor.of_training
        self._written = None
        self._path_for(training)
        folder = os.path.dirname(self._path)
        if folder and "{" not in folder and not os.path.isdir(folder.replace("}}", "}")):
            raise FileNotFoundError(f"path must be in an existing folder, got {self._path!r}")
        if os.path.isdir(self._path_for(training)):
            raise IsADirectoryError(f"path must be a file, got the folder {self._path!r}")
        self._theirs, self._kept = {}, None
        if self._best and not self._overwrite and not self._changes:
            self._refuse_others(self._path_for(training))

    def on_epoch_end(self, training: Training) -> None:
        """Write a checkpoint if one is due.

        Examples
        --------
        >>> import localgrad as lg, tempfile, os
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "best.safetensors")
        ...     best = lg.callbacks.Checkpoint(path, best=True)
        ...     history = lg.Network([1, 1], init="zeros").fit(
        ...         [[0.0]], [1.0], epochs=9, optimizer=lg.SGD(2.5), callbacks=[best]  # diverges
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
        """Write the last checkpoint, and warn if a better one of an earlier fit was kept.

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
        # The last epoch may have been written already, but training can end in the middle of an epoch.
        done = (training.epoch, training.mini_batch)
        if not self._best and training.stopped != "error" and self._written != done:
            self._write(training)
        if self._kept is not None and training.stopped != "error":
            path, theirs = self._kept
            warn(
                f"nothing was written to {path!r}: the existing checkpoint has {self._monitor.watched} "
                f"{theirs:.6g}, better than the best of this fit, {self._monitor.best:.6g}; "
                "pass overwrite=True to Checkpoint to replace it",
                CheckpointWarning,
            )

    def state(self) -> dict[str, object] | None:
        """Return the best value so far, to store in a checkpoint; None without `best`.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.callbacks.Checkpoint("best.safetensors", best=True).state()
        {'monitor': None, 'best': None}
        """
        return self._monitor.state() if self._best else None

    def set_state(self, state: dict[str, Any]) -> None:
        """Restore a state that `state` returned.

        Raises
        ------
        ValueError
            If `state` is invalid or belongs to a different monitor.

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
        """Raise FileExistsError if the value in an existing file cannot be compared with ours."""
        if not _is_there(path):
            return
        found = best_of(os.fsencode(path))
        if found is None or found[:2] != self._sense:
            what = "another file" if found is None else f"a checkpoint with monitor {found[0]!r}"
            raise FileExistsError(
                f"path must be a new file or a checkpoint with best=True and monitor "
                f"{self._monitor.watched!r}, got {what}: {path!r}; pass overwrite=True to replace it"
            )

    def _earlier(self, path: str) -> float | None:
        """Return the best value in the checkpoint that an earlier fit wrote to this path, or None."""
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
        names = dict.fromkeys(training.names, float("nan"))  # the first epoch may not have ended yet
        values: dict[str, float] = {**names, **training.logs, "epoch": training.epoch}
        try:
            return self._path.format(**values)
        except (KeyError, IndexError, ValueError, AttributeError, TypeError) as error:
            known = ", ".join(repr(name) for name in values)
            raise ValueError(
                f"path must be a format string with the names {known}, got {self._path!r}: "
                f"{type(error).__name__}: {error}"
            ) from None


def _is_there(path: str) -> bool:
    return os.path.isfile(path) and os.path.getsize(path) > 0
