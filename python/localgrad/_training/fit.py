"""The body of `Network.fit`."""

import math
import os
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from numpy.typing import ArrayLike

from localgrad._arguments.check import MAX_COUNT, boolean, file_path, integer, real, threads, verbosity
from localgrad._arguments.regularization import Regularization, penalties_of
from localgrad._arrays.weights import ClassWeight
from localgrad._data.examples import Examples
from localgrad._data.feed import ArrayFeed
from localgrad._data.feeds import feed_of
from localgrad._training import lbfgs
from localgrad._training.first_look import Look
from localgrad._training.listeners import Listener, Listeners, listeners
from localgrad._training.loop import Loop
from localgrad._training.measured import Measured
from localgrad._training.numbers import Outputs, first_history
from localgrad._training.progress import progress_for
from localgrad._training.rates import Rates
from localgrad._training.requests import Requests
from localgrad._training.resumption import Keeper, Resumption, keep, settings_of
from localgrad._training.stream import Trainee
from localgrad._training.trainer import make_trainer
from localgrad.blocks import Blocks, blocks_like
from localgrad.callbacks import Checkpoint, Training, early_stopping
from localgrad.history import History
from localgrad.metrics import Metric, metrics_of
from localgrad.optimizers import LBFGS, Optimizer
from localgrad.optimizers.argument import update_rule
from localgrad.schedules.argument import AnySchedule, fit_schedule

__all__ = ["fit"]


def fit(
    network: Trainee,
    X: ArrayLike | Blocks | Callable[[], Iterable[Any]],
    y: ArrayLike | None,
    *,
    epochs: int,
    batch_size: int | None,
    optimizer: Optimizer | str | None,
    schedule: AnySchedule | None,
    shuffle: bool,
    sample_weight: ArrayLike | None,
    class_weight: ClassWeight | None,
    regularization: Regularization,
    validation: tuple[ArrayLike, ...] | float | None,
    metrics: str | Callable[..., Any] | Sequence[str | Callable[..., Any]] | None,
    callbacks: Sequence[Listener],
    restore_best: bool,
    time_limit: float | None,
    checkpoint: str | os.PathLike[str] | None,
    checkpoint_every: int,
    resume: str | os.PathLike[str] | None,
    n_threads: int | None,
    verbose: int,
) -> History:
    """Train by mini-batches, or by L-BFGS; the arguments are those of `Network.fit`."""
    model = network._model
    model.check_cost()
    count = integer(epochs, "epochs", at_least=0)
    rule = update_rule(optimizer)
    penalties = penalties_of(
        len(model.sizes) - 1,
        **regularization,
    )
    resumption = None if resume is None else Resumption.read(resume, model)
    first = model.epochs if resumption is None else resumption.saved.first_epoch
    if first + count > MAX_COUNT:
        raise ValueError(
            f"epochs must be at most {MAX_COUNT - first}, for the network counts to {MAX_COUNT} "
            f"and begins at {first}, got {count}"
        )
    feed, held_out = feed_of(
        model,
        X,
        y,
        batch_size=None if isinstance(rule, LBFGS) and blocks_like(X) is None else batch_size,
        shuffle=boolean(shuffle, "shuffle"),
        sample_weight=sample_weight,
        class_weight=class_weight,
        validation=validation,
        seed=model.seed if resumption is None else resumption.native.seed,
    )
    wanted = () if metrics is None and held_out is None else metrics_of(metrics, model)
    own = listeners(callbacks)
    if boolean(restore_best, "restore_best"):
        own += early_stopping.best_epoch(own)
    every = integer(checkpoint_every, "checkpoint_every", at_least=1)
    if checkpoint is not None:
        path = os.fsdecode(file_path(checkpoint, "checkpoint"))
        own.append(Checkpoint(path.replace("{", "{{").replace("}", "}}"), every=every))
    progress = progress_for(verbosity(verbose))
    told = Listeners(progress, own)
    seconds = None if time_limit is None else real(time_limit, "time_limit", above=0.0)
    team = threads(n_threads)
    pace = fit_schedule(schedule, validation=held_out is not None)
    if isinstance(rule, LBFGS):
        checkpoints = resume is not None or any(isinstance(one, Checkpoint) for one in own)
        lbfgs.check(model, feed, pace, penalties, resumes=checkpoints, hears_batches=told.hear_batches)

    with model.guard.training():
        history = first_history(wanted, held_out, pace, team)
        history.first_epoch = model.epochs
        rates = Rates(pace, getattr(rule, "learning_rate", math.nan), count, feed.mini_batches)
        requests = Requests("LBFGS does not support checkpoints" if isinstance(rule, LBFGS) else "")
        measured = Measured(model, partial(_measure, n_threads=team, metrics=wanted), feed.names)
        training = Training(
            network,
            history,
            first_epoch=model.epochs,
            last_epoch=model.epochs + count,
            names=tuple(history),
            rows=feed.rows,
            mini_batches=feed.mini_batches,
            deadline=None if seconds is None else time.monotonic() + seconds,
            learning_rate=rates.last,
            _request=requests.add,
            _of_number=measured.parameters,
        )
        evaluate = None if held_out is None else partial(held_out.measure, team, wanted)
        loop = Loop(training, told, rates, Outputs(wanted, model), measured, requests, evaluate, progress)
        if not isinstance(feed, ArrayFeed):
            loop.look = Look(fewest=100)
        elif count:
            look = Look()
            look(model, feed.data.rows, feed.data.targets, feed.data.index)
            loop.look_again = look.again
        before, stream, columns = network.history, network._stream, model.native.feature_names
        undo: Callable[[], None] | None = None
        if isinstance(rule, LBFGS):
            assert isinstance(feed, ArrayFeed)  # so says its check
            train = partial(lbfgs.minimize, model, feed.data, rule, penalties, team, loop, wanted)
        else:
            trainer = make_trainer(
                model, rule, penalties, feed.batch_size, team, weighted=feed.weighted, rows=feed.rows
            )
            keeper = Keeper(trainer, rates, told, settings_of(feed, count, rule, pace, penalties), pace)
            loop.keeper = keeper
            train = partial(loop.train, trainer, feed)
            if resumption is not None:
                resumption.prepare(loop, keeper, feed)
                train = partial(resumption.train, loop, told, train)
                undo = resumption.move(model)
            else:
                undo = keep(model)
        began = (model.epochs, 0 if resumption is None else resumption.position)
        network.history, network._stream = history, None
        if count:
            model.native.feature_names = list(feed.columns or ())
        try:
            loop.run(train)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            position = 0 if isinstance(rule, LBFGS) else trainer.position
            diverged = isinstance(error, FloatingPointError) and resumption is None
            if loop.refused or (began == (model.epochs, position) and not diverged):
                # Refused before all examples had been seen: it is as if nothing had happened.
                network.history, network._stream = before, stream
                model.native.feature_names = columns
                if undo is not None:
                    undo()
            if loop.look_again is not None and isinstance(error, FloatingPointError):
                loop.look_again()
            raise
        if loop.look_again is not None:
            loop.look_again()
    return history


def _measure(sample: Examples, name: str, *, n_threads: int, metrics: tuple[Metric, ...]) -> float:
    """Measure one number of an epoch; those that do not depend on the parameters are NaN."""
    wanted = [metric for metric in metrics if metric.name == name]
    return sample.measure(n_threads, wanted).get(name, math.nan)
