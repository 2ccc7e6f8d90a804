"""Training an estimator, with checkpoints next to the file of the model."""

import argparse
import contextlib
import os
import shutil
import sys
import time
import warnings
from typing import Any

from localgrad.cli.errors import CommandError, reason
from localgrad.cli.tables import notes
from localgrad.cli.tables.inputs import in_file, misread
from localgrad.cli.tables.parts import Part
from localgrad.errors import BadExample
from localgrad.tabular import TabularClassifier, TabularRegressor
from localgrad.tabular.checkpoints import OtherFit
from localgrad.warnings import ColumnWarning

_CHECKPOINTS = 16  # of a run, about: each is synchronized with the disk, which takes longer than short epochs

# The options for what can differ from a run that resumes.
_OPTIONS = {"estimator": "the task", "n_ensemble": "--ensemble", "random_state": "--seed"}


def checkpoint_folder(out: str) -> str:
    """Return the folder with the checkpoints of a training run that writes a model."""
    return f"{out}.checkpoint"


def untrained(
    arguments: argparse.Namespace, kinds: dict[str, str], classifies: bool
) -> TabularClassifier | TabularRegressor:
    """Return the estimator that the arguments describe."""
    options: dict[str, Any] = {
        "columns": kinds or None,
        "n_ensemble": arguments.ensemble,
        "time_limit": arguments.time_limit,
        "n_threads": arguments.threads,
        "time_ordered": arguments.time is not None,
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


def fit(model: Any, part: Part, validation: Part | None, arguments: argparse.Namespace) -> tuple[float, bool]:
    """Train the model; return the seconds, and whether Ctrl-C ended it with a model."""
    folder = checkpoint_folder(arguments.out)
    start, interrupted = time.perf_counter(), False
    eval_set = None if validation is None else (validation.X, validation.y)
    try:
        columns = notes.of_columns(part, model.columns or {})
        with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
            warnings.showwarning = notes.show_warning  # type: ignore[assignment]
            warnings.simplefilter("always")
            warnings.simplefilter("ignore", ColumnWarning)  # `notes` has named these columns
            try:
                model.fit(
                    part.X,
                    part.y,
                    groups=part.groups,
                    eval_set=eval_set,
                    checkpoint=folder,
                    checkpoint_every=max(model.epochs // _CHECKPOINTS, 1),
                    resume=folder if arguments.resume else None,
                )
            except KeyboardInterrupt:
                if not hasattr(model, "ensemble_"):
                    raise
                interrupted = True
    except BadExample as error:
        there = validation if validation is not None and error.argument.startswith("validation ") else part
        raise misread(there.source, error, int(there.rows[error.row]), there.X) from None
    except OSError as error:
        raise CommandError(f"cannot write the checkpoints: {reason(error)}", status=1) from None
    except OtherFit as error:
        what = _OPTIONS.get(error.what, "the data, or an option that selects rows or columns,")
        raise CommandError(
            f"--resume requires the command that was interrupted, but {what} differs; run it without "
            "--resume to start anew"
        ) from None
    except (FloatingPointError, TypeError, ValueError) as error:
        raise part.source.error(in_file(error)) from None
    notes.of_other_columns(columns, model.columns_)
    model.target_name_ = arguments.target
    # How fast to predict, and whether to print, are no properties of the model.
    model.set_params(verbose=0, n_threads=None)
    return time.perf_counter() - start, interrupted


def save(model: Any, path: str, *, complete: bool) -> None:
    """Write the model, and remove the checkpoints if training is complete."""
    try:
        model.save(path)
    except OSError as error:
        raise CommandError(f"cannot write {path}: {reason(error)}", status=1) from None
    print(f"wrote {path}")
    folder = checkpoint_folder(path)
    if complete:
        shutil.rmtree(folder, ignore_errors=True)
    elif os.path.isdir(folder):
        print(f"training was interrupted; the same command with --resume continues it from {folder}")
