"""Scores of a model on a file."""

import argparse
from typing import Any

import numpy as np
import pyarrow as pa

from localgrad.cli.errors import CommandError
from localgrad.cli.outputs import STANDARD, check_not_read, check_writable, counted, printing, write_json
from localgrad.cli.tables import notes
from localgrad.cli.tables.files import open_table
from localgrad.cli.tables.inputs import Inputs, load_model
from localgrad.cli.tables.names import check_columns, check_name
from localgrad.cli.tables.scores import score_table, scores_of
from localgrad.cli.tables.target import Target
from localgrad.tabular import TabularClassifier


def evaluate(arguments: argparse.Namespace) -> int:
    """Print the scores of a model on a file; return the exit status."""
    if arguments.json not in (None, STANDARD):
        check_not_read([arguments.json], [arguments.data, arguments.model])
        check_writable(arguments.json)
    model = load_model(arguments.model, arguments.threads)
    name = arguments.target or model.target_name_
    if name is None:
        raise CommandError(f"{arguments.model} has no name of its target; pass --target")
    with printing(arguments.json) as output:
        facts = _evaluated(model, name, arguments)
        if arguments.json is not None:
            write_json(arguments.json, {"model": arguments.model, "data": arguments.data, **facts}, output)
    return 0


def _evaluated(model: Any, name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    source = open_table(arguments.data, arguments)
    if arguments.target:
        check_name(name, source, "--target")
    check_columns([name], source)
    inputs = Inputs(model, source)
    classifies = isinstance(model, TabularClassifier)
    columns, found = [], []
    for table, (outputs,) in inputs.predicted(model.predict_proba if classifies else model.predict):
        columns.append(table.select([name]))
        found.append(outputs)
    target = Target.read(source, pa.concat_tables(columns), name)
    y = target.labels(model.classes_.dtype.kind) if classifies else target.numbers()
    if classifies:
        target.unknown(model.classes_, y)
    notes.of_missing_targets(target)
    scores = scores_of(model, y, np.concatenate(found)[target.rows])
    print(
        f"{source.name}: {counted(len(y), 'row')}, target {name!r}\n{score_table({arguments.model: scores})}"
    )
    return {"target": name, "rows": len(y), "rows_without_target": len(target.missing), "results": scores}
