"""The body of `Network.partial_fit`."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from localgrad._arguments.check import boolean, mini_batch_size, threads
from localgrad._arguments.regularization import penalties_of
from localgrad._arrays import column_names
from localgrad._arrays.weights import has_weight
from localgrad._data.examples import Examples
from localgrad._model.model import Model
from localgrad._training.first_look import Look
from localgrad._training.partial_state import PartialState, Trainee
from localgrad._training.trainer import TrainerSettings
from localgrad.optimizers.argument import mini_batch_rule


def partial_fit(network: Trainee, given: Mapping[str, Any]) -> float:
    """Train one epoch and return its cost; the arguments are those of `Network.partial_fit`."""
    model = network._core_model
    model.check_columns(given["X"], "X")
    data, before = _examples(model, given), network._partial_state
    settings = _settings(model, given, data, before)
    in_new_order = boolean(given["shuffle"], "shuffle")
    with model.guard.training():
        look = Look(fewest=math.inf) if before is None else before.look
        if not look.settled:
            look(model, data.rows, data.targets)
        with look:
            state = PartialState.of(model, before, settings, len(data), look)
            with _learned(model, data, state, settings.n_threads):
                cost = _train(network, state, data, in_new_order)
            if model.feature_names is None:
                model.native.feature_names = list(column_names(given["X"]) or ())
    return cost


@contextmanager
def _learned(model: Model, data: Examples, state: PartialState, n_threads: int) -> Iterator[None]:
    """Standardize by the examples of the first call; undo that if an error occurs before the first update."""
    native, epochs, first = model.native, model.epochs, model.standardize_now
    if first:
        native.standardization = data.moments(n_threads)
    try:
        yield
    except BaseException:
        if first and native.epochs == epochs and not state.trainer.position:
            native.standardization = None
        raise


def _examples(model: Model, given: Mapping[str, Any]) -> Examples:
    data = Examples.of(model, given["X"], given["y"], sample_weight=given["sample_weight"])
    if data.weights is not None and not has_weight(data.weights, model.dtype):
        raise ValueError(
            f"sample_weight must be above 0 as {model.dtype} for at least 1 example, "
            f"got {data.weights.max()} at most"
        )
    return data


def _settings(
    model: Model, given: Mapping[str, Any], data: Examples, before: PartialState | None
) -> TrainerSettings:
    """Return the settings of the call; by default the optimizer is that of the previous call."""
    size, optimizer = given["batch_size"], given["optimizer"]
    if optimizer is None and before is not None:
        optimizer = before.settings.rule
    return TrainerSettings(
        batch_size=len(data) if size is None else mini_batch_size(size),
        rule=mini_batch_rule(optimizer, "for partial_fit"),
        penalties=penalties_of(len(model.sizes) - 1, given),
        n_threads=threads(given["n_threads"]),
        weighted=data.weights is not None,
    )


def _train(network: Trainee, state: PartialState, data: Examples, in_new_order: bool) -> float:
    """Train, and keep the state in the network unless nothing has been trained."""
    # Invalid data raises an error before the first mini-batch; the state of earlier calls is then kept.
    costs: list[float] = []
    trainer = state.trainer
    trainer.set_data(data.rows, data.targets, data.weights, *data.names)
    try:
        with network._core_model.guard.computing():
            trainer.run(1, costs, in_new_order)
    except (TypeError, ValueError):
        if trainer.position:
            network._partial_state = state
        raise
    except BaseException:
        network._partial_state = state
        raise
    finally:
        trainer.release_data()
    network._partial_state = state
    return costs[0]
