"""Writing predictions: CSV, TSV and Parquet, block by block."""

import contextlib
import csv
import io
from collections.abc import Iterable
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet

from localgrad.cli.errors import CommandError
from localgrad.cli.tables import compression
from localgrad.cli.tables.compression import EXTENSIONS, endings

_SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": "\t"}
_PARQUET = (".parquet", ".pq")


def check_extension(path: str) -> None:
    """Raise CommandError if predictions cannot be written in the format of a file name."""
    extension, compressed = endings(path)
    if extension not in _SEPARATORS and (extension not in _PARQUET or compressed):
        raise CommandError(
            f"cannot write {path}: expected a file name ending in {', '.join(_SEPARATORS)} (also with "
            f"{', '.join(EXTENSIONS)}) or {', '.join(_PARQUET)}"
        )


def write_tables(tables: Iterable[Any], path: str, stream: BinaryIO) -> None:
    """Write pyarrow tables with the same columns to a stream, in the format of `path`."""
    extension = endings(path)[0]
    if extension in _PARQUET:
        _write_parquet(tables, stream)
        return
    compressed = compression.writer(stream, path)
    with contextlib.nullcontext(stream) if compressed is None else compressed as plain:
        _write_text(tables, _SEPARATORS[extension], plain)


def _write_parquet(tables: Iterable[Any], stream: BinaryIO) -> None:
    with contextlib.ExitStack() as stack:
        writer: Any = None
        for table in tables:
            if writer is None:
                writer = stack.enter_context(pyarrow.parquet.ParquetWriter(stream, table.schema))
            writer.write_table(table)


def _write_text(tables: Iterable[Any], separator: str, stream: Any) -> None:
    """Write text; numbers are written such that reading returns the same number."""
    started = False
    for table in tables:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=separator, lineterminator="\n")
        if not started:
            writer.writerow(table.column_names)
            started = True
        writer.writerows(zip(*(_cells(column) for column in table.columns), strict=True))
        stream.write(text.getvalue().encode())


def _cells(column: Any) -> list[Any]:
    """Return the values of a column, which `csv` turns into text; None becomes an empty field."""
    if (
        pa.types.is_floating(column.type)
        or pa.types.is_integer(column.type)
        or pa.types.is_string(column.type)
    ):
        return column.to_pylist()  # type: ignore[no-any-return]
    return [None if one is None else str(one) for one in column.to_pylist()]
