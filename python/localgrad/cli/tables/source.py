"""Files with tables: the interface of all formats, and which one a file has."""

import contextlib
import os
import shutil
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from localgrad.cli.errors import CommandError

_STANDARD_INPUT = ("/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")  # without an extension, and read only once


class Source(ABC):
    """A file with a table, which can be read several times.

    Attributes
    ----------
    name : str
        What messages call it.
    columns : list of str
        The names of its columns.
    decimal : str
        The decimal sign of its numbers.
    """

    decimal = "."

    def __init__(self, path: str, name: str) -> None:
        self.path = path
        self.name = name
        self.columns: list[str] = []

    @abstractmethod
    def blocks(self) -> Iterator[Any]:
        """Yield the table as pyarrow tables of some rows each, at least one row in total."""

    @abstractmethod
    def place(self, row: int) -> str:
        """Return where a row is, such as "line 17"; rows are counted from 0."""

    def read(self) -> Any:
        """Return the whole table."""
        return pa.concat_tables(list(self.blocks()))

    def error(self, message: str, row: int | None = None) -> CommandError:
        """Return an error about the file, or about one of its rows."""
        where = "" if row is None else f" {self.place(row)}:"
        return CommandError(f"{self.name}:{where} {message}")

    def checked(self, columns: Sequence[str], where: str = "") -> list[str]:
        """Return the names of columns; raise CommandError if there are none or one occurs twice."""
        if not columns:
            raise self.error("the table has no columns")
        twice = next((one for i, one in enumerate(columns) if one in columns[:i]), None)
        if twice is not None:
            raise self.error(f"{where}column names must differ, got {twice!r} twice")
        return list(columns)


def spooled(path: str) -> tuple[str, str]:
    """Return the path of a file and what to call it; copy the standard input, for "-", to a file."""
    if path != "-":
        if path in _STANDARD_INPUT:
            raise CommandError(f"{path}: pass - for the standard input")
        if not os.path.exists(path):
            raise CommandError(f"{path}: No such file or directory")
        if os.path.isdir(path):
            raise CommandError(f"{path}: is a folder, expected a file")
        return path, path
    with temporary() as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
    return copy.name, "standard input"


@contextlib.contextmanager
def temporary() -> Iterator[Any]:
    """Yield a file to write to, which is removed at the end of the process."""
    copy = tempfile.NamedTemporaryFile(suffix=".csv")  # noqa: SIM115
    _KEPT.append(copy)
    yield copy
    copy.flush()


_KEPT: list[Any] = []
