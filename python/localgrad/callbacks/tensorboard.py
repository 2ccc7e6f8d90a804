"""A callback that writes event files for TensorBoard."""

import os
from typing import Any

from localgrad._arguments.check import file_path
from localgrad.callbacks.base import Callback
from localgrad.callbacks.training import Training


class TensorBoard(Callback):
    """Callback that writes the costs and metrics of each epoch for TensorBoard.

    View them with ``tensorboard --logdir FOLDER``. Values of the training data are written to the run
    ``train``, values of the validation data (``"val_..."`` in the history) to the run ``validation`` under
    the same name without the prefix, so that TensorBoard plots both in one chart.

    Parameters
    ----------
    folder : str or os.PathLike
        Folder of the runs, created if it does not exist. Use a separate folder for each fit: TensorBoard
        merges all event files of a folder into one curve.

    Raises
    ------
    TypeError
        If `folder` is not a path.
    ImportError
        If TensorBoard is not installed. Install it with ``pip install "localgrad[tensorboard]"``.

    Examples
    --------
    >>> import localgrad as lg, tempfile, os
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     board = lg.callbacks.TensorBoard(folder)
    ...     x, y = [[0.0], [1.0]], [1.0, 2.0]
    ...     history = lg.Network([1, 1]).fit(x, y, epochs=2, validation=(x, y), callbacks=[board])
    ...     sorted(os.listdir(folder))
    ['train', 'validation']
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = os.fsdecode(file_path(folder))
        self._writers: dict[str, Any] = {}
        _writer_class()  # report a missing package now instead of when training starts

    def __repr__(self) -> str:
        return f"TensorBoard({self._folder!r})"

    def on_train_begin(self, training: Training) -> None:
        """Create the event file of the run ``train``.

        Examples
        --------
        >>> import localgrad as lg, tempfile, os
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     board = lg.callbacks.TensorBoard(os.path.join(folder, "logs", "first"))
        ...     history = lg.Network([1, 1]).fit([[0.0]], [1.0], epochs=0, callbacks=[board])
        ...     os.listdir(os.path.join(folder, "logs", "first"))
        ['train']
        """
        self._close()
        self._writer("train")

    def on_epoch_end(self, training: Training) -> None:
        """Write the values of the epoch.

        Examples
        --------
        >>> import localgrad as lg, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     boards = [lg.callbacks.TensorBoard(folder)]
        ...     list(lg.Network([1, 1]).fit([[0.0]], [1.0], callbacks=boards))  # the names of the charts
        ['cost']
        """
        for name, value in training.logs.items():
            tag = name.removeprefix("val_")
            run = "train" if tag == name else "validation"
            self._writer(run).add_scalar(tag, value, training.epoch)
        for writer in self._writers.values():  # so that TensorBoard shows the epoch at once
            writer.flush()

    def on_train_end(self, training: Training) -> None:
        """Close the event files.

        Examples
        --------
        >>> import localgrad as lg, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     board = lg.callbacks.TensorBoard(folder)
        ...     runs = [lg.Network([1, 1]).fit([[0.0]], [1.0], epochs=2, callbacks=[board]) for _ in range(2)]
        >>> [len(history["cost"]) for history in runs]
        [2, 2]
        """
        self._close()

    def _writer(self, run: str) -> Any:
        if run not in self._writers:
            self._writers[run] = _writer_class()(os.path.join(self._folder, run))
        return self._writers[run]

    def _close(self) -> None:
        while self._writers:
            self._writers.popitem()[1].close()


def _writer_class() -> Any:
    try:
        from tensorboard.summary import Writer
    except ImportError:
        raise ImportError(
            'TensorBoard requires tensorboard; install it with: pip install "localgrad[tensorboard]"'
        ) from None
    return Writer
