"""The examples of a fleet: all members read the same arrays, each of them its own rows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad._arguments.check import mini_batch_size, shown
from localgrad._arguments.members import is_sequence
from localgrad._arrays import column_names
from localgrad._arrays.remedies import source_remedy
from localgrad._arrays.rows import numeric, shape_of
from localgrad._arrays.weights import ClassWeight, Weights, sample_weights
from localgrad._data import validation as held
from localgrad._data.examples import Examples
from localgrad._data.feed import ArrayFeed
from localgrad._data.feeds import check_validation_columns
from localgrad._model.model import Model
from localgrad.blocks import blocks_like

Index = NDArray[np.uint32]
REST = "rest"  # as validation: the rows that a member is not trained on


class MemberData:
    """The data of each member, as `Network.fit` would read it from the member's rows alone."""

    def __init__(self, model: Model, members: int, X: Any, y: Any, sample_weight: Any, rows: Any) -> None:
        if blocks_like(X) is not None:
            raise TypeError(f"X must be an array for a Fleet, got {shown(X)}")
        if y is None:
            raise TypeError(f"y must be an array, got None{source_remedy(X)}")
        self._data = Examples.of(model, X, y, only_batch=True)
        self._columns = column_names(X)
        self._weights = _weights(sample_weight, members, len(self._data))
        self._rows = _rows(rows, members, len(self._data))
        self._held_out: Examples | None = None  # if it is the same for all members
        self._validation: Any = None

    def hold_out(self, validation: Any) -> None:
        """Set the argument `validation` of `Fleet.fit`."""
        if isinstance(validation, tuple | list):
            check_validation_columns(validation, self._columns)
            self._held_out = held.held_out(self._data.model, validation).weighed()
        elif isinstance(validation, str) and (validation != REST or self._rows[0] is None):
            raise ValueError(f"validation must be {REST!r}, with rows, if it is a str, got {validation!r}")
        self._validation = validation

    def feed(
        self,
        k: int,
        model: Model,
        seed: int,
        class_weight: ClassWeight | None,
        batch_size: Any,
        shuffle: bool,
    ) -> tuple[ArrayFeed, Examples | None]:
        """Return the training data and the validation examples of member k."""
        size = None if batch_size is None else mini_batch_size(batch_size)
        data, held_out, validation = self._of(k, model, self._rows[k]), None, self._validation
        if self._held_out is not None:
            held_out = replace(self._held_out, model=model)
        elif isinstance(validation, str):
            held_out = self._of(k, model, self._other_rows(k)).weighed()
        elif validation is not None:
            held_out, data = held.split(data, validation, seed, shuffle)
            held_out = held_out.weighed()
        feed = ArrayFeed(data, class_weight, size, shuffle)
        feed.columns = self._columns
        return feed, held_out

    def check(self, n_threads: int) -> None:
        """Raise a BadExample for an invalid example of any member, by reading all of them."""
        used = np.zeros(len(self._data), bool)
        for index in self._rows:
            used[slice(None) if index is None else index] = True
        replace(self._data, index=np.flatnonzero(used).astype(np.uint32)).evaluate(n_threads)

    def _of(self, k: int, model: Model, index: Index | None) -> Examples:
        weights = self._weights[k]
        if weights is None:
            return replace(self._data, model=model, index=index)
        if not weights[slice(None) if index is None else index].any():
            raise ValueError(f"sample_weight must be above 0 for at least 1 row of member {k}, got 0 for all")
        # A copy, because weights are divided by their mean in place.
        return replace(self._data, model=model, index=index, weights=weights.copy())

    def _other_rows(self, k: int) -> Index:
        others = np.ones(len(self._data), bool)
        others[self._rows[k]] = False
        if not others.any():
            raise ValueError(f"rows[{k}] must leave at least 1 row for validation={REST!r}, got all rows")
        return np.flatnonzero(others).astype(np.uint32)


def _weights(value: Any, members: int, n: int) -> Sequence[Weights | None]:
    """Return the sample weights of each member, of shape (n,) for all or (members, n)."""
    if value is None:
        return [None] * members
    array = numeric(value, "sample_weight")
    if array.ndim == 2 and array.shape == (members, n):
        return [sample_weights(one, n, name=f"sample_weight[{k}]") for k, one in enumerate(array)]
    return [sample_weights(array, n)] * members


def _rows(rows: Any, members: int, n: int) -> Sequence[Index | None]:
    """Return the rows of each member in ascending order, None for all rows."""
    if rows is None:
        return [None] * members
    if not is_sequence(rows):
        raise TypeError(f"rows must be a sequence of arrays, one for each member, got {shown(rows)}")
    if len(rows) != members:
        raise ValueError(f"rows must have length {members}, an array for each member, got length {len(rows)}")
    return [_index(one, n, f"rows[{k}]") for k, one in enumerate(rows)]


def _index(value: Any, n: int, name: str) -> Index:
    array = numeric(value, name)
    if array.ndim != 1 or array.dtype.kind not in "biu":
        raise TypeError(
            f"{name} must be an array of {n} booleans or of integers, got shape {shape_of(array)} and dtype "
            f"{array.dtype}"
        )
    if array.dtype.kind == "b":
        if len(array) != n:
            raise ValueError(f"{name} must have length {n}, a boolean for each row, got length {len(array)}")
        index = np.flatnonzero(array)
    else:
        outside = (array < 0) | (array >= n)
        if outside.any():
            raise ValueError(f"{name} must be in [0, {n}), got {array[np.argmax(outside)]}")
        index, counts = np.unique(array, return_counts=True)
        if (counts > 1).any():
            raise ValueError(f"{name} must not repeat a row, got row {index[np.argmax(counts > 1)]} twice")
    if not len(index):
        raise ValueError(f"{name} must have at least 1 row, got 0")
    return index.astype(np.uint32)
