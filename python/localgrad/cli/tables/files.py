"""Opening a file with a table, by its extension."""

import argparse

from localgrad.cli.errors import CommandError
from localgrad.cli.tables.compression import EXTENSIONS, endings
from localgrad.cli.tables.delimited import Delimited
from localgrad.cli.tables.parquet import Parquet
from localgrad.cli.tables.source import Source, spooled

_TEXT = {".csv": None, ".tsv": "\t", ".tab": "\t", ".txt": None}  # the separator, None if it is to be found
_PARQUET = (".parquet", ".pq")


def open_table(path: str, options: argparse.Namespace) -> Source:
    """Open a table; `options` has `sep`, `encoding` and `decimal`."""
    path, name = spooled(path)
    extension, compression = endings(path)
    if extension in _PARQUET and not compression:
        return Parquet(path, name)
    if extension in _TEXT:
        return Delimited(path, name, options.sep or _TEXT[extension], options.encoding, options.decimal)
    raise CommandError(
        f"{name}: expected a file name ending in {', '.join(_TEXT)} (also with {', '.join(EXTENSIONS)}) or "
        f"{', '.join(_PARQUET)}"
    )
