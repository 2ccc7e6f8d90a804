"""Where progress is shown: lines, one line that is written again and again, or a bar of tqdm."""

import math
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, TextIO

__all__ = ["Display", "Report", "display_for"]


_LINE = 110  # characters that a line in a file should not exceed
_BAR = 10  # characters of a bar, at least


@dataclass(frozen=True)
class Report:
    """What there is to show of a training.

    `done` of `total` epochs are over, maybe with a fraction. `values` are those of `epoch`; while it is under
    way, `stage` says how far it is, and `before` are the numbers of the epoch before.
    """

    epoch: int
    last: int
    done: float
    total: int
    values: dict[str, float]
    examples_per_second: float | None = None
    seconds_left: float | None = None
    stage: str = ""
    before: Mapping[str, float] = field(default_factory=dict)

    @property
    def head(self) -> str:
        """The epoch, as wide as the last one's number."""
        return f"epoch {self.epoch:>{len(str(self.last))}}/{self.last}"

    @property
    def line(self) -> str:
        """A line that stays: only numbers of the epoch itself, in the order of the history."""
        start = [self.head, self.stage, *_numbers(self.values)]
        line = _joined(*start, self._speed, self._left)
        return line if len(line) <= _LINE else _joined(*start, self._left)

    def picture(self, columns: int) -> tuple[str, int, str]:
        """Return, for a row that is written over: what stands before a bar, the bar's length, what behind.

        What matters most comes first. What does not fit is left out, and all behind it.
        """
        room = columns - 1  # the last column is left free: some terminals would go on to the next row
        head, bar = self.head[:room], max(_BAR, columns // 6)
        room -= len(head) + bar + 3
        if room < 0:
            return head, 0, ""
        before = _numbers(self.before, by_weight=True)
        if before:
            before[0] = f"epoch {self.epoch - 1}: {before[0]}"
        fields = [self._left, *_numbers(self.values, by_weight=True), *before, self._speed]
        text = ""
        for one in filter(None, fields):
            if len(text) + 2 + len(one) > room:
                break
            text += f"  {one}"
        return head, bar, text

    @property
    def share(self) -> float:
        """How much of all is done, in [0, 1]."""
        return min(self.done / self.total, 1.0) if self.total else 1.0

    @property
    def _speed(self) -> str:
        speed = self.examples_per_second
        return "" if speed is None else f"{speed:,.0f} examples/s"

    @property
    def _left(self) -> str:
        return "" if self.seconds_left is None else f"{_duration(self.seconds_left)} left"


class Display(Protocol):
    """Shows reports."""

    def show(self, report: Report) -> None:
        """Show the latest."""

    def close(self) -> None:
        """Leave the place to others."""


class Stream:
    """A stream that may be missing, be closed or lose its reader: a training goes on when nobody looks."""

    def __init__(self, stream: "TextIO | None") -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> None:
        """Write, if that is possible."""
        if self._stream is not None:
            with suppress(OSError, ValueError):
                try:
                    self._stream.write(text)
                except UnicodeEncodeError as error:
                    self._stream.write(text.encode(error.encoding, "replace").decode(error.encoding))

    def flush(self) -> None:
        """Let what has been written be seen, if that is possible."""
        if self._stream is not None:
            with suppress(OSError, ValueError):
                self._stream.flush()

    @property
    def is_terminal(self) -> bool:
        """Whether somebody sits before it."""
        with suppress(AttributeError, OSError, ValueError):
            return bool(self._stream.isatty())  # type: ignore[union-attr]
        return False

    @property
    def columns(self) -> int:
        """How many characters a line has."""
        columns = 0
        with suppress(AttributeError, OSError, ValueError):
            columns = os.get_terminal_size(self._stream.fileno()).columns  # type: ignore[union-attr]
        return columns or 80


class Lines:
    """Writes a line for each report."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def show(self, report: Report) -> None:
        """Write the line."""
        self._stream.write(report.line + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Nothing is left to do."""


class OneLine:
    """Writes a line with a bar over the one before."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._length = 0

    def show(self, report: Report) -> None:
        """Write the line over what is left of the one before."""
        line, bar, text = report.picture(self._stream.columns)
        if bar:
            done = int(bar * report.share)
            line += f" [{'#' * done}{'-' * (bar - done)}]{text}"
        self._stream.write("\r" + line.ljust(self._length))
        self._stream.flush()
        self._length = len(line)

    def close(self) -> None:
        """Go on to the next line."""
        if self._length:
            self._stream.write("\n")
            self._stream.flush()


class Bar:
    """A bar of tqdm, in epochs and fractions of them, made when there is something to show."""

    def __init__(self, tqdm: Any, stream: Stream) -> None:
        # Without the thread by which tqdm watches bars that seldom move.
        self._kind = type("Bar", (tqdm,), {"monitor_interval": 0})
        self._stream = stream
        self._bar: Any = None

    def show(self, report: Report) -> None:
        """Move the bar."""
        head, bar, text = report.picture(self._stream.columns)
        picture = head.replace("{", "{{").replace("}", "}}")
        if bar:
            picture += " |{bar}|" + text.replace("{", "{{").replace("}", "}}")
        columns = len(head) + bar + 3 + len(text)
        if self._bar is None:
            self._bar = self._kind(
                total=report.total,
                initial=report.done,
                file=self._stream,
                leave=None,  # unless it stands below another
                ncols=columns,
                bar_format=picture,
            )
            return
        self._bar.n = report.done
        self._bar.ncols = columns
        self._bar.bar_format = picture
        self._bar.refresh()

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()


def display_for(stream: "TextIO | None", live: bool) -> tuple[Display, bool]:
    """Return a display, and whether it can be written over as often as one likes.

    Lines, unless `live` is wanted and there is a terminal or a notebook; `stream` is sys.stdout by default.
    """
    out = Stream(sys.stdout if stream is None else stream)
    if not live or not (out.is_terminal or (stream is None and _in_notebook())):
        return Lines(out), False
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return OneLine(out), True
    errors = Stream(sys.stderr)
    return Bar(tqdm, errors if stream is None and errors.is_terminal else out), True


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    # Another thread may be importing it.
    get_shell = getattr(ipython, "get_ipython", None)
    shell = None if get_shell is None else get_shell()
    return shell is not None and "IPKernelApp" in shell.config


def _numbers(values: Mapping[str, float], *, by_weight: bool = False) -> list[str]:
    """Write numbers behind their names, maybe those first that count most."""
    names = list(values)
    if by_weight:
        names.sort(key=lambda name: (name == "learning_rate", not name.startswith("val_")))
    return [f"{name} {_number(name, values[name])}" for name in names]


def _number(name: str, value: float) -> str:
    """Write four significant digits, of a learning rate no zeros at the end."""
    if 1e4 <= abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{value:.4g}" if name == "learning_rate" else f"{value:#.4g}".removesuffix(".")


def _joined(*fields: str) -> str:
    return "  ".join(filter(None, fields))


def _duration(seconds: float) -> str:
    minutes, s = divmod(math.ceil(seconds), 60)
    hours, m = divmod(minutes, 60)
    return f"{hours}:{m:02}:{s:02}" if hours else f"{m}:{s:02}"
