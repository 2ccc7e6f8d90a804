"""The body of `Network.fit`: parse, build, run."""

import math
import time
from collections.abc import Mapping
from typing import Any

from localgrad._data.feed import ArrayFeed
from localgrad._model.model import Model
from localgrad._training.algorithm import Algorithm
from localgrad._training.callback_list import CallbackList
from localgrad._training.epoch_numbers import first_history
from localgrad._training.first_look import Look
from localgrad._training.parse import algorithm_for, parse
from localgrad._training.partial_state import Trainee
from localgrad._training.progress import progress_for
from localgrad._training.recipe import Recipe
from localgrad._training.requests import Requests
from localgrad._training.run import Run
from localgrad._training.setup import examined, setup_of
from localgrad._training.transaction import Transaction
from localgrad.callbacks import Training
from localgrad.history import DIAGNOSTICS, History


def fit(network: Trainee, arguments: Mapping[str, Any]) -> History:
    """Train a network; the arguments are those of `Network.fit`."""
    recipe = parse(network._core_model, arguments)
    with network._core_model.guard.training():
        run, look = build(network, recipe, algorithm_for(recipe.rule))
        history = run.training.history
        with look, Transaction(network, recipe, run.algorithm, history):
            learn_standards(network._core_model, recipe)
            with examined(network._core_model, recipe, history):
                run.run()
    return history


def learn_standards(model: Model, recipe: Recipe) -> None:
    """Set the standardization of a network that has not learned it yet."""
    if recipe.epochs and model.standardize_now:
        model.native.standardization = recipe.feed.moments(recipe.n_threads)


def build(
    network: Trainee, recipe: Recipe, kind: type[Algorithm], look: Look | None = None
) -> tuple[Run, Look]:
    """Return the run and the check of the first rows, by default a new one; do not change the network."""
    model, resumption = network._core_model, recipe.resumption
    history = first_history(
        recipe.metrics, recipe.held_out, recipe.schedules, recipe.n_threads, recipe.visits_all
    )
    names = tuple(history)  # logs only have numbers
    if recipe.diagnostics:
        history.update((name, []) for name in DIAGNOSTICS)
    history.first_epoch = model.epochs
    if look is None:
        look = _first_look(model, recipe)
    algorithm = kind(model, recipe, look)
    requests = Requests("" if algorithm.can_checkpoint else "LBFGS does not support checkpoints")
    training = Training(
        network,
        history,
        first_epoch=model.epochs,
        last_epoch=model.epochs + recipe.epochs,
        names=names,
        rows=recipe.feed.rows,
        mini_batches=recipe.feed.mini_batches,
        deadline=None if recipe.time_limit is None else time.monotonic() + recipe.time_limit,
        learning_rate=getattr(recipe.rule, "learning_rate", math.nan),
        _request=requests.add,
        _of_number=algorithm.parameters_of,
    )
    if resumption is not None:
        resumption.check(recipe.settings, recipe.schedules, recipe.feed, model.sizes[-1])
        algorithm.resume(resumption.saved)
        resumption.resume(training, recipe.feed.batch_size)
    history.setup = setup_of(model, recipe, None if resumption is None else resumption.saved.start)
    callbacks = CallbackList(progress_for(recipe.verbose), recipe.callbacks)
    return Run(training, callbacks, algorithm, requests, recipe), look


def _first_look(model: Model, recipe: Recipe) -> Look:
    look = Look(fewest=0 if isinstance(recipe.feed, ArrayFeed) else 100)
    if isinstance(recipe.feed, ArrayFeed) and recipe.epochs:
        data = recipe.feed.data
        look(model, data.rows, data.targets, data.index)
        look.settled = True
    return look
