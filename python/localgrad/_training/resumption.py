"""Putting a fit aside, and taking it up again."""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

from localgrad._data.feed import ArrayFeed, Feed
from localgrad._model.model import Model
from localgrad._support.warn import warn
from localgrad._training import checkpoint
from localgrad._training.checkpoint import EPOCHS
from localgrad._training.listeners import Listeners
from localgrad._training.loop import Loop
from localgrad._training.rates import Rates
from localgrad._training.trainer import Trainer
from localgrad.schedules.base import depends_on_epochs
from localgrad.warnings import ResumeWarning

if TYPE_CHECKING:
    from localgrad import _core
    from localgrad.callbacks.best import Request
    from localgrad.optimizers.base import MiniBatchRule
    from localgrad.schedules.argument import AnySchedule

__all__ = ["Keeper", "Resumption", "keep", "settings_of"]

logger = logging.getLogger("localgrad")


def settings_of(
    feed: Feed,
    epochs: int,
    rule: "MiniBatchRule",
    pace: "AnySchedule | None",
    penalties: "_core.Regularization",
) -> dict[str, Any]:
    """Return what fit was asked for, as a checkpoint keeps it."""
    return {
        "number of examples": feed.rows,
        EPOCHS: epochs,
        "batch_size": feed.batch_size,
        "shuffle": feed.shuffle,
        "optimizer": _text(rule),
        "schedule": _text(pace),
        **_held_out(feed),
        **{name: value for name, value in penalties.items() if _counts(value)},
    }


def _held_out(feed: Feed) -> dict[str, str]:
    """Tell one share of the rows from another, which would train on what was held out before."""
    if not isinstance(feed, ArrayFeed) or feed.data.index is None:
        return {}
    return {"rows held out": f"all but those of CRC {crc32(feed.data.index.astype('<u4').tobytes()):08x}"}


def _counts(value: Any) -> bool:
    return any(value) if isinstance(value, list | tuple) else bool(value)


def _text(value: Any) -> str | None:
    # Not repr: one that Ctrl-C has interrupted is "..." ever after.
    if value is None:
        return None
    if is_dataclass(value):
        arguments = ", ".join(f"{one.name}={getattr(value, one.name)!r}" for one in fields(value))
        return f"{type(value).__name__}({arguments})"
    return str(getattr(value, "__qualname__", type(value).__name__))


def keep(model: Model) -> Callable[[], None]:
    """Return what brings the network back to where it is now."""
    native = model.native
    parameters, seed, epochs = native.parameters.copy(), native.seed, native.epochs

    def undo() -> None:
        native.parameters[...] = parameters
        native.seed, native.epochs = seed, epochs

    return undo


@dataclass(eq=False)
class Keeper:
    """Writes the checkpoints of a fit."""

    trainer: Trainer
    rates: Rates
    listeners: Listeners
    settings: dict[str, Any]
    pace: "AnySchedule | None"

    def save(self, request: "Request", loop: Loop) -> None:
        """Write all that is needed to go on."""
        training = loop.training
        position = self.trainer.position
        saved = checkpoint.Saved(
            first_epoch=training.first_epoch,
            step=training.step,
            cost_sum=loop.cost_sum,
            batch_cost=training.batch_cost,
            learning_rate=self.rates.last,
            history=training.history,
            settings=self.settings,
            schedule=self.rates.state(),
            outputs=loop.outputs.so_far(position),
            measured=loop.measured.kept if position else None,
            callbacks=self.listeners.states(),
        )
        state = checkpoint.TrainerState(*self.trainer.state())
        checkpoint.save(request, training.network._model, state, saved)


@dataclass(eq=False)
class Resumption:
    """A checkpoint that has been read."""

    native: checkpoint.Native
    state: checkpoint.TrainerState
    saved: checkpoint.Saved

    @classmethod
    def read(cls, path: Any, model: Model) -> "Resumption":
        """Read the checkpoint of a network like this one."""
        native, state, saved = checkpoint.load(path)
        checkpoint.check_same_network(model, native)
        return cls(native, state, saved)

    def prepare(self, loop: Loop, keeper: Keeper, feed: Feed) -> None:
        """Put everything but the network where the checkpoint says that it was."""
        saved, training = self.saved, loop.training
        self._check_optimizer(keeper)
        self._check_position(feed, training.network._model.sizes[-1])
        saved.warn_of_changes(keeper.settings)
        self._warn_of_epochs(keeper)
        try:
            keeper.trainer.set_state(*self.state)
        except ValueError as error:
            raise ValueError(
                f"resume must be a checkpoint with the state of {keeper.settings['optimizer']}, got one of "
                f"{saved.settings.get('optimizer')}: {error}"
            ) from None
        keeper.rates.set_state(saved.schedule)
        keeper.rates.last = training.learning_rate = saved.learning_rate
        count = training.last_epoch - training.first_epoch
        training.first_epoch = saved.first_epoch
        training.last_epoch = saved.first_epoch + count
        training.step, training.batch_cost, loop.cost_sum = saved.step, saved.batch_cost, saved.cost_sum
        training.mini_batch = -(-self.position // feed.batch_size)
        training.resumed = True
        history, past = training.history, saved.history
        done = len(past["cost"])
        training.logs = {name: past[name][-1] for name in history if past.get(name)}
        for name in (*history, *past):
            history[name] = past.get(name, [math.nan] * done)
        history.first_epoch = past.first_epoch
        loop.outputs.kept = saved.outputs
        loop.measured.kept = saved.measured

    def move(self, model: Model) -> Callable[[], None]:
        """Bring the network to where it was; return what undoes that."""
        undo = keep(model)
        native, saved = model.native, self.native
        native.parameters[...] = saved.parameters
        native.seed, native.epochs = saved.seed, saved.epochs
        return undo

    def train(self, loop: Loop, listeners: Listeners, train: Callable[[], None]) -> None:
        """Let those who remember something go on from there, then train, if nobody thinks it is over."""
        try:
            left = listeners.set_states(self.saved.callbacks)
        except OverflowError as error:
            raise ValueError(f"resume must be a checkpoint of numbers that floats hold: {error}") from None
        if left:
            logger.warning(
                "resume: nothing among the callbacks takes what these remembered: %s", ", ".join(left)
            )
        if not left:
            loop.training.history.best_epoch = self.saved.history.best_epoch
        loop.training.stopped = listeners.should_stop()
        train()

    @property
    def position(self) -> int:
        """How many rows of the epoch under way had been trained."""
        return self.state.position

    def _warn_of_epochs(self, keeper: Keeper) -> None:
        """Warn of a schedule that takes another course for another number of epochs."""
        before, now = self.saved.settings.get(EPOCHS), keeper.settings[EPOCHS]
        if type(before) is int and before > 0 and depends_on_epochs(keeper.pace, before, now):
            warn(
                f"epochs is {now}, it was {before} in the checkpoint, and the schedule {_text(keeper.pace)} "
                "depends on it: the learning rate does not continue where it was; a schedule with its own "
                "epochs keeps its course",
                ResumeWarning,
            )

    def _check_optimizer(self, keeper: Keeper) -> None:
        given = str(self.saved.settings.get("optimizer")).partition("(")[0]
        wanted = keeper.settings["optimizer"].partition("(")[0]
        if given != wanted:
            raise ValueError(f"resume must be the checkpoint of a fit with {wanted}, got one with {given}")

    def _check_position(self, feed: Feed, width: int) -> None:
        position, before = self.position, self.saved.settings
        if not position:
            self.saved.outputs = None
            return
        rows, size = before.get("number of examples"), before.get("batch_size")
        if (rows, size) != (feed.rows, feed.batch_size):
            raise ValueError(
                f"resume must be the checkpoint of a fit with {feed.rows} examples in mini-batches of "
                f"{feed.batch_size}, got one that stands inside an epoch of {rows} in mini-batches of "
                f"{size}"
            )
        most = math.inf if feed.rows is None else feed.rows
        # Of blocks nobody may know how many rows there are: only the last mini-batch is smaller.
        if position > most or (position % feed.batch_size and feed.rows is not None and position != most):
            raise ValueError(
                f"resume must stand at the end of a mini-batch, got row {position} of {feed.rows} in "
                f"mini-batches of {feed.batch_size}"
            )
        outputs = self.saved.outputs
        if outputs is not None:
            if outputs.size != position * width:
                raise ValueError(
                    f"resume must hold {position * width} outputs of the epoch under way, got {outputs.size}"
                )
            self.saved.outputs = outputs.reshape(position, width)
