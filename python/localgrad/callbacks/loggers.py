"""A file with one line for each epoch."""

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
    """Appends lines to a file, which is closed in between: a line that was written stays."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = os.fsdecode(file_path(path))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._path!r})"

    def on_train_begin(self, training: Training) -> None:
        """Begin a new file, or continue one after the epoch from which the training is resumed.

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
        with open(self._path, "a+b") as file:
            file.seek(0)
            file.truncate(self._length_until(file, training.epoch))
        self._go_on(list(training.history))

    def on_epoch_end(self, training: Training) -> None:
        """Write a line.

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
        """Return how many bytes are whole lines of no later epoch than this one."""
        length = 0
        for line in file:
            if not line.endswith(b"\n"):  # its writer was killed
                break
            try:
                later = self._epoch(line.decode(), first=length == 0) > epoch
            except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError, csv.Error):
                raise ValueError(
                    f"path must be a log of a {type(self).__name__} to go on with, "
                    f"got {self._path!r} with the line {line[:60]!r}"
                ) from None
            if later:
                break
            length += len(line)
        return length

    def _begin(self) -> None:
        """Forget what is known of a file."""

    def _go_on(self, names: list[str]) -> None:
        """Make ready for more lines with these numbers."""

    @abstractmethod
    def _line(self, values: dict[str, float]) -> str:
        """Write an epoch's numbers as text that ends its line."""

    @abstractmethod
    def _epoch(self, line: str, first: bool) -> int:
        """Read the epoch of a line."""


class CSVLogger(_LineLogger):
    """Writes the numbers of each epoch to a file of comma-separated values.

    The first line names the columns: ``epoch``, the network's count, and the numbers of the first epoch,
    named as in the history. A field is empty where a number is missing or not a number. A new training
    replaces the file; one that is resumed continues it, without the lines of later epochs than its
    checkpoint's. Numbers for which that file has no columns are left out; a warning names them.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Raises
    ------
    TypeError
        If it is not a path.
    OSError, ValueError
        By `fit`, if the file cannot be written, or is no such log but should be gone on with.

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
                "%r goes on without %s, for which the file has no columns", self, ", ".join(missing)
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
    """Writes the numbers of each epoch as a line of JSON.

    Each line is an object with ``epoch``, the network's count, and the epoch's numbers, named as in the
    history; null is written for what is infinite or not a number. A new training replaces the file; one that
    is resumed continues it, without the lines of later epochs than its checkpoint's.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Raises
    ------
    TypeError
        If it is not a path.
    OSError, ValueError
        By `fit`, if the file cannot be written, or is no such log but should be gone on with.

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
