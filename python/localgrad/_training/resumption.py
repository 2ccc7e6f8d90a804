"""A checkpoint that a fit resumes from.

Four objects restore its content. `Transaction` restores the parameters, seed and epochs of the network.
`MiniBatches.resume` restores the states of trainer and schedule, and the current epoch (position, cost,
outputs). `Resumption.resume` restores the counters and the history of the training. `Run` restores the states
of the callbacks.

The result is bit-identical to that of an uninterrupted run because there is no other state between
mini-batches: order, dropout and noise depend only on (seed, epoch, position).
"""

import logging
import math
from dataclasses import dataclass
from typing import Any

from localgrad._data.feed import Feed
from localgrad._model.model import Model
from localgrad._support.warn import warn
from localgrad._training import checkpoint
from localgrad._training.checkpoint import EPOCHS
from localgrad.callbacks import Training
from localgrad.schedules.argument import AnySchedule
from localgrad.schedules.base import depends_on_epochs
from localgrad.warnings import ResumeWarning

# Settings of private training that the guarantee depends on.
_OF_GUARANTEE = ("clip_per_example", "noise_multiplier", "sampler", "batch_size", "number of examples")

logger = logging.getLogger("localgrad")


@dataclass(frozen=True, eq=False)
class Resumption:
    """A checkpoint that has been read."""

    native: checkpoint.Native
    saved: checkpoint.Saved

    @classmethod
    def read(cls, path: Any, model: Model) -> "Resumption":
        """Read a checkpoint of a network with the same architecture."""
        native, saved = checkpoint.load(path)
        checkpoint.check_same_network(model, native)
        return cls(native, saved)

    @property
    def position(self) -> int:
        """Number of rows of the current epoch that were trained before the checkpoint."""
        return self.saved.algorithm.trainer.position

    def check(self, now: dict[str, Any], schedules: dict[str, AnySchedule], feed: Feed, width: int) -> None:
        """Raise a ValueError if a fit with these settings cannot resume; log the settings that differ."""
        before = self.saved.settings
        given, wanted = (str(one.get("optimizer")).partition("(")[0] for one in (before, now))
        if given != wanted:
            raise ValueError(f"resume must be the checkpoint of a fit with {wanted}, got one with {given}")
        self._check_private(now)
        if self.position:
            self._check_position(feed)
            self._check_outputs(width)
        self.saved.warn_of_changes(now)
        jumping = [name.replace("_", " ") for name in self._jumping(now, schedules)]
        if jumping:
            warn(
                f"epochs was {before[EPOCHS]} in the checkpoint and is {now[EPOCHS]} now, and the schedule "
                f"{now['schedule']} depends on it, so the {' and the '.join(jumping)} "
                f"{'jumps' if len(jumping) == 1 else 'jump'}; a schedule with its own epochs would not "
                "change",
                ResumeWarning,
            )

    def continues(self, now: dict[str, Any], schedules: dict[str, AnySchedule]) -> bool:
        """Whether a fit with these settings continues with the same steps as the one before."""
        return not self.saved.changes(now) and not self._jumping(now, schedules)

    def resume(self, training: Training, batch_size: int) -> None:
        """Restore the counters and history in a `Training` that has not started."""
        saved = self.saved
        training.last_epoch += saved.first_epoch - training.first_epoch
        training.first_epoch = saved.first_epoch
        training.step, training.batch_cost = saved.step, saved.batch_cost
        training.learning_rate = saved.learning_rate
        training.mini_batch = -(-self.position // batch_size)
        training.resumed = True
        history, past = training.history, saved.history
        done = len(past["cost"])
        training.logs = {name: past[name][-1] for name in training.names if past.get(name)}
        # New metrics are NaN for past epochs; metrics that are no longer measured keep their values.
        for name in (*history, *past):
            history[name] = past.get(name, [math.nan] * done)
        history.first_epoch = past.first_epoch

    def _jumping(self, now: dict[str, Any], schedules: dict[str, AnySchedule]) -> list[str]:
        """Return the scheduled settings that another number of epochs changes."""
        epochs = self.saved.settings.get(EPOCHS)
        if type(epochs) is not int or epochs <= 0:
            return []
        return [name for name, one in schedules.items() if depends_on_epochs(one, epochs, now[EPOCHS])]

    def _check_private(self, now: dict[str, Any]) -> None:
        """Raise a ValueError if one guarantee cannot hold for the steps before and after."""
        before = self.saved.settings
        if before.get("clip_per_example") is None and now.get("clip_per_example") is None:
            return
        for name in _OF_GUARANTEE:
            default = "shuffled" if name == "sampler" else None
            given, wanted = before.get(name, default), now.get(name, default)
            if given != wanted:
                raise ValueError(
                    f"resume must be the checkpoint of a fit with {name} {wanted!r}, because its steps count "
                    f"for the privacy too, got {given!r}"
                )

    def _check_position(self, feed: Feed) -> None:
        """Raise a ValueError for a position that is not at the end of a mini-batch of this fit."""
        position, before = self.position, self.saved.settings
        rows, size = before.get("number of examples"), before.get("batch_size")
        if (rows, size) != (feed.rows, feed.batch_size):
            raise ValueError(
                f"resume must be the checkpoint of a fit with {feed.rows} examples in mini-batches of "
                f"{feed.batch_size}, got one inside an epoch of {rows} in mini-batches of {size}"
            )
        most = math.inf if feed.rows is None else feed.rows
        # Blocks may have an unknown number of rows, so any position may be the end of the epoch.
        if position > most or (position % feed.batch_size and feed.rows is not None and position != most):
            raise ValueError(
                f"resume must be at the end of a mini-batch, got row {position} of {feed.rows} in "
                f"mini-batches of {feed.batch_size}"
            )

    def _check_outputs(self, width: int) -> None:
        outputs = self.saved.algorithm.outputs
        if outputs is not None and outputs.size != self.position * width:
            raise ValueError(
                f"resume must have {self.position * width} outputs of the current epoch, got {outputs.size}"
            )
