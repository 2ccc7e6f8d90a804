"""The records of delimited text with their lines: to read a header, and to say where an error is."""

import csv
import io
import sys
from collections.abc import Iterator
from typing import NamedTuple

from localgrad.cli.tables import compression


class Record(NamedTuple):
    """A record of delimited text: its fields, and its first and last line, counted from 1."""

    fields: list[str]
    first: int
    last: int


def records(path: str, encoding: str, separator: str) -> Iterator[Record]:
    """Yield the records of a file that are not empty lines."""
    csv.field_size_limit(sys.maxsize)
    with compression.reader(path) as stream:
        text = io.TextIOWrapper(stream, encoding, newline="")
        reader = csv.reader(text, delimiter=separator)
        line = 0
        for fields in reader:
            if fields:
                yield Record(fields, line + 1, reader.line_num)
            line = reader.line_num


def unclosed(path: str, encoding: str, separator: str) -> int | None:
    """Return the line from which a quote that is never closed takes the rest of a file, None without one."""
    with compression.reader(path) as stream:
        text = io.TextIOWrapper(stream, encoding, newline="")
        reader = csv.reader(text, delimiter=separator, strict=True)
        line = 0
        try:
            for _ in reader:
                line = reader.line_num
        except csv.Error:
            return None if text.readline() else line + 1  # other errors do not end the file
    return None


def undecodable(path: str, encoding: str) -> tuple[int, int] | None:
    """Return the first line that cannot be decoded and the byte that is the reason; None if unknown."""
    if "\n".encode(encoding, "ignore") != b"\n":  # UTF-16: lines cannot be told apart before decoding
        return None
    with compression.reader(path) as stream:
        for number, line in enumerate(stream, 1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError as error:
                return number, line[error.start]
    return None
