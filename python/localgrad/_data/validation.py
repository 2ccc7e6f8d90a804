"""The argument `validation` of fit: separate examples, or a part of the training data."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import localgrad._core as _core
from localgrad._arguments.check import real, shown
from localgrad._arrays.weights import Weights, check_labels
from localgrad._data.examples import Examples, class_count
from localgrad._data.strata import first_of_each_class, first_with_marks_left, whole_groups
from localgrad._model.model import Model
from localgrad._support.warn import warn
from localgrad.hold_out import HoldOut
from localgrad.warnings import HoldOutWarning

_NAMED = 10  # classes to list in a message
_MISSED = 0.5  # relative deviation from the share, up to which whole groups cause no warning


def split(data: Examples, validation: Any, seed: int, shuffle: bool) -> tuple[Examples, Examples]:
    """Return the validation and the training examples, with weights that are not yet divided by their mean.

    `validation` is (X, y) or (X, y, sample_weight), the share of the data to hold out, in (0, 1), or a
    `HoldOut`.
    """
    if isinstance(validation, tuple | list):
        return held_out(data.model, validation), data
    targets, weights = data.answers()
    if isinstance(validation, HoldOut):
        fraction, groups = validation.share, validation._numbers(len(data.rows), data.index)
        if not groups.any():
            raise ValueError("groups must have at least 2 different values, got 1")
    else:
        fraction, groups = _share(validation), None
    taken = _held_rows(data.model, targets, weights, fraction, groups, seed, shuffle)
    held = np.zeros(len(data), bool)
    held[taken] = True
    parts = [np.flatnonzero(which).astype(np.uint32) for which in (held, ~held)]
    for part, words in zip(parts, ("held out", "left to train on"), strict=True):
        if weights is not None and not weights[part].any():
            raise ValueError(
                f"validation must leave an example with a weight above 0 on each side, got {fraction:g} and "
                f"weights of 0 for all {len(part)} examples {words}"
            )
    held_rows, left = parts if data.index is None else (data.index[part] for part in parts)
    return replace(data, index=held_rows), replace(data, index=left)


def _share(validation: Any) -> float:
    try:
        return real(validation, "validation", above=0.0, below=1.0)
    except TypeError:
        raise TypeError(
            "validation must be (X, y), (X, y, sample_weight), a share of the data in (0, 1) or a HoldOut, "
            f"got {shown(validation)}"
        ) from None


def held_out(model: Model, validation: Sequence[Any]) -> Examples:
    """Return the validation examples of (X, y) or (X, y, sample_weight)."""
    if len(validation) not in (2, 3):
        raise ValueError(
            "validation must be (X, y) or (X, y, sample_weight), of length 2 or 3, "
            f"got length {len(validation)}"
        )
    X, y, *weights = validation
    return Examples.of(
        model,
        X,
        y,
        names=("validation X", "validation y"),
        only_batch=True,
        sample_weight=weights[0] if weights else None,
        weights_name="validation sample_weight",
    )


def _held_rows(
    model: Model,
    y: NDArray[Any],
    weights: Weights | None,
    fraction: float,
    groups: NDArray[np.intp] | None,
    seed: int,
    shuffle: bool,
) -> NDArray[Any]:
    n = len(y)
    count = round(n * fraction)
    if groups is None and not 0 < count < n:
        raise ValueError(
            f"validation must leave at least 1 of {n} rows on each side, got {fraction:g}, which holds out "
            f"{count}"
        )
    marks = _marks(model, y)
    # Training learns nothing from rows of weight 0, so they count only for a class without other rows.
    counts = np.ones(n, bool) if weights is None else weights > 0
    if marks is not None and marks.ndim == 1:
        counts |= ~np.isin(marks, marks[counts])
    elif marks is not None:
        marks &= counts[:, np.newaxis] | ~marks[counts].any(axis=0)
        counts[:] = True  # rows that do not count have lost their marks
    taken: NDArray[Any]
    if not shuffle:
        first = n - count if groups is None else _cut(groups, n - count)
        if marks is not None and (unseen := _only_after(marks, counts, first)):
            warn(
                f"validation holds out all rows of {unseen}: shuffle=False holds out the last {n - first} of "
                f"{n} rows",
                HoldOutWarning,
            )
        taken = np.arange(first, n)
    elif groups is not None:
        order = _core.split_order(int(groups.max()) + 1, seed).tolist()
        marks = np.zeros(n, np.intp) if marks is None else marks  # one mark for all: only the share matters
        chosen = whole_groups(groups[counts], marks[counts], order, fraction)
        taken = np.flatnonzero(np.isin(groups, chosen))
    elif marks is None:
        taken = _core.split_order(n, seed)[:count]
    elif marks.ndim == 1:
        taken = first_of_each_class(marks, counts, _core.split_order(n, seed), count)
    else:
        taken = first_with_marks_left(marks, _core.split_order(n, seed), count)
    what = "row" if groups is None else "group"
    if not len(taken):
        raise ValueError(
            f"validation must leave a {what} of each class for training, got no other {what} to hold out"
        )
    if groups is None:
        missed, why = len(taken) < count, "a row of each class stays in training"
    else:
        missed, why = abs(len(taken) - count) > _MISSED * count, "groups are held out as a whole"
    if missed:
        warn(f"validation holds out {len(taken)} of {n} rows, not {count}: {why}", HoldOutWarning)
    return taken


def _cut(groups: NDArray[np.intp], wanted: int) -> int:
    """Return the first row of a group that is nearest to the wanted row."""
    steps = np.diff(groups)
    if (steps < 0).any():
        row = int(np.argmax(steps < 0)) + 1
        raise ValueError(
            f"groups must have adjacent rows for shuffle=False, got row {row} of a group that begins at row "
            f"{np.argmax(groups == groups[row])}"
        )
    begins = np.flatnonzero(steps) + 1
    return int(begins[np.argmin(abs(begins - wanted))])


def _marks(model: Model, y: NDArray[Any]) -> NDArray[Any] | None:
    """Return the class of each row (n,), the 1 and 0 of several yes/no outputs (n, 2k), or None for others.

    Targets encode a class if they are 1 for it and 0 elsewhere (-1 for hinge).
    """
    classes = class_count(model)
    if y.ndim == 1 and classes is not None:
        check_labels(y, classes)
        return y.astype(np.intp, copy=False)
    if not model.classifies or y.ndim == 1:
        return None
    yes = y == 1
    if not (yes | (y == (-1 if model.cost == "hinge" else 0))).all():
        return None
    if y.shape[1] == 1:
        return np.asarray(yes[:, 0], np.intp)
    if classes is not None and (np.count_nonzero(yes, axis=1) == 1).all():
        return np.asarray(yes.argmax(axis=1))
    return np.hstack([yes, ~yes])


def _only_after(marks: NDArray[Any], counts: NDArray[np.bool_], first: int) -> str:
    """Name the classes of which no row that counts comes before `first`."""
    if marks.ndim == 1:
        after, before = marks[first:][counts[first:]], marks[:first][counts[:first]]
        names = [str(one) for one in np.setdiff1d(after, before)]
    else:
        k = marks.shape[1] // 2
        unseen = marks[first:].any(axis=0) & ~marks[:first].any(axis=0)
        names = [f"{'1' if one < k else '0'} of output {one % k}" for one in np.flatnonzero(unseen)]
    if not names:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"class{'' if len(names) == 1 else 'es'} {', '.join(names[:_NAMED])}{more}"
