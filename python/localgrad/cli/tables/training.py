"""Training a model on a file, and measuring it on rows that training has not seen."""

import argparse
import os
from dataclasses import replace
from typing import Any

import pyarrow as pa

from localgrad.cli.errors import CommandError
from localgrad.cli.outputs import check_not_read, check_writable, counted, printing, same_file, write_json
from localgrad.cli.plots import check_plot, save_figure
from localgrad.cli.tables import notes
from localgrad.cli.tables.arrangement import groups_of, order_of
from localgrad.cli.tables.charts import results_figure
from localgrad.cli.tables.files import open_table
from localgrad.cli.tables.fitting import checkpoint_folder, fit, save, untrained
from localgrad.cli.tables.inputs import Inputs, misread
from localgrad.cli.tables.names import check_name
from localgrad.cli.tables.parts import Part, check_several, divided, other_part
from localgrad.cli.tables.scores import baselines, print_caution, score_table, scores_of
from localgrad.cli.tables.source import Source
from localgrad.cli.tables.target import CLASSIFICATION, Target
from localgrad.errors import BadExample
from localgrad.tabular import TabularClassifier

_INTERRUPTED = 130


def train(arguments: argparse.Namespace) -> int:
    """Train, measure and save a model; return the exit status."""
    _check_outputs(arguments)
    with printing(arguments.json) as output:
        return _train(arguments, output)


def _check_outputs(arguments: argparse.Namespace) -> None:
    """Raise CommandError if a file cannot be written, before the work begins."""
    if not arguments.out.endswith(".safetensors"):
        raise CommandError(f"--out must end in .safetensors, got {arguments.out}")
    check_plot(arguments.plot)
    outputs = [arguments.out, arguments.plot, None if arguments.json == "-" else arguments.json]
    written = [one for one in outputs if one is not None]
    if len(set(written)) < len(written):
        raise CommandError("--out, --plot and --json must be different files")
    read = [one for one in (arguments.data, arguments.test, arguments.validation) if isinstance(one, str)]
    check_not_read(written, read)
    for option, one in (("--test", arguments.test), ("--validation", arguments.validation)):
        if isinstance(one, str) and same_file(one, arguments.data):
            raise CommandError(f"{option} must be another file than {arguments.data}, which is trained on")
    check_writable(*written)
    folder = checkpoint_folder(arguments.out)
    if arguments.resume and not os.path.isdir(folder):
        raise CommandError(f"--resume requires the folder {folder} of a run that was interrupted")


def _train(arguments: argparse.Namespace, output: Any) -> int:
    source = open_table(arguments.data, arguments)
    check_name(arguments.target, source, "--target")
    kinds = _kinds(arguments, source)
    table = source.read()
    target = Target.read(source, table, arguments.target)
    print(f"{source.name}: {counted(table.num_rows, 'row')}, {counted(len(source.columns), 'column')}")
    notes.of_missing_targets(target)
    task, why = (arguments.task, "as requested") if arguments.task else target.task()
    print(f"target {target.name!r}: {task}, {why}")

    classifies = task == CLASSIFICATION
    _check_task(arguments, classifies)
    y = target.labels() if classifies else target.numbers()
    check_several(source, target.name, y)
    names = [name for name in source.columns if name != target.name]
    if not names:
        raise source.error(f"the table has no column besides the target {target.name!r}")
    X = _without_ignored(table.select(names), kinds).take(target.rows)
    everything = Part(source, X, y, target.rows)
    if arguments.group is not None:
        everything = replace(everything, groups=groups_of(source, table, arguments.group, target.rows))
    if arguments.time is not None:
        everything = everything.part(order_of(source, table, arguments.time, target.rows))
    del table
    part, test = divided(everything, arguments, target, classifies)
    validation = (
        other_part(arguments.validation, arguments, target.name, names, y)
        if isinstance(arguments.validation, str)
        else None
    )
    model = untrained(arguments, kinds, classifies)
    seconds, interrupted = fit(model, part, validation, arguments)

    save(model, arguments.out, complete=not interrupted)
    trained = f"the model was trained on {counted(len(part.y), 'row')}"
    chose = counted(model.validation_rows_ or 0, "row")
    if validation is not None:
        trained += f", with {chose} of {validation.source.name} to choose the best epoch"
    elif model.validation_rows_:
        trained += f", of which {chose} chose the best epoch"
        if arguments.ensemble > 1:
            trained += " of each network"
    print(f"{trained}, in {seconds:.1f} s{', until it was interrupted' if interrupted else ''}")
    results, outputs = _measured(model, part, test)
    facts = {
        "model": arguments.out,
        "task": task,
        "target": target.name,
        "rows": {
            "training": len(part.y),
            "validation": model.validation_rows_,
            "test": 0 if test is None else len(test.y),
        },
        "rows_without_target": len(target.missing),
        "columns": [vars(column) for column in model.columns_],
        "classes": model.classes_.tolist() if classifies else None,
        "networks": len(model.ensemble_.networks),
        "epochs": [network.epochs for network in model.ensemble_.networks],
        "seconds": seconds,
        "interrupted": interrupted,
        "results": results,
    }
    if arguments.json is not None:
        write_json(arguments.json, facts, output)
    if arguments.plot is not None:
        save_figure(
            results_figure(model, target.name, None if test is None else test.y, outputs), arguments.plot
        )
    return _INTERRUPTED if interrupted else 0


def _kinds(arguments: argparse.Namespace, source: Source) -> dict[str, str]:
    """Return the kinds of columns that the user requests."""
    kinds = dict(arguments.column) | dict.fromkeys(arguments.ignore, "identifier")
    others = [[one for one in [given] if one is not None] for given in (arguments.group, arguments.time)]
    if arguments.group is not None:
        kinds[arguments.group] = "identifier"  # so that the model is for other groups, too
    for option, names in (
        ("--column", dict(arguments.column)),
        ("--ignore", arguments.ignore),
        ("--group", others[0]),
        ("--time", others[1]),
    ):
        for name in names:
            check_name(name, source, option)
            if name == arguments.target:
                raise CommandError(f"{option} must name a column other than the target, got {name!r}")
    return kinds


def _without_ignored(table: Any, kinds: dict[str, str]) -> Any:
    """Return a table without the values of columns that the user ignores, which may be of any type."""
    for i, name in enumerate(table.column_names):
        if kinds.get(name) == "identifier":
            table = table.set_column(i, name, pa.nulls(table.num_rows))
    return table


def _check_task(arguments: argparse.Namespace, classifies: bool) -> None:
    """Raise CommandError if an option is for the other task."""
    if classifies and arguments.coverage is not None:
        raise CommandError(
            "--coverage is for numbers, but the target has classes; --task regression changes that"
        )
    if not classifies and arguments.calibrate:
        raise CommandError(
            "--calibrate is for classes, but the target has numbers; --task classification changes that"
        )
    if arguments.coverage is not None and arguments.coverage >= 1:
        raise CommandError(f"--coverage must be below 1, got {arguments.coverage:g}")


def _measured(model: Any, part: Part, test: Part | None) -> tuple[dict[str, Any] | None, Any]:
    """Print the scores of the model and of simple methods; return them and the predictions."""
    if test is None:
        print("it was not measured, because no rows were held out for testing")
        return None, None
    predict = model.predict_proba if isinstance(model, TabularClassifier) else model.predict
    inputs = Inputs(model, test.source)
    try:
        outputs = predict(inputs.of(test.X))
    except BadExample as error:
        raise misread(test.source, error, int(test.rows[error.row]), test.X) from None
    scores = {"localgrad": scores_of(model, test.y, outputs)}
    scores |= baselines(model, part.X, part.y, test.X, test.y)
    where = counted(len(test.y), "row")
    where += "" if test.source is part.source else f" of {test.source.name}"
    print(f"\nscores of the saved model on {where} that training has not seen:\n{score_table(scores)}")
    print_caution(scores, len(test.y))
    return scores, outputs
