"""Parquet files, read by pyarrow."""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from localgrad.cli.tables.source import Source

_VALUES = 2**19  # that are read at once


class Parquet(Source):
    """A Parquet file, whose columns have types."""

    def __init__(self, path: str, name: str) -> None:
        super().__init__(path, name)
        try:
            schema = pyarrow.parquet.read_schema(path)
        except (pa.ArrowException, OSError) as error:
            raise self.error(f"cannot be read as Parquet: {_first_line(error)}") from None
        index = _index_columns(schema)
        self.columns = self.checked([one for one in schema.names if one not in index])

    def blocks(self) -> Iterator[Any]:
        """Yield the table as pyarrow tables of some rows each, at least one row in total."""
        rows = 0
        size = max(_VALUES // len(self.columns), 1)
        try:
            with pyarrow.parquet.ParquetFile(self.path) as file:
                for batch in file.iter_batches(size, columns=self.columns):
                    rows += batch.num_rows
                    if batch.num_rows:
                        yield pa.Table.from_batches([batch]).replace_schema_metadata(None)
        except (pa.ArrowException, OSError) as error:
            raise self.error(f"cannot be read as Parquet: {_first_line(error)}") from None
        if not rows:
            raise self.error("the table has no rows")

    def place(self, row: int) -> str:
        """Return the number of a row, counted from 1."""
        return f"row {row + 1}"


def _index_columns(schema: Any) -> list[str]:
    """Return the columns that pandas has added for the index of a data frame."""
    text = (schema.metadata or {}).get(b"pandas")
    if text is None:
        return []
    names = json.loads(text).get("index_columns", [])
    return [one for one in names if isinstance(one, str) and one.startswith("__index_level_")]


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
