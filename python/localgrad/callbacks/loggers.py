"""Callbacks that write one line per epoch to a file."""

import csv
import io
import json
import logging
import math
import os
from abc import ABC, abstractmethod
from typing import Any

from localgrad._arguments.check import file_path
from localgrad.callbacks.base import Callback
from localgrad.callbacks.training import Training

_logger = logging.getLogger("localgrad")


class _LineLogger(Callback, ABC):
    """Base class of loggers. The file is closed after each line, so that no line is lost in a crash."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = os.fsdecode(file_path(path))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._path!r})"

    def on_train_begin(self, training: Training) -> None:
        """Create the file or, if the fit resumes from a checkpoint, remove the lines of later epochs.

        Examples
        --------
        >>> import localgrad as lg
        >>> lost = lg.callbacks.CSVLogger("no/such/folder/log.csv")
        >>> lg.Network([1, 1]).fit([[0.0]], [1.0], callbacks=[lost])
        Traceback (most recent call last):
        FileNotFoundError: [Errno 2] No such file or directory: 'no/such/folder/log.csv'
        """
        self._begin()
        if not training.resumed:
            with open(self._path, "wb"):
                return
        with open(self._path, "a+b") as file:  # "a" creates the file if it is missing, "+" allows reading it
            file.seek(0)
            file.truncate(self._length_until(file, training.epoch))
        self._go_on(list(training.history))

    def on_epoch_end(self, training: Training) -> None:
        """Write a line with the values of the epoch.

        Examples
        --------
        >>> import localgrad as lg, tempfile, pathlib
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "log"
        ...     net = lg.Network([1, 1], init="zeros")
        ...     history = net.fit([[0.0]], [1.0], epochs=1, callbacks=[lg.callbacks.JSONLinesLogger(path)])
        ...     print(path.read_text(), end="")
        {"epoch": 1, "cost": 0.5}
        """
        line = self._line({"epoch": training.epoch, **training.logs})
        with open(self._path, "ab") as file:
            file.write(line.encode())

    def _length_until(self, file: Any, epoch: int) -> int:
        """Return the length in bytes of the complete lines up to and including this epoch."""
        length = 0
        for line in file:
            if not line.endswith(b"\n"):  # the process was killed while it wrote this line
                break
            try:
                later = self._epoch(line.decode(), first=length == 0) > epoch
            except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError, csv.Error):
                raise ValueError(
                    f"path must be a file written by {type(self).__name__} when resuming, "
                    f"got {self._path!r} with the line {line[:60]!r}"
                ) from None
            if later:
                break
            length += len(line)
        return length

    def _begin(self) -> None:
        """Reset what is known about the file."""

    def _go_on(self, names: list[str]) -> None:
        """Prepare to append lines with these values."""

    @abstractmethod
    def _line(self, values: dict[str, float]) -> str:
        """Format the values of an epoch as a line, including the newline."""

    @abstractmethod
    def _epoch(self, line: str, first: bool) -> int:
        """Return the epoch of a line; `first` is whether it is the first line of the file."""


class CSVLogger(_LineLogger):
    """Callback that writes the costs and metrics of each epoch to a CSV file.

    The first line contains the names of the columns: ``epoch``, which is the number of epochs the network has
    been trained for, and the names of the costs and metrics of the first epoch. Missing values and NaN are
    written as empty fields.

    A new fit replaces the file. A fit that resumes from a checkpoint appends to it, after removing the lines
    of epochs later than the checkpoint; values that have no column in the file are left out and reported in a
    log message.

    Parameters
    ----------
    path : str or os.PathLike
        File to write.

    Raises
    ------
    TypeError
        If `path` is not a path.
    OSError
        Raised by `fit` if the file cannot be written.
    ValueError
        Raised by `fit` if it resumes from a checkpoint and the file was not written by this class.

    Examples
    --------
    >>> import localgrad as lg, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "log.csv"
    ...     log = lg.callbacks.CSVLogger(path)
    ...     net = lg.Network([1, 1], init="zeros")
    ...     history = net.fit([[0.0]], [1.0], epochs=2, optimizer=lg.SGD(0.5), callbacks=[log])
    ...     print(path.read_text(), end="")
    epoch,cost
    1,0.5
    2,0.125
    """

    def _begin(self) -> None:
        self._columns: list[str] | None = None

    def _go_on(self, names: list[str]) -> None:
        missing = [] if self._columns is None else [name for name in names if name not in self._columns]
        if missing:
            _logger.warning(
                "%r does not write %s: the file has no columns for them", self, ", ".join(missing)
            )

    def _line(self, values: dict[str, float]) -> str:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        if self._columns is None:
            self._columns = list(values)
            writer.writerow(self._columns)
        numbers = [values.get(name, math.nan) for name in self._columns]
        writer.writerow(["" if math.isnan(number) else number for number in numbers])
        return text.getvalue()

    def _epoch(self, line: str, first: bool) -> int:
        fields = next(csv.reader([line]))
        if first:
            if fields[0] != "epoch":
                raise ValueError
            self._columns = fields
            return 0
        return int(fields[0])


class JSONLinesLogger(_LineLogger):
    """Callback that writes the costs and metrics of each epoch to a file in the JSON Lines format.

    Each line is a JSON object with ``epoch``, the number of epochs the network has been trained for, and the
    values of the epoch, named as in the history. Infinity and NaN are written as null.

    A new fit replaces the file. A fit that resumes from a checkpoint appends to it, after removing the lines
    of epochs later than the checkpoint.

    Parameters
    ----------
    path : str or os.PathLike
        File to write.

    Raises
    ------
    TypeError
        If `path` is not a path.
    OSError
        Raised by `fit` if the file cannot be written.
    ValueError
        Raised by `fit` if it resumes from a checkpoint and the file was not written by this class.

    Examples
    --------
    >>> import localgrad as lg, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "log.jsonl"
    ...     log = lg.callbacks.JSONLinesLogger(path)
    ...     net = lg.Network([1, 1], init="zeros")
    ...     history = net.fit([[0.0]], [1.0], epochs=2, optimizer=lg.SGD(0.5), callbacks=[log])
    ...     print(path.read_text(), end="")
    {"epoch": 1, "cost": 0.5}
    {"epoch": 2, "cost": 0.125}
    """

    def _line(self, values: dict[str, float]) -> str:
        plain = {name: value if math.isfinite(value) else None for name, value in values.items()}
        return json.dumps(plain, ensure_ascii=False) + "\n"

    def _epoch(self, line: str, first: bool) -> int:
        return int(json.loads(line)["epoch"])
