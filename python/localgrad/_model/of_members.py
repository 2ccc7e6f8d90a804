"""Outputs of the networks of a fleet."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad._arguments.check import threads
from localgrad._arrays.rows import FloatArray, examples
from localgrad._arrays.sparse_rows import Rows
from localgrad._model.model import Model
from localgrad.errors import BadExample


def rows_for(models: Sequence[Model], X: ArrayLike) -> tuple[Rows, bool]:
    """Return the rows of X, and whether it was a single example."""
    for model in models:
        model.check_columns(X, "X")
    return examples(X, "X", models[0].sizes[0], models[0].dtype)


def outputs(
    models: Sequence[Model], rows: Rows, counted: NDArray[np.bool_] | None, n_threads: int | None
) -> FloatArray:
    """Return the outputs of each network, 0 for rows that do not count."""
    team = threads(n_threads)
    result = np.zeros((len(models), len(rows), models[0].sizes[-1]), models[0].dtype)
    for k, model in enumerate(models):
        if counted is None:
            model.native.predict(rows, result[k], team, "X")
            continue
        index = np.flatnonzero(counted[k])
        part = np.empty((len(index), result.shape[2]), result.dtype)
        try:
            model.native.predict(rows[index], part, team, "X")
        except BadExample as error:
            row = int(index[error.row])
            raise BadExample(error.argument, row, error.reason, column=error.column) from None
        result[k, index] = part
    return result


def counted(where: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which networks count for each row, at least one."""
    marks = np.asarray(where)
    if marks.dtype != bool or marks.shape != shape:
        raise ValueError(
            f"where must be booleans of shape {shape}, got shape {marks.shape}, dtype {marks.dtype}"
        )
    some = marks.any(axis=0)
    if not some.all():
        raise ValueError(f"where must have a member for each row, got none for row {np.argmin(some)}")
    return marks
