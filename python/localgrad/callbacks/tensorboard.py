"""Event files for TensorBoard."""

import os
from typing import Any

from localgrad._arguments.check import file_path
from localgrad.callbacks.base import Callback
from localgrad.callbacks.training import Training


class TensorBoard(Callback):
    """Writes the numbers of each epoch where ``tensorboard --logdir FOLDER`` finds them.

    What was trained on goes to the run ``train``, what the history calls ``"val_..."`` to the run
    ``validation`` without that prefix: TensorBoard then draws both into one picture.

    Parameters
    ----------
    folder : str or os.PathLike
        Where the runs' folders go; made if it is missing. Give each training a folder of its own: TensorBoard
        takes all that is in one for one curve.

    Raises
    ------
    TypeError
        If it is not a path.
    ImportError
        If tensorboard is missing: ``pip install "localgrad[tensorboard]"``.

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
        _writer_class()

    def __repr__(self) -> str:
        return f"TensorBoard({self._folder!r})"

    def on_train_begin(self, training: Training) -> None:
        """Begin the event file of what is trained on.

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
        """Write the epoch's numbers.

        Examples
        --------
        >>> import localgrad as lg, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     boards = [lg.callbacks.TensorBoard(folder)]
        ...     list(lg.Network([1, 1]).fit([[0.0]], [1.0], callbacks=boards))  # the names of the curves
        ['cost']
        """
        for name, value in training.logs.items():
            tag = name.removeprefix("val_")
            run = "train" if tag == name else "validation"
            self._writer(run).add_scalar(tag, value, training.epoch)
        for writer in self._writers.values():
            writer.flush()

    def on_train_end(self, training: Training) -> None:
        """Close the files.

        Examples
        --------
        >>> import localgrad as lg, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     board = lg.callbacks.TensorBoard(folder)
        ...     runs = [lg.Network([1, 1]).fit([[0.0]], [1.0], callbacks=[board]) for _ in range(2)]
        >>> [len(history["cost"]) for history in runs]
        [10, 10]
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
        raise ImportError('TensorBoard needs tensorboard: pip install "localgrad[tensorboard]"') from None
    return Writer
