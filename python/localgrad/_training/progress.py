"""What a fit shows of its progress while it is under way."""

import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, TextIO

from localgrad._training.displays import Report, display_for
from localgrad.callbacks import Callback

if TYPE_CHECKING:
    from localgrad.callbacks.training import Training

__all__ = ["Progress", "progress_for"]

_LIVE_PAUSE = 0.1  # seconds between two pictures of a bar: what an eye can follow
_READ_PAUSE = 1.0  # for which the numbers of an epoch stay in a picture
_LINE_PAUSE = 1.0  # between the lines of two epochs, at least
_WITHIN_PAUSE = 5.0  # between lines within an epoch, at least
_LINES_AT_MOST = 50  # pauses between lines grow to this part of the time since the beginning


def progress_for(verbose: int, stream: TextIO | None = None) -> "Progress | None":
    """Return what shows the progress of a fit.

    Parameters
    ----------
    verbose : int
        0 for nothing; 1 for a bar where `stream` is a terminal or a notebook, else for lines at sensible
        intervals; 2 and above for a line after every epoch.
    stream : file, optional
        Where to write, by default ``sys.stdout``; then a bar of tqdm goes to ``sys.stderr``, if that is a
        terminal.

    Examples
    --------
    >>> from localgrad._training.progress import progress_for
    >>> progress_for(0) is None
    True
    """
    return Progress(verbose, stream) if verbose > 0 else None


class Progress(Callback):
    """Shows the progress of one fit after its epochs, and within those that last.

    The examples a second count all the time that passes, that of validation and callbacks included: in a bar
    since the beginning, in a line since the line before.
    """

    def __init__(self, verbose: int = 1, stream: "TextIO | None" = None) -> None:
        self._every_epoch = verbose >= 2
        self._stream = stream
        self._training: Training | None = None

    def on_train_begin(self, training: "Training") -> None:
        """Begin to measure time."""
        self._training = training
        self._began = self._shown = self._counted = self._epoch_began = time.monotonic()
        self._mini_batches = training.mini_batches
        self._steps = training.step - training.mini_batch  # before the epoch under way
        self._began_at = self._counted_at = self._position(training, training.mini_batch)
        self._shown_epoch: int | None = None  # the last whose numbers have been shown
        self._shown_within: int | None = None  # the last of which there was a line before it was over
        self._last_trained = training.epoch
        self._display, self._live = display_for(
            self._stream, not self._every_epoch and training.last_epoch > training.epoch
        )

    def tick(self, finished: int, cost: float) -> None:
        """Show how far an epoch has come: its finished mini-batches and their mean cost."""
        training = self._training
        if training is None:
            return
        now = time.monotonic()
        within = now - self._epoch_began
        pause = _LIVE_PAUSE if self._live else self._pause(_WITHIN_PAUSE, now)
        if now - self._shown < pause or not (self._live or within >= pause):
            return
        position = self._position(training, finished)
        if self._live and training.logs and within < _READ_PAUSE:
            self._show(training.epoch, training.logs, position, now)
            return
        self._shown_within = training.epoch + 1
        if self._mini_batches:
            stage = f"{int(100 * min(finished / self._mini_batches, 1.0))} %"
        else:
            stage = f"mini-batch {finished}"
        self._show(training.epoch + 1, {"cost": cost}, position, now, stage=stage, before=training.logs)

    def on_epoch_end(self, training: "Training") -> None:
        """Show an epoch's numbers if it is time."""
        now = time.monotonic()
        # As many as have been counted, where nobody knew.
        self._mini_batches = training.mini_batches or training.step - self._steps
        self._steps = training.step
        if (
            self._every_epoch
            or self._shown_epoch is None
            or self._shown_within == training.epoch
            or training.epoch >= training.last_epoch
            or now - self._shown >= (_LIVE_PAUSE if self._live else self._pause(_LINE_PAUSE, now))
        ):
            self._show_epoch(training, now)
        self._epoch_began = now

    def on_train_end(self, training: "Training") -> None:
        """Show the last epoch's numbers, if they have not been shown, and let go of the line."""
        if self._training is None:
            return
        shown = self._shown_epoch == training.epoch
        if self._live and training.epoch < training.last_epoch:
            shown = False  # the picture tells of a time that is left
        if training.epoch > self._last_trained and not shown:
            self._show_epoch(training, time.monotonic())
        self._display.close()
        self._training = None

    def _pause(self, least: float, now: float) -> float:
        return max(least, (now - self._began) / _LINES_AT_MOST)

    def _show_epoch(self, training: "Training", now: float) -> None:
        self._shown_epoch = training.epoch
        self._show(training.epoch, training.logs, self._position(training, training.mini_batch), now)

    def _show(
        self,
        epoch: int,
        values: dict[str, float],
        position: float,
        now: float,
        *,
        stage: str = "",
        before: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        assert self._training is not None
        training = self._training
        speed = None
        if training.rows is not None and position > self._counted_at:
            speed = training.rows * (position - self._counted_at) / max(now - self._counted, 1e-9)
        self._display.show(
            Report(
                epoch,
                training.last_epoch,
                position - training.first_epoch,
                training.last_epoch - training.first_epoch,
                values,
                speed,
                self._seconds_left(training, position, now),
                stage,
                before,
            )
        )
        self._shown = now
        if not self._live:  # a line tells of the time since the line before, a bar of all
            self._counted, self._counted_at = now, position

    def _seconds_left(self, training: "Training", position: float, now: float) -> float | None:
        """Return how long it will take to the last epoch or the time limit, None when it is over."""
        if training.stopped is not None or position >= training.last_epoch:
            return None
        left = []
        if position > self._began_at:
            left.append((now - self._began) * (training.last_epoch - position) / (position - self._began_at))
        deadline: float | None = getattr(training, "deadline", None)
        if deadline is not None:
            left.append(max(deadline - now, 0.0))
        return min(left, default=None)

    def _position(self, training: "Training", mini_batch: int) -> float:
        """Return the epochs that are over, and the fraction of the one under way as far as it is known."""
        return training.epoch + (min(mini_batch / self._mini_batches, 1.0) if self._mini_batches else 0.0)
