"""The columns of a model in the tables that a user passes to it."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

import localgrad
from localgrad.cli.errors import CommandError, reason
from localgrad.cli.model_facts import has_estimator
from localgrad.cli.tables.decimals import REMEDY, has_comma
from localgrad.cli.tables.names import check_columns
from localgrad.cli.tables.source import Source
from localgrad.errors import BadExample
from localgrad.tabular import TabularClassifier, TabularRegressor
from localgrad.tabular.columns import IGNORED
from localgrad.tabular.loading import unwrapped
from localgrad.tabular.table import where


def load_model(path: str, threads: int | None) -> TabularClassifier | TabularRegressor:
    """Load the model of a file; raise CommandError if there is none, or its columns have no names."""
    try:
        model = unwrapped(path)
    except OSError as error:
        raise CommandError(reason(error)) from None
    except (TypeError, ValueError, OverflowError) as error:
        what = "a network, not" if _is_network(path) else "not"
        why = "" if _is_network(path) else f": {error}"
        raise CommandError(f"{path}: {what} a model of localgrad train{why}") from None
    if not hasattr(model, "feature_names_in_"):
        raise CommandError(f"{path}: the model was trained on an array without names of columns")
    return model.set_params(n_threads=threads)  # type: ignore[no-any-return]


def _is_network(path: str) -> bool:
    try:
        localgrad.load(path)
    except ValueError:
        return False
    return not has_estimator(path)


class Inputs:
    """The columns of a model in a file, by name.

    Columns that the model ignores may be missing. Raises CommandError if others are.
    """

    def __init__(self, model: Any, source: Source) -> None:
        self._names = model.feature_names_in_.tolist()
        self._source = source
        kinds = [column.kind for column in model.columns_]
        needed = [name for name, kind in zip(self._names, kinds, strict=True) if kind not in IGNORED]
        check_columns(needed, source)

    def of(self, table: Any) -> Any:
        """Return the columns of the model in a table of the file."""
        known = set(table.column_names)
        columns = [table.column(one) if one in known else pa.nulls(table.num_rows) for one in self._names]
        return pa.table(columns, names=self._names)

    def predicted(self, *methods: Any) -> Iterator[tuple[Any, list[Any]]]:
        """Yield the blocks of the file, each with what some methods of the model return for it."""
        first = 0
        for table in self._source.blocks():
            try:
                X = self.of(table)
                yield table, [method(X) for method in methods]
            except BadExample as error:
                raise misread(self._source, error, first + error.row, X) from None
            except (TypeError, ValueError) as error:
                raise self._source.error(in_file(error)) from None
            first += table.num_rows


def in_file(error: Exception) -> str:
    """Return the message of an error about a table, which is not called X in a file."""
    return str(error).removeprefix("X ")


def misread(source: Source, error: BadExample, row: int, X: Any) -> CommandError:
    """Return the error about a value of the table X, with its place in the file, `row`."""
    for name in X.column_names:
        if error.argument in (where(name), f"validation {where(name)}"):
            comma = source.decimal != "," and has_comma(X.column(name)[error.row].as_py())
            hint = f"; {REMEDY}" if comma else ""
            return source.error(f"column {name!r} {error.reason}{hint}", row)
    return source.error(str(error), row)
