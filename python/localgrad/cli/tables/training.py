"""Training a model on a file, and measuring it on rows that training has not seen."""

import argparse
import contextlib
import sys
import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad.cli.errors import CommandError, reason
from localgrad.cli.outputs import check_writable
from localgrad.cli.plots import check_plot, save_figure
from localgrad.cli.tables import notes
from localgrad.cli.tables.charts import results_figure
from localgrad.cli.tables.files import open_table
from localgrad.cli.tables.inputs import Inputs, misread, same_file
from localgrad.cli.tables.names import check_columns, check_name
from localgrad.cli.tables.results import printing, write_json
from localgrad.cli.tables.scores import baselines, score_table, scores_of
from localgrad.cli.tables.source import Source
from localgrad.cli.tables.split import test_rows
from localgrad.cli.tables.target import CLASSIFICATION, Target
from localgrad.errors import BadExample
from localgrad.tabular import TabularClassifier, TabularRegressor
from localgrad.warnings import ColumnWarning

_INTERRUPTED = 130


@dataclass(frozen=True)
class Part:
    """Rows of a file with their targets; `rows` are their numbers in the file."""

    source: Source
    X: Any
    y: NDArray[Any]
    rows: NDArray[np.intp]

    def where(self, mask: NDArray[np.bool_]) -> "Part":
        """Return some of the rows."""
        return Part(self.source, self.X.filter(mask), self.y[mask], self.rows[mask])


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
    for one in written:
        if any(same_file(one, other) for other in read):
            raise CommandError(f"{one} must not be both read and written")
    check_writable(*written)


def _train(arguments: argparse.Namespace, output: Any) -> int:
    source = open_table(arguments.data, arguments)
    check_name(arguments.target, source, "--target")
    kinds = _kinds(arguments, source)
    table = source.read()
    target = Target.read(source, table, arguments.target)
    print(f"{source.name}: {table.num_rows:,} rows, {len(source.columns)} columns")
    notes.of_missing_targets(target)
    task, why = (arguments.task, "as requested") if arguments.task else target.task()
    print(f"target {target.name!r}: {task}, {why}")

    classifies = task == CLASSIFICATION
    _check_task(arguments, classifies)
    y = target.labels() if classifies else target.numbers()
    _check_several(source, target.name, y)
    names = [name for name in source.columns if name != target.name]
    if not names:
        raise source.error(f"the table has no column besides the target {target.name!r}")
    everything = Part(source, table.select(names).take(target.rows), y, target.rows)
    del table
    part, test = _divided(everything, arguments, target, classifies)
    validation = (
        _other(arguments.validation, arguments, target.name, names, y)
        if isinstance(arguments.validation, str)
        else None
    )
    model = _model(arguments, kinds, classifies)
    seconds, interrupted = _fit(model, part, validation, target.name)

    _save(model, arguments.out)
    trained = f"the model was trained on {len(part.y):,} rows"
    if validation is not None:
        trained += f", with {len(validation.y):,} rows of {validation.source.name} to choose the best epoch"
    print(f"{trained}, in {seconds:.1f} s{', until it was interrupted' if interrupted else ''}")
    results, outputs = _measured(model, part, test)
    facts = {
        "model": arguments.out,
        "task": task,
        "target": target.name,
        "rows": {"training": len(part.y), "test": 0 if test is None else len(test.y)},
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
    for option, names in (("--column", dict(arguments.column)), ("--ignore", arguments.ignore)):
        for name in names:
            check_name(name, source, option)
            if name == arguments.target:
                raise CommandError(f"{option} must name a column other than the target, got {name!r}")
    return kinds


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


def _check_several(source: Source, name: str, y: NDArray[Any]) -> None:
    values = np.unique(y)
    if len(values) < 2:
        raise source.error(
            f"column {name!r}, the target, has the value {values.tolist()[0]!r} in all {len(y):,} rows"
        )


def _divided(
    part: Part, arguments: argparse.Namespace, target: Target, classifies: bool
) -> tuple[Part, Part | None]:
    """Return the rows to train on, and those to test on."""
    if isinstance(arguments.test, str):
        return part, _other(arguments.test, arguments, target.name, part.X.column_names, part.y)
    if arguments.test == 0:
        return part, None
    held = test_rows(part.y, arguments.test, arguments.seed, classes=classifies)
    if not held.any() or held.all():
        print("there are too few rows to hold some out for testing")
        return part, None
    if classifies:
        _check_several(part.source, target.name, part.y[~held])
    return part.where(~held), part.where(held)


def _other(path: str, arguments: argparse.Namespace, target: str, names: list[str], y: NDArray[Any]) -> Part:
    """Return the rows of another file with the same columns, for testing or validation."""
    source = open_table(path, arguments)
    check_columns([*names, target], source)
    table = source.read()
    found = Target.read(source, table, target)
    notes.of_missing_targets(found)
    if y.dtype.kind == "f":
        values: NDArray[Any] = found.numbers()
    else:
        values = found.labels(y.dtype.kind)
        found.unknown(np.unique(y), values)
    return Part(source, table.select(names).take(found.rows), values, found.rows)


def _model(
    arguments: argparse.Namespace, kinds: dict[str, str], classifies: bool
) -> TabularClassifier | TabularRegressor:
    options: dict[str, Any] = {
        "columns": kinds or None,
        "n_ensemble": arguments.ensemble,
        "time_limit": arguments.time_limit,
        "n_threads": arguments.threads,
        "verbose": 1,
        "random_state": arguments.seed,
    }
    if arguments.epochs is not None:
        options["epochs"] = arguments.epochs
    if not isinstance(arguments.validation, str):
        options["validation_fraction"] = arguments.validation
    if classifies:
        return TabularClassifier(calibrate=arguments.calibrate, **options)
    return TabularRegressor(coverage=arguments.coverage, **options)


def _fit(model: Any, part: Part, validation: Part | None, target: str) -> tuple[float, bool]:
    """Train the model; return the seconds, and whether Ctrl-C ended it with a model."""
    start, interrupted = time.perf_counter(), False
    eval_set = None if validation is None else (validation.X, validation.y)
    try:
        columns = notes.of_columns(part, model.columns or {})
        with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
            warnings.showwarning = notes.show_warning  # type: ignore[assignment]
            warnings.simplefilter("always")
            warnings.simplefilter("ignore", ColumnWarning)  # `notes` has named these columns
            try:
                model.fit(part.X, part.y, eval_set=eval_set)
            except KeyboardInterrupt:
                if not hasattr(model, "ensemble_"):
                    raise
                interrupted = True
    except BadExample as error:
        there = validation if validation is not None and error.argument.startswith("validation ") else part
        raise misread(there.source, error, int(there.rows[error.row])) from None
    except (FloatingPointError, TypeError, ValueError) as error:
        raise CommandError(str(error)) from None
    notes.of_other_columns(columns, model.columns_)
    model.target_name_ = target
    # How fast to predict, and whether to print, are no properties of the model.
    model.set_params(verbose=0, n_threads=None)
    return time.perf_counter() - start, interrupted


def _save(model: Any, path: str) -> None:
    try:
        model.save(path)
    except OSError as error:
        raise CommandError(f"cannot write {path}: {reason(error)}", status=1) from None
    print(f"wrote {path}")


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
        raise misread(test.source, error, int(test.rows[error.row])) from None
    scores = {"localgrad": scores_of(model, test.y, outputs)}
    scores |= baselines(model, part.X, part.y, test.X, test.y)
    where = f"{len(test.y):,} rows"
    where += "" if test.source is part.source else f" of {test.source.name}"
    print(f"\nscores of the saved model on {where} that training has not seen:\n{score_table(scores)}")
    return scores, outputs
