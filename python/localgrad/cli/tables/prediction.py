"""Predictions for a file, in blocks of rows."""

import argparse
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from localgrad.cli.errors import CommandError
from localgrad.cli.outputs import check_not_read, check_writable, counted, printing, write
from localgrad.cli.tables.files import open_table
from localgrad.cli.tables.inputs import Inputs, load_model
from localgrad.cli.tables.names import check_name
from localgrad.cli.tables.writers import check_extension, write_tables
from localgrad.tabular import TabularClassifier

_PREDICTION = "prediction"


def predict(arguments: argparse.Namespace) -> int:
    """Write the predictions for a file; return the exit status."""
    path = None if arguments.out == "-" else arguments.out
    if path is not None:
        check_extension(path)
        check_not_read([path], [arguments.data, arguments.model])
        check_writable(path)
    model = load_model(arguments.model, arguments.threads)
    predictors = _predictors(model, arguments)
    source = open_table(arguments.data, arguments)
    inputs = Inputs(model, source)
    for name in arguments.keep:
        check_name(name, source, "--keep")
    names = [*arguments.keep, *(name for _, columns in predictors for name in columns)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise CommandError(f"the columns of the predictions must differ, got {twice!r} twice")

    if path is None:
        with printing("-") as output:
            write_tables(_tables(inputs, arguments.keep, predictors), "predictions.csv", output.buffer)
            output.buffer.flush()
        return 0
    tables = _Counted(_tables(inputs, arguments.keep, predictors))
    write(path, lambda stream: write_tables(tables, path, stream))
    print(counted(tables.rows, "row"))
    return 0


def _predictors(model: Any, arguments: argparse.Namespace) -> list[tuple[Any, list[str]]]:
    """Return the methods to call, and the names of the columns that each returns."""
    classifies = isinstance(model, TabularClassifier)
    if arguments.proba and not classifies:
        raise CommandError(f"--proba is for classes, but {arguments.model} predicts numbers")
    if arguments.interval and (classifies or not model.has_intervals):
        raise CommandError(f"--interval requires a model trained with --coverage, got {arguments.model}")
    if not classifies:
        interval = [(model.predict_interval, ["lower", "upper"])] if arguments.interval else []
        return [(model.predict, [_PREDICTION]), *interval]
    if not arguments.proba:
        return [(model.predict, [_PREDICTION])]
    return [(_Labelled(model), [_PREDICTION, *(f"probability_{one}" for one in model.classes_.tolist())])]


class _Labelled:
    """Predicts classes and probabilities at once."""

    def __init__(self, model: TabularClassifier) -> None:
        self._model = model

    def __call__(self, X: Any) -> list[Any]:
        probabilities = self._model.predict_proba(X)
        return [self._model.classes_[probabilities.argmax(axis=1)], *probabilities.T]


def _tables(inputs: Inputs, keep: list[str], predictors: list[tuple[Any, list[str]]]) -> Iterator[Any]:
    """Yield the predictions for each block of the file, after the columns to keep."""
    for block, found in inputs.predicted(*(method for method, _ in predictors)):
        columns = {name: block.column(name) for name in keep}
        for (_, names), outputs in zip(predictors, found, strict=True):
            arrays = outputs if isinstance(outputs, list) else outputs.reshape(block.num_rows, -1).T
            columns |= {name: pa.array(array.tolist()) for name, array in zip(names, arrays, strict=True)}
        yield pa.table(columns)


class _Counted:
    """Counts the rows of tables."""

    def __init__(self, tables: Iterator[Any]) -> None:
        self._tables = tables
        self.rows = 0

    def __iter__(self) -> Iterator[Any]:
        for table in self._tables:
            self.rows += table.num_rows
            yield table
