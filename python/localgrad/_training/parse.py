"""Checks of the arguments of `Network.fit`."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from localgrad import optimizers
from localgrad._arguments.check import MAX_COUNT, boolean, file_path, integer, real, threads, verbosity
from localgrad._arguments.regularization import penalties_of
from localgrad._data.examples import Examples
from localgrad._data.feed import Feed
from localgrad._data.feeds import feed_of
from localgrad._model.model import Model
from localgrad._training.algorithm import Algorithm
from localgrad._training.callback_list import callback_list
from localgrad._training.full_batch import FullBatch
from localgrad._training.lbfgs import LBFGS
from localgrad._training.levenberg_marquardt import LevenbergMarquardt
from localgrad._training.mini_batches import MiniBatches
from localgrad._training.private_steps import check_sampler, private_steps, sampler_of
from localgrad._training.recipe import Recipe
from localgrad._training.resumption import Resumption
from localgrad._training.slopes import slopes_of
from localgrad.blocks import blocks_like
from localgrad.callbacks import Checkpoint, early_stopping
from localgrad.metrics import metrics_of
from localgrad.optimizers import Optimizer
from localgrad.optimizers.argument import update_rule
from localgrad.optimizers.base import MiniBatchRule
from localgrad.schedules.argument import fit_schedules

Data: TypeAlias = tuple[Feed, Examples | None]  # of training and of validation


def parse(
    model: Model, given: Mapping[str, Any], feed_for: Callable[[Model, int], Data] | None = None
) -> Recipe:
    """Check the data and the named arguments of `Network.fit`, without changing the network.

    `feed_for` returns the data, given the network and the seed of a validation split, if it is not that of
    the arguments.
    """
    model.check_cost()
    epochs = None if given["epochs"] is None else integer(given["epochs"], "epochs", at_least=0)
    rule = update_rule(given["optimizer"])
    algorithm = algorithm_for(rule)
    penalties = penalties_of(len(model.sizes) - 1, given)
    # Read before the data is checked, because the checkpoint's seed determines the validation split.
    resumption = None if given["resume"] is None else Resumption.read(given["resume"], model)
    seed = model.seed if resumption is None else resumption.native.seed
    if feed_for is None:
        feed, held_out = _feed(model, given, seed, full_batch=issubclass(algorithm, FullBatch))
    else:
        feed, held_out = feed_for(model, seed)
    epochs = default_epochs(feed.mini_batches) if epochs is None else epochs
    _check_count(epochs, model.epochs if resumption is None else resumption.saved.first_epoch)
    metrics, sampler = given["metrics"], sampler_of(given)
    check_sampler(sampler, feed)
    privacy = private_steps(given, model, feed)
    if privacy and resumption and not resumption.saved.settings.get("secret_noise", True):
        privacy = replace(privacy, secret=False)  # the steps before the checkpoint
    slopes = slopes_of(given, model, feed)
    diagnostics = boolean(given.get("diagnostics", False), "diagnostics")
    if diagnostics and privacy is not None:
        raise ValueError(
            "clip_per_example does not support diagnostics, which would reveal more about the examples than "
            "the parameters do"
        )
    recipe = Recipe(
        epochs=epochs,
        rule=rule,
        penalties=penalties,
        feed=feed,
        held_out=held_out,
        metrics=() if metrics is None and held_out is None else metrics_of(metrics, model),
        callbacks=_callbacks(given),
        verbose=verbosity(given["verbose"]),
        time_limit=_seconds(given["time_limit"]),
        n_threads=threads(given["n_threads"]),
        schedules=fit_schedules(given["schedule"], validation=held_out is not None),
        resumption=resumption,
        sampler=sampler,
        privacy=privacy,
        slopes=slopes,
        diagnostics=diagnostics,
    )
    algorithm.check(model, recipe)
    return recipe if resumption is None else _with_saved_key(recipe, resumption)


def _with_saved_key(recipe: Recipe, resumption: Resumption) -> Recipe:
    """Return the recipe with the key of the checkpoint, if the run before would have taken the same steps.

    With the same noise in other steps, two runs from one checkpoint would reveal more than their guarantees.
    """
    key = resumption.saved.noise_key
    if recipe.privacy is None or key is None or not resumption.continues(recipe.settings, recipe.schedules):
        return recipe
    return replace(recipe, privacy=replace(recipe.privacy, key=key))


def default_epochs(mini_batches: int | None) -> int:
    """Return the number of epochs that have 40,000 mini-batches, within limits; 20 if those are unknown."""
    return min(max(-(-40_000 // mini_batches), 20), 200) if mini_batches else 20


def algorithm_for(rule: Optimizer) -> type[Algorithm]:
    """Return the algorithm for an optimizer."""
    if isinstance(rule, MiniBatchRule):
        return MiniBatches
    return LevenbergMarquardt if isinstance(rule, optimizers.LevenbergMarquardt) else LBFGS


def _check_count(epochs: int, first: int) -> None:
    if first + epochs > MAX_COUNT:
        raise ValueError(
            f"epochs must be at most {MAX_COUNT - first}, because the network has trained {first} of at most "
            f"{MAX_COUNT} epochs, got {epochs}"
        )


def _feed(model: Model, given: Mapping[str, Any], seed: int, *, full_batch: bool) -> Data:
    """Return the training data and the validation examples."""
    X, batch_size = given["X"], given["batch_size"]
    return feed_of(
        model,
        X,
        given["y"],
        batch_size=None if full_batch and blocks_like(X) is None else batch_size,
        shuffle=boolean(given["shuffle"], "shuffle"),
        sample_weight=given["sample_weight"],
        class_weight=given["class_weight"],
        validation=given["validation"],
        seed=seed,
    )


def _callbacks(given: Mapping[str, Any]) -> list[Any]:
    """Return the callbacks, including those for `restore_best` and `checkpoint`."""
    callbacks = callback_list(given["callbacks"])
    if boolean(given["restore_best"], "restore_best"):
        callbacks += early_stopping.best_epoch(callbacks)
    every = integer(given["checkpoint_every"], "checkpoint_every", at_least=1)
    if given["checkpoint"] is not None:
        # Escape braces, which Checkpoint would read as fields to format.
        path = os.fsdecode(file_path(given["checkpoint"], "checkpoint"))
        callbacks.append(Checkpoint(path.replace("{", "{{").replace("}", "}}"), every=every))
    return callbacks


def _seconds(time_limit: Any) -> float | None:
    return None if time_limit is None else real(time_limit, "time_limit", above=0.0)
