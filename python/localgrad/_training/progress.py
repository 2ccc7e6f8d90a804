"""The progress display of a fit: a tqdm bar, or lines."""

import math
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TextIO

from localgrad.callbacks import Callback, Training
from localgrad.schedules.argument import SCHEDULED

_LINE_PAUSE = 1.0  # minimum seconds between the lines of two epochs
_WITHIN_PAUSE = 5.0  # minimum seconds between lines within an epoch
_LINES_AT_MOST = 50  # pauses grow to the elapsed time / 50, so that logs stay short


def progress_for(verbose: int, stream: TextIO | None = None) -> "Progress | None":
    """Return the progress display for a fit, or None; the default stream is ``sys.stdout``.

    Examples
    --------
    >>> from localgrad._training.progress import progress_for
    >>> progress_for(0) is None
    True
    """
    return Progress(verbose, stream) if verbose > 0 else None


class Progress(Callback):
    """Shows the progress of one fit after each epoch, and within long epochs.

    With `verbose` 1 it shows a bar in a terminal or notebook if tqdm is installed, otherwise lines at growing
    intervals. With 2 it shows a line for each epoch. Examples per second are averaged since the start.
    """

    def __init__(self, verbose: int, stream: TextIO | None = None) -> None:
        self._every_epoch = verbose >= 2
        self._stream = stream
        self._training: Training | None = None
        self._bar_class: Any = None
        self._bar: Any = None

    def on_train_begin(self, training: Training) -> None:
        """Start measuring time."""
        self._training = training
        self._began = self._shown = self._epoch_began = time.monotonic()
        self._began_at = self._position(training, training.mini_batch)
        self._shown_epoch: int | None = None  # the last epoch shown; None: show the next one
        self._out = Stream(sys.stdout if self._stream is None else self._stream)
        self._last_trained = training.epoch
        wanted = not self._every_epoch and training.last_epoch > training.epoch
        self._bar_class = bar_class(self._out, notebook=self._stream is None) if wanted else None

    def tick(self, finished: int, cost: float) -> None:
        """Show the progress within an epoch, from its finished mini-batches and their mean cost."""
        training = self._training
        if training is None:
            return
        now, epoch = time.monotonic(), training.epoch + 1
        position = self._position(training, finished)
        if self._bar_class is not None:
            values = training.logs or {"cost": cost}
            self._move(training, self._text(training, epoch, values, position, now), position)
        elif min(now - self._shown, now - self._epoch_began) >= self._pause(_WITHIN_PAUSE, now):
            known = training.mini_batches
            stage = f"{int(100 * min(finished / known, 1.0))} %" if known else f"mini-batch {finished}"
            self._line(self._text(training, epoch, {"cost": cost}, position, now, stage), now)
            self._shown_epoch = None

    def on_epoch_end(self, training: Training) -> None:
        """Show the metrics of an epoch if the next line is due."""
        now = self._epoch_began = time.monotonic()
        if (
            self._every_epoch
            or self._bar_class is not None
            or self._shown_epoch is None
            or training.epoch >= training.last_epoch
            or now - self._shown >= self._pause(_LINE_PAUSE, now)
        ):
            self._show_epoch(training, now)

    def on_train_end(self, training: Training) -> None:
        """Show the metrics of the last epoch, unless they have been shown, and close the bar."""
        bar = self._bar_class is not None
        if training.epoch > self._last_trained and (bar or self._shown_epoch != training.epoch):
            self._show_epoch(training, time.monotonic())
        if self._bar is not None:
            self._bar.close()
        self._training = self._bar = None

    def _show_epoch(self, training: Training, now: float) -> None:
        self._shown_epoch = training.epoch
        position = self._position(training, training.mini_batch)
        text = self._text(training, training.epoch, training.logs, position, now)
        if self._bar_class is not None:
            self._move(training, text, position)
        else:
            self._line(text, now)

    def _line(self, text: str, now: float) -> None:
        self._out.write(text + "\n")
        self._out.flush()
        self._shown = now

    def _move(self, training: Training, text: str, position: float) -> None:
        if self._bar is None:  # created when there is something to show
            self._bar = self._bar_class(
                desc=text,
                total=training.last_epoch - training.first_epoch,
                initial=position - training.first_epoch,
                file=self._out,
                leave=None,  # keep it, unless it is nested below another bar
                miniters=0,
                dynamic_ncols=True,
                bar_format="{desc} |{bar}|",
            )
            return
        self._bar.set_description_str(text, refresh=False)
        self._bar.update(position - training.first_epoch - self._bar.n)

    def _pause(self, least: float, now: float) -> float:
        return max(least, (now - self._began) / _LINES_AT_MOST)

    def _text(
        self,
        training: Training,
        epoch: int,
        values: Mapping[str, float],
        position: float,
        now: float,
        stage: str = "",
    ) -> str:
        last, done, seconds = training.last_epoch, position - self._began_at, max(now - self._began, 1e-9)
        fields = [f"epoch {epoch:>{len(str(last))}}/{last}", stage]
        fields += [f"{name} {_number(name, value)}" for name, value in values.items()]
        if training.rows is not None and done > 0:
            fields.append(f"{training.rows * done / seconds:,.0f} examples/s")
        left = [seconds * (last - position) / done] if done > 0 else []
        if training.deadline is not None:
            left.append(max(training.deadline - now, 0.0))
        if left and training.stopped is None and position < last:
            fields.append(f"{_duration(min(left))} left")
        return "  ".join(filter(None, fields))

    def _position(self, training: Training, mini_batch: int) -> float:
        """Return the number of finished epochs, with the fraction of the current one if known."""
        known = training.mini_batches
        return training.epoch + (min(mini_batch / known, 1.0) if known else 0.0)


class Stream:
    """A stream that may be missing, closed or broken. Errors are ignored so that training continues."""

    def __init__(self, stream: "TextIO | None") -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> None:
        """Write if possible."""
        if self._stream is not None:
            with suppress(OSError, ValueError):
                try:
                    self._stream.write(text)
                except UnicodeEncodeError as error:
                    self._stream.write(text.encode(error.encoding, "replace").decode(error.encoding))

    def flush(self) -> None:
        """Flush if possible."""
        if self._stream is not None:
            with suppress(OSError, ValueError):
                self._stream.flush()

    @property
    def is_terminal(self) -> bool:
        """Whether the stream is a terminal."""
        with suppress(AttributeError, OSError, ValueError):
            return bool(self._stream.isatty())  # type: ignore[union-attr]
        return False


def bar_class(stream: Stream, *, notebook: bool) -> Any:
    """Return a class of tqdm bars, or None outside of terminals and notebooks or without tqdm."""
    if not (stream.is_terminal or (notebook and _in_notebook())):
        return None
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    # Without the thread that tqdm starts to watch slow bars.
    return type("Bar", (tqdm,), {"monitor_interval": 0})


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    # Not imported here, because only a running notebook matters. Another thread may be importing it.
    get_shell = getattr(ipython, "get_ipython", None)
    shell = None if get_shell is None else get_shell()
    return shell is not None and "IPKernelApp" in shell.config


def _number(name: str, value: float) -> str:
    """Format a number with four significant digits, a learning rate without trailing zeros."""
    if 1e4 <= abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{value:.4g}" if name in SCHEDULED else f"{value:#.4g}".removesuffix(".")


def _duration(seconds: float) -> str:
    minutes, s = divmod(math.ceil(seconds), 60)
    hours, m = divmod(minutes, 60)
    return f"{hours}:{m:02}:{s:02}" if hours else f"{m}:{s:02}"
