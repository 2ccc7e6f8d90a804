"""Delimited text: CSV and TSV, read by pyarrow with all columns as text."""

import codecs
import io
import shutil
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.csv

from localgrad.cli.errors import CommandError, reason
from localgrad.cli.tables import compression, decimals
from localgrad.cli.tables.lines import Record, records, unclosed, undecodable
from localgrad.cli.tables.source import Source, temporary

_SEPARATORS = (",", ";", "\t", "|")
_LOOKED_AT = 20  # records, to find the separator
_BLOCK = 2**23  # bytes that are read at once; a row must have fewer


class Delimited(Source):
    """A CSV or TSV file.

    All columns are read as text, so that it does not depend on the other rows how a value is read: the
    estimators find numbers and dates, and read each column as in training.
    """

    def __init__(
        self, path: str, name: str, separator: str | None, encoding: str | None, decimal: str
    ) -> None:
        super().__init__(path, name)
        self.decimal = decimal
        try:
            self._encoding = _checked_encoding(encoding) if encoding else self._found_encoding()
            self._separator = separator or self._found_separator()
            header = next(records(path, self._decoder, self._separator), None)
        except UnicodeError:
            raise self._not_decodable() from None
        except (OSError, *compression.ERRORS) as error:
            raise self._unreadable(error) from None
        if header is None:
            raise self.error("the file is empty")
        self._header: Record = header
        # As pandas calls columns without a name.
        names = [field or f"Unnamed: {i}" for i, field in enumerate(header.fields)]
        self.columns = self.checked(names, f"line {header.first}: ")

    @property
    def _decoder(self) -> str:
        return "utf-8-sig" if self._encoding == "utf-8" else self._encoding

    def _found_encoding(self) -> str:
        with compression.reader(self.path) as stream:
            return "utf-16" if stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8"

    def _found_separator(self) -> str:
        """Return the separator with which the header has the most fields, and the next records as many."""
        best, found = ",", (False, 1)
        for separator in _SEPARATORS:
            first = islice(records(self.path, self._decoder, separator), _LOOKED_AT)
            counts = [len(one.fields) for one in first]
            if counts and counts[0] > 1 and (score := (len(set(counts)) == 1, counts[0])) > found:
                best, found = separator, score
        return best

    def blocks(self) -> Iterator[Any]:
        """Yield the table as pyarrow tables of some rows each, at least one row in total."""
        last = ""
        try:
            if len(list(islice(records(self.path, self._decoder, self._separator), 2))) < 2:
                raise self.error("the table has no rows below the header")
            for batch in self._batches():
                if batch.num_rows:
                    last = batch.column(batch.num_columns - 1)[batch.num_rows - 1].as_py()
                    table = pa.Table.from_batches([batch])
                    yield decimals.with_points(table) if self.decimal == "," else table
            # pyarrow takes the rest of the file for the last value if a quote is not closed.
            line = unclosed(self.path, self._decoder, self._separator) if "\n" in last else None
        except UnicodeError:
            raise self._not_decodable() from None
        except (OSError, *compression.ERRORS) as error:
            raise self._unreadable(error) from None
        if line is not None:
            raise CommandError(f"{self.name}: line {line}: the quote of the last column is never closed")

    def _batches(self) -> Iterator[Any]:
        try:
            with (
                self._utf8() as stream,
                pyarrow.csv.open_csv(
                    stream,
                    read_options=pyarrow.csv.ReadOptions(
                        column_names=self.columns,
                        skip_rows=self._header.first - 1,  # empty lines before the header
                        skip_rows_after_names=1,
                        block_size=_BLOCK,
                    ),
                    parse_options=pyarrow.csv.ParseOptions(
                        delimiter=self._separator, newlines_in_values=True
                    ),
                    convert_options=pyarrow.csv.ConvertOptions(
                        column_types={name: pa.string() for name in self.columns}, strings_can_be_null=False
                    ),
                ) as reader,
            ):
                yield from reader
        except pa.ArrowInvalid as error:
            raise self._malformed(error) from None

    def _utf8(self) -> Any:
        """Return a stream of pyarrow with the decompressed text.

        It involves no Python object: a thread of pyarrow that releases one while the interpreter ends would
        abort the process.
        """
        stream = compression.native(self.path) if self._encoding == "utf-8" else None
        if stream is not None:
            return stream
        with temporary() as copy, compression.reader(self.path) as given:
            text = io.TextIOWrapper(given, self._decoder, newline="")
            shutil.copyfileobj(text, codecs.getwriter("utf-8")(copy))
        return pa.input_stream(copy.name, compression=None)

    def place(self, row: int) -> str:
        """Return the line of a row."""
        found = next(islice(records(self.path, self._decoder, self._separator), row + 1, None))
        return f"line {found.first}"

    def _malformed(self, error: Exception) -> CommandError:
        """Return an error that names the first line with another number of fields than the header."""
        if undecodable(self.path, self._encoding):
            return self._not_decodable()
        expected = len(self.columns)
        for record in records(self.path, self._decoder, self._separator):
            where = f"line {record.first}"
            if (number := len(record.fields)) != expected:
                if record.last > record.first:
                    where = f"lines {record.first} to {record.last} (is a quote not closed?)"
                return CommandError(f"{self.name}: {where}: expected {expected} fields, got {number}")
            if sum(map(len, record.fields)) > _BLOCK // 4:
                return CommandError(f"{self.name}: {where}: expected less than {_BLOCK // 2**20} MB in a row")
        return self.error(str(error))

    def _not_decodable(self) -> CommandError:
        bad = undecodable(self.path, self._encoding)
        where, what = ("", "") if bad is None else (f" line {bad[0]}:", f", got the byte 0x{bad[1]:02x}")
        return CommandError(
            f"{self.name}:{where} expected text in the encoding {self._encoding}{what}; "
            "--encoding sets another one, such as latin-1"
        )

    def _unreadable(self, error: BaseException) -> CommandError:
        if isinstance(error, OSError) and error.errno is not None:
            return CommandError(f"{self.name}: {error.strerror}")
        why = reason(error) if isinstance(error, OSError) else str(error)
        ending = compression.endings(self.path)[1]
        what = (
            f"is damaged or not in the format {compression.FORMATS[ending]}" if ending else "cannot be read"
        )
        return self.error(f"the file {what}: {why}")


def _checked_encoding(name: str) -> str:
    try:
        found = codecs.lookup(name).name
        "".encode(found)
    except LookupError:
        raise CommandError(f"--encoding must be the name of an encoding, got {name!r}") from None
    return "utf-8" if found in ("utf-8", "utf-8-sig") else found
