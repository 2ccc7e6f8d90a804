"""The progress of a fit: lines, a bar or nothing."""

import fcntl
import io
import itertools
import math
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from types import SimpleNamespace

import pytest
from localgrad._training import progress as _progress
from localgrad._training.progress import progress_for
from training_stand_in import TrainingStandIn, costs


@pytest.fixture
def clock(monkeypatch):
    """A clock that is set by hand: `clock.now`."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(_progress, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


@pytest.fixture
def without_tqdm(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)


class Terminal:
    """A terminal and the text written to it."""

    def __init__(self, columns):
        self._reader, writer = pty.openpty()
        fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.writer = writer
        self.stream = open(writer, "w", encoding="utf-8", closefd=False)  # noqa: SIM115

    def read(self):
        """Close the terminal and return all text written to it."""
        self.stream.close()
        os.close(self.writer)
        text = b""
        while True:
            try:
                part = os.read(self._reader, 65536)
            except OSError:  # on Linux, once the other end is closed
                part = b""
            if not part:
                os.close(self._reader)
                return text.decode()
            text += part


@pytest.fixture
def terminal():
    return Terminal(columns=100)


def run(progress, clock, *, epochs, seconds, numbers=None, **arguments):
    """Run epochs of a given duration with this progress display; return the training object."""
    training = TrainingStandIn(epochs=epochs, **arguments)
    progress.on_train_begin(training)
    for k in range(1, epochs + 1):
        clock.now += seconds
        training.finish_epoch(cost=1 / k, **numbers or {})
        progress.on_epoch_end(training)
    training.stopped = "epochs"
    progress.on_train_end(training)
    return training


def shown_epochs(text):
    return [int(epoch) for epoch in re.findall(r"epoch +(\d+)/", text)]


def test_verbose_0_shows_nothing():
    assert progress_for(0) is None
    assert progress_for(1) is not None


# Lines


def test_a_line_shows_numbers_speed_and_time_left(clock):
    stream = io.StringIO()
    progress = progress_for(2, stream)
    training = TrainingStandIn(epochs=10, trained=5, rows=1000)
    progress.on_train_begin(training)
    numbers = {"cost": 0.5, "val_cost": 2.5e-7, "learning_rate": 0.05, "auc": float("nan")}
    for seconds in (0.5, 1.0):
        clock.now += seconds
        training.finish_epoch(**numbers)
        progress.on_epoch_end(training)
    rest = "cost 0.5000  val_cost 2.500e-07  learning_rate 0.05  auc nan"
    assert stream.getvalue().splitlines() == [
        f"epoch  6/15  {rest}  2,000 examples/s  0:05 left",
        f"epoch  7/15  {rest}  1,333 examples/s  0:06 left",
    ]


def test_time_left_is_in_hours_or_minutes(clock):
    stream = io.StringIO()
    run(progress_for(2, stream), clock, epochs=3, seconds=3600.5)
    assert re.findall(r"[\d:]+ left", stream.getvalue()) == ["2:00:01 left", "1:00:01 left"]


def test_the_last_line_has_no_time_left(clock):
    stream = io.StringIO()
    run(progress_for(1, stream), clock, epochs=2, seconds=9)
    assert [" left" in line for line in stream.getvalue().splitlines()] == [True, False]


def test_a_fit_below_a_second_has_two_lines(clock):
    stream = io.StringIO()
    run(progress_for(1, stream), clock, epochs=1000, seconds=0.0009)
    assert shown_epochs(stream.getvalue()) == [1, 1000]


def test_lines_are_at_least_a_second_apart(clock):
    stream = io.StringIO()
    run(progress_for(1, stream), clock, epochs=2000, seconds=0.25)
    epochs = shown_epochs(stream.getvalue())
    assert epochs[:4] == [1, 5, 9, 13]
    gaps = [(later - before) / 4 for before, later in itertools.pairwise(epochs)][:-1]
    assert gaps == sorted(gaps)
    for gap, end in zip(gaps, epochs[1:], strict=False):
        assert max(1, end / 4 / 50) <= gap <= max(1, end / 4 / 50) + 0.25
    assert epochs[-1] == 2000


def test_long_epochs_are_all_shown(clock):
    stream = io.StringIO()
    run(progress_for(1, stream), clock, epochs=5, seconds=100)
    assert shown_epochs(stream.getvalue()) == [1, 2, 3, 4, 5]


def test_verbose_2_shows_every_epoch(clock, terminal):
    stream = io.StringIO()
    for verbose in (2, 3):
        run(progress_for(verbose, stream), clock, epochs=3, seconds=0.001)
    assert shown_epochs(stream.getvalue()) == [1, 2, 3, 1, 2, 3]
    run(progress_for(2, terminal.stream), clock, epochs=3, seconds=0.001)
    text = terminal.read()
    assert shown_epochs(text) == [1, 2, 3]
    assert text.count("\r\n") == text.count("\r") == 3


def test_the_last_epoch_is_shown_as_soon_as_it_ends(clock):
    stream = io.StringIO()
    progress = progress_for(1, stream)
    training = TrainingStandIn(epochs=2)
    progress.on_train_begin(training)
    for epoch in (1, 2):
        training.finish_epoch(cost=1.0)
        progress.on_epoch_end(training)
        assert shown_epochs(stream.getvalue())[-1] == epoch


@pytest.mark.parametrize("stopped", ["mine", "error", "interrupted", "time_limit"])
def test_the_last_epoch_is_shown_however_training_ends(clock, stopped):
    stream = io.StringIO()
    progress = progress_for(1, stream)
    training = TrainingStandIn(epochs=100)
    training.run([progress], costs(3, 2, 1), stopped=stopped)
    assert shown_epochs(stream.getvalue()) == [1, 3]


def test_zero_epochs_show_nothing(terminal):
    stream = io.StringIO()
    for out in (stream, terminal.stream):
        TrainingStandIn(epochs=0).run([progress_for(1, out)], [])
    assert stream.getvalue() == terminal.read() == ""


def test_epochs_before_a_resume_are_not_shown(clock):
    stream = io.StringIO()
    training = TrainingStandIn(epochs=5)
    training.epoch, training.logs, training.resumed = 3, {"cost": 1.0}, True
    training.run([progress_for(1, stream)], [], stopped="early_stopping")
    assert stream.getvalue() == ""


def test_speed_and_time_left_ignore_epochs_before_a_resume(clock):
    stream = io.StringIO()
    training = TrainingStandIn(epochs=10, rows=1000)
    training.epoch, training.mini_batch, training.resumed = 4, 2, True  # half an epoch
    progress = progress_for(1, stream)
    progress.on_train_begin(training)
    clock.now += 1.0
    training.finish_epoch(cost=1.0)
    progress.on_epoch_end(training)
    assert stream.getvalue().endswith("500 examples/s  0:10 left\n")


def test_an_unknown_number_of_rows_shows_no_speed(clock):
    stream = io.StringIO()
    run(progress_for(1, stream), clock, epochs=2, seconds=1, rows=None, mini_batches=None)
    assert stream.getvalue() == "epoch 1/2  cost 1.000  0:01 left\nepoch 2/2  cost 0.5000\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.30141, "0.3014"),
        (0.0, "0.000"),
        (12.5, "12.50"),
        (1234.4, "1234"),
        (-54321.0, "-54321"),
        (0.00012, "0.0001200"),
        (math.inf, "inf"),
    ],
)
def test_numbers_have_four_digits(clock, value, text):
    stream = io.StringIO()
    TrainingStandIn(epochs=1).run([progress_for(2, stream)], costs(value))
    assert stream.getvalue().splitlines()[0].startswith(f"epoch 1/1  cost {text}  ")


# Lines within an epoch


def test_ticks_before_training_do_nothing():
    stream = io.StringIO()
    progress_for(1, stream).tick(1, 1.0)
    assert stream.getvalue() == ""


@pytest.mark.parametrize("verbose", [1, 2])
def test_a_long_epoch_has_lines_within_it(clock, verbose):
    stream = io.StringIO()
    progress = progress_for(verbose, stream)
    training = TrainingStandIn(epochs=2, rows=1000, mini_batches=1000)
    progress.on_train_begin(training)
    for _ in range(2):
        for k in range(1, 100):
            clock.now += 0.125
            progress.tick(10 * k, 4.0)
        clock.now += 0.125
        training.finish_epoch(cost=1.0, val_cost=2.0)
        progress.on_epoch_end(training)
    progress.on_train_end(training)
    assert stream.getvalue().splitlines() == [
        "epoch 1/2  40 %  cost 4.000  80 examples/s  0:20 left",
        "epoch 1/2  80 %  cost 4.000  80 examples/s  0:15 left",
        "epoch 1/2  cost 1.000  val_cost 2.000  80 examples/s  0:13 left",
        "epoch 2/2  40 %  cost 4.000  80 examples/s  0:08 left",
        "epoch 2/2  80 %  cost 4.000  80 examples/s  0:03 left",
        "epoch 2/2  cost 1.000  val_cost 2.000  80 examples/s",
    ]


def test_lines_within_an_epoch_are_increasingly_far_apart(clock):
    stream = io.StringIO()
    progress = progress_for(1, stream)
    progress.on_train_begin(TrainingStandIn(epochs=1, mini_batches=100_000))
    times = []
    for k in range(1, 20_001):
        clock.now += 0.1
        before = len(stream.getvalue())
        progress.tick(k, 1.0)
        if len(stream.getvalue()) > before:
            times.append(k / 10)
    gaps = [later - before for before, later in itertools.pairwise([0, *times])]
    for gap, end in zip(gaps, times, strict=True):
        assert max(5, end / 50) - 0.01 <= gap <= max(5, end / 50) + 0.21
    assert len(times) < 200


def test_epochs_below_five_seconds_have_no_lines_within_them(clock):
    stream = io.StringIO()
    progress = progress_for(1, stream)
    training = TrainingStandIn(epochs=20)
    progress.on_train_begin(training)
    for _ in range(20):
        for k in range(1, 4):
            clock.now += 1.2
            progress.tick(k, 1.0)
        clock.now += 1.2
        training.finish_epoch(cost=1.0)
        progress.on_epoch_end(training)
    assert "%" not in stream.getvalue()
    assert shown_epochs(stream.getvalue()) == list(range(1, 21))


# Time


def test_time_left_respects_the_time_limit(clock):
    stream = io.StringIO()
    progress = progress_for(2, stream)
    training = TrainingStandIn(epochs=10)
    training.deadline = clock.now + 65
    progress.on_train_begin(training)
    for _ in range(9):
        clock.now += 10
        training.finish_epoch(cost=1.0)
        progress.on_epoch_end(training)
    assert re.findall(r"(\S+) left", stream.getvalue()) == [
        "0:55", "0:45", "0:35", "0:25", "0:15", "0:05", "0:00", "0:00", "0:00"
    ]  # fmt: skip
    training.deadline = clock.now + 1000
    clock.now += 1
    progress.tick(1, 1.0)
    clock.now += 9
    progress.tick(2, 1.0)
    assert stream.getvalue().endswith("0:06 left\n")  # the epochs left take less time than the limit


def test_time_left_with_only_a_time_limit(clock):
    stream = io.StringIO()
    progress = progress_for(1, stream)
    training = TrainingStandIn(epochs=1, rows=None, mini_batches=None)
    training.deadline = clock.now + 100
    progress.on_train_begin(training)
    clock.now += 6
    progress.tick(1234, 0.5)
    assert stream.getvalue() == "epoch 1/1  mini-batch 1234  cost 0.5000  1:34 left\n"


# Terminals


def show_live(progress, clock):
    """Show two epochs of one and four seconds, with ticks in the middle of each."""
    training = TrainingStandIn(epochs=2, rows=1000)
    progress.on_train_begin(training)
    clock.now += 0.5
    progress.tick(2, 8.0)
    clock.now += 0.5
    training.finish_epoch(cost=1.0)
    progress.on_epoch_end(training)
    for k in (1, 3):
        clock.now += 0.5 * k
        progress.tick(k, 4.0)
    clock.now += 2
    training.finish_epoch(cost=0.5)
    progress.on_epoch_end(training)
    training.stopped = "epochs"
    progress.on_train_end(training)


def pictures(text):
    """Return the states of a bar, without repetitions."""
    found = [one.strip() for one in text.replace("\x1b[A", "").split("\r") if one.strip()]
    return [one for one, _ in itertools.groupby(found)]


def test_a_terminal_shows_a_bar(clock, terminal):
    pytest.importorskip("tqdm")
    threads = threading.active_count()
    progress = progress_for(1, terminal.stream)
    show_live(progress, clock)
    assert threading.active_count() == threads
    text = terminal.read()
    assert text.endswith("\r\n")
    first, *_, last = pictures(text)
    assert re.fullmatch(r"epoch 1/2  cost 8.000  1,000 examples/s  0:02 left \|█+.? +\|", first)
    assert re.fullmatch(r"epoch 2/2  cost 0.5000  400 examples/s \|█+\|", last)


def test_a_terminal_without_tqdm_shows_lines(clock, terminal, without_tqdm):
    show_live(progress_for(1, terminal.stream), clock)
    lines = terminal.read().split("\r\n")
    assert [line[:22] for line in lines] == ["epoch 1/2  cost 1.000 ", "epoch 2/2  cost 0.5000", ""]


def test_a_bar_shows_the_last_epoch_however_training_ends(clock, terminal):
    pytest.importorskip("tqdm")
    training = TrainingStandIn(epochs=9)
    training.run([progress_for(1, terminal.stream)], costs(3.0, 2.0), stopped="early_stopping")
    last = pictures(terminal.read())[-1]
    assert last.startswith("epoch 2/9  cost 2.000")
    assert "left" not in last


@pytest.mark.parametrize("columns", [5, 22, 60])
def test_a_bar_fits_into_one_row(clock, columns):
    pytest.importorskip("tqdm")
    terminal = Terminal(columns)
    numbers = {f"val_{name}": 0.5 for name in ("accuracy", "f1", "auc", "{bar}{0")} | {"cost": 1.0}
    TrainingStandIn(epochs=2).run([progress_for(1, terminal.stream)], [numbers, numbers])
    assert all(len(picture) <= columns for picture in pictures(terminal.read()))


def test_the_bar_of_a_resumed_fit_starts_at_the_checkpoint(terminal):
    pytest.importorskip("tqdm")
    training = TrainingStandIn(epochs=10)
    training.epoch, training.resumed = 5, True
    training.run([progress_for(1, terminal.stream)], costs(1.0))
    bar = pictures(terminal.read())[0].partition("|")[2]
    assert bar.count("█") == pytest.approx(0.6 * len(bar), abs=2)


def test_a_nested_bar_is_cleared_at_the_end(terminal):
    tqdm = pytest.importorskip("tqdm")
    kind = type("Bar", (tqdm.tqdm,), {"monitor_interval": 0})
    with kind(total=1, file=terminal.stream):
        TrainingStandIn(epochs=1).run([progress_for(1, terminal.stream)], costs(1.0))
    _, rest = terminal.read().split("epoch 1/1", 1)
    assert re.search(r"\r {40,}\r?\x1b", rest)


SCRIPT = """
import sys
from localgrad._training.progress import progress_for
from training_stand_in import TrainingStandIn, costs

TrainingStandIn(epochs=2).run([progress_for(1)], costs(2, 1))
"""


def run_script(**streams):
    folders = [os.path.dirname(__file__), *filter(None, sys.path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT], check=True, env=environment, **streams
    )


def test_a_bar_is_written_to_stdout(terminal):
    pytest.importorskip("tqdm")
    done = run_script(stdout=terminal.writer, stderr=subprocess.PIPE)
    assert done.stderr == b""
    assert re.search(r"epoch 2/2 .*\|██", terminal.read())


def test_lines_are_written_to_a_file_even_if_stderr_is_a_terminal(terminal):
    done = run_script(stdout=subprocess.PIPE, stderr=terminal.writer)
    assert terminal.read() == ""
    assert shown_epochs(done.stdout.decode()) == [1, 2]
    assert b"\r" not in done.stdout


# Notebooks


@pytest.fixture
def notebook(monkeypatch):
    shell = SimpleNamespace(config={"IPKernelApp": {}})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))


def test_a_notebook_shows_a_bar(notebook, clock, capsys):
    pytest.importorskip("tqdm.auto")  # imported before the notebook exists, so it draws with characters
    show_live(progress_for(1), clock)
    out, err = capsys.readouterr()
    assert re.search(r"epoch 2/2 .*\|██", out)
    assert err == ""


def test_a_file_has_lines_even_in_a_notebook(notebook, clock):
    stream = io.StringIO()
    show_live(progress_for(1, stream), clock)
    assert "\r" not in stream.getvalue()


def test_ipython_in_a_terminal_is_not_a_notebook(monkeypatch, clock, capsys):
    for shell in (None, SimpleNamespace(config={})):
        monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda shell=shell: shell))
        show_live(progress_for(1), clock)
    assert "\r" not in capsys.readouterr().out


# Streams that are gone


@pytest.mark.parametrize("verbose", [1, 2])
def test_a_missing_stdout_is_ignored(monkeypatch, clock, verbose):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    show_live(progress_for(verbose), clock)


@pytest.mark.parametrize("verbose", [1, 2])
def test_a_closed_stream_is_ignored(clock, verbose):
    stream = io.StringIO()
    stream.close()
    show_live(progress_for(verbose, stream), clock)


def test_a_closed_pipe_is_ignored(clock):
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", buffering=1, closefd=False) as stream:
        show_live(progress_for(1, stream), clock)
        os.dup2(os.open(os.devnull, os.O_WRONLY), writer)  # so that the rest of the buffer can be written
    os.close(writer)


def test_a_closed_terminal_is_ignored(clock, terminal):
    progress = progress_for(1, terminal.stream)
    training = TrainingStandIn(epochs=2)
    progress.on_train_begin(training)
    terminal.read()
    clock.now += 1
    progress.tick(1, 1.0)
    training.finish_epoch(cost=1.0)
    progress.on_epoch_end(training)
    progress.on_train_end(training)


def test_characters_that_a_stream_cannot_encode_do_not_raise(clock):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    progress = progress_for(2, stream)
    TrainingStandIn(epochs=2).run([progress], [{"cost": 1.0, "δ": 2.0}, {"cost": 1.0, "δ": 2.0}])
    stream.seek(0)
    assert shown_epochs(stream.read()) == [1, 2]
