"""What a fit was given and what came out, gathered for `History.diagnose` without changing the training."""

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad._arrays.rows import as_rows
from localgrad._arrays.sparse_rows import SparseRows
from localgrad._data.examples import Examples
from localgrad._data.feed import ArrayFeed
from localgrad._model.model import Model
from localgrad._training.constant import Constant
from localgrad._training.recipe import Recipe, described
from localgrad._training.snapshot import Rows, snapshot
from localgrad.callbacks import early_stopping
from localgrad.costs.slopes import RANGES
from localgrad.diagnosis import DataSummary, Setup, Snapshot
from localgrad.history import History

_ROWS = 1000
_NUMBERS = 2**19  # most numbers of X, and of z in all layers, for the sampled rows
_PRODUCTS = 2**27  # most products of (F) for them, unless there are few rows
_FEW = 64


def setup_of(model: Model, recipe: Recipe, start: Snapshot | None = None) -> Setup:
    """Return the settings of a fit; `start` is that of the checkpoint it resumes from."""
    return Setup(
        sizes=model.sizes,
        activations=(*model.activation, model.output),
        cost=model.cost,
        optimizer=described(recipe.rule) or "",
        learning_rate=getattr(recipe.rule, "learning_rate", None),
        batch_size=recipe.feed.batch_size,
        mini_batches=recipe.feed.mini_batches,
        standardize=model.options["standardize"],
        restores_best=early_stopping.restores(recipe.callbacks),
        start=start,
    )


@contextmanager
def examined(model: Model, recipe: Recipe, history: History) -> Iterator[None]:
    """Record in `History.setup` the data, the network before and after training, and whether it diverged."""
    sample = None
    assert history.setup is not None
    if recipe.diagnostics and isinstance(recipe.feed, ArrayFeed) and recipe.epochs:
        # Training reports invalid examples, with their rows in the data of the user.
        with suppress(Exception):
            sample = _sample(recipe.feed.data)
            start = history.setup.start
            if recipe.resumption is None:
                start = snapshot(model, sample, recipe)
            data = _summary(model, sample, recipe.held_out)
            history.setup = replace(history.setup, data=data, start=start)
    try:
        yield
    except FloatingPointError:
        history.setup = replace(history.setup, diverged=True)
        raise
    finally:
        if history.setup.data is not None and sample is not None:
            with suppress(Exception):
                history.setup = replace(history.setup, end=snapshot(model, sample, recipe))


def _sample(data: Examples) -> Rows:
    """Return evenly spaced examples, because data may be sorted."""
    n, model = len(data), data.model
    affordable = max(_FEW, _PRODUCTS // model.native.parameters.size)
    count = min(n, _ROWS, affordable, max(1, _NUMBERS // sum(model.sizes)))
    which = np.arange(count) * n // count
    index = which if data.index is None else data.index[which]
    rows, weights = data.rows[index], None if data.weights is None else data.weights[index]
    if weights is not None and not weights.any():
        weights = None
    return Rows(rows.dense() if isinstance(rows, SparseRows) else rows, data.targets[index], weights)


def _summary(model: Model, sample: Rows, held_out: Examples | None) -> DataSummary:
    with np.errstate(all="ignore"):  # the core rejects what is not finite when it is trained
        x = np.multiply(sample.rows, model.options["input_scale"], dtype=np.float64)
        known = model.standardization
        if known is not None:
            x = (x - known.input_mean) / known.input_std
        input_mean = x.mean(axis=0)
        x -= input_mean
        y = _numbers(model, sample.targets)
        constant = Constant(model, _own(model, sample.targets), y, sample.weights)
        elsewhere = None
        if held_out is not None:
            others = _sample(held_out)
            elsewhere = constant.cost_of(_own(model, others.targets), others.weights)
        return DataSummary(
            rows=len(x),
            input_mean=_floats(input_mean),
            input_std=_floats(np.sqrt(np.square(x, out=x).mean(axis=0))),
            target_mean=_floats(y.mean(axis=0)),
            target_std=_floats(y.std(axis=0)),
            target_low=_floats(y.min(axis=0)),
            target_high=_floats(y.max(axis=0)),
            output_range=RANGES.get(model.output.partition("(")[0], (-math.inf, math.inf)),
            unreachable=_unreachable(model, y),
            constant_cost=constant.cost,
            constant_delta=constant.delta,
            validation_constant_cost=elsewhere,
        )


def _own(model: Model, targets: NDArray[Any]) -> NDArray[Any]:
    """Return labels as they are, and other targets as the cost sees them."""
    return targets if targets.ndim == 1 and targets.dtype.kind in "biu" else _numbers(model, targets)


def _numbers(model: Model, targets: NDArray[Any]) -> NDArray[np.float64]:
    low = -1.0 if model.cost == "hinge" and targets.ndim == 1 else 0.0
    y = as_rows(targets, model.target_width, np.dtype(np.float64), low=low)
    known = model.standardization
    if known is not None and known.target_mean is not None and known.target_std is not None:
        y = (y - known.target_mean) / known.target_std
    return np.asarray(y, np.float64)


def _unreachable(model: Model, y: NDArray[np.float64]) -> float:
    limits = RANGES.get(model.output.partition("(")[0])
    variance = float(y.var(axis=0).sum())
    if limits is None or variance == 0:
        return 0.0
    return float(((y - y.clip(*limits)) ** 2).mean(axis=0).sum()) / variance


def _floats(numbers: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(numbers.tolist())
