"""Two threads never read the same source of blocks: one has ended before the next one starts."""

import contextlib
import functools
import logging
import os
import signal
import threading

import localgrad as lg
import numpy as np
import pytest
from localgrad._data import reading
from localgrad._data.reading import Ended, Reading
from programs import run
from reader_threads import WAIT, readers, until, until_no_reader_is_left

X, Y = np.ones((20, 2), np.float32), np.ones((20, 1), np.float32)  # more rows than a buffer of 8 holds


def network():
    return lg.Network([2, 1], seed=0)


@pytest.fixture(autouse=True)
def _no_reader_is_left():
    yield
    until_no_reader_is_left()
    assert not reading._own_queues().of


class Source:
    """A source that counts its readers; the second block of the first epoch waits for `proceed`."""

    def __init__(self, blocks=3):
        self.inside, self.most, self.epochs = 0, 0, 0
        self.waiting, self.proceed = threading.Event(), threading.Event()
        self.blocks = blocks

    def __call__(self):
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.epochs += 1
        first = self.epochs == 1
        try:
            for k in range(self.blocks):
                if first and k == 1:
                    self.waiting.set()
                    assert self.proceed.wait(WAIT)
                yield X, Y
        finally:
            self.inside -= 1

    def first_fit(self, end="stop", source=None):
        """Run a fit that ends while its reader is in the second block."""

        class Stop(lg.callbacks.Callback):
            def on_batch_end(_, training):
                assert self.waiting.wait(WAIT)
                if end == "error":
                    raise KeyError("mine")
                if end == "Ctrl-C":
                    raise KeyboardInterrupt
                return "enough"

        blocks = lg.Blocks(source or self, shuffle_buffer=8)
        with contextlib.suppress(KeyError, KeyboardInterrupt):
            network().fit(blocks, batch_size=4, shuffle=False, callbacks=[Stop()])
        assert self.inside == 1
        assert readers()


def in_thread(work):
    """Run `work` in a thread; `join` raises its exception."""
    failure = []

    def run():
        try:
            work()
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run)
    thread.start()

    def join():
        thread.join(WAIT)
        assert not thread.is_alive()
        if failure:
            raise failure[0]

    return join


def is_queued(count=2):
    return any(len(queue) >= count for queue in reading._own_queues().of.values())


@pytest.mark.parametrize("end", ["stop", "error", "Ctrl-C"])
@pytest.mark.parametrize("same", ["blocks", "function", "method", "partial", "iterator"])
def test_a_fit_waits_for_the_reader_of_the_previous_fit(end, same):
    source = Source()
    if same == "iterator":
        shared = source()
        makers = [lambda: shared, lambda: shared]
    else:
        kinds = {
            "blocks": lambda: source,
            "function": lambda: source,
            "method": lambda: source.__call__,
            "partial": lambda: functools.partial(Source.__call__, source),
        }
        makers = [kinds[same]() for _ in range(2)]
    source.first_fit(end, makers[0])
    join = in_thread(lambda: network().fit(lg.Blocks(makers[1]), epochs=1, batch_size=4))
    until(is_queued)
    assert source.epochs == 1
    source.proceed.set()
    if same == "iterator":  # the rest of it
        join()
    else:
        join()
        assert source.epochs == 2
    assert source.most == 1


def test_a_reader_that_never_returns_raises(monkeypatch):
    monkeypatch.setattr(reading, "_PATIENCE", 0.05)
    source = Source()
    source.first_fit()
    net = network()
    before = net.parameters.tobytes()
    with pytest.raises(
        RuntimeError, match=r"source <.*Source.*> must be read by one thread at a time, got one"
    ):
        net.fit(source)
    assert (net.parameters.tobytes(), net.epochs, source.epochs) == (before, 0, 1)
    source.proceed.set()
    until(lambda: not readers())
    net.fit(source, epochs=2)
    assert (source.most, source.epochs) == (1, 3)


def test_two_fits_at_once_take_turns():
    source = Source(blocks=5)
    source.proceed.set()
    joins = [in_thread(lambda: network().fit(source, epochs=6, batch_size=4)) for _ in range(3)]
    for join in joins:
        join()
    assert (source.most, source.epochs) == (1, 18)


def test_a_fit_within_a_fit_cannot_read_the_same_source():
    source = Source()
    source.proceed.set()

    class Nested(lg.callbacks.Callback):
        def on_batch_end(self, training):
            network().fit(source)

    with pytest.raises(RuntimeError, match="must be read by one fit at a time"):
        network().fit(lg.Blocks(source, shuffle_buffer=8), batch_size=4, callbacks=[Nested()])
    # Between epochs, the source has no reader.
    network().fit(source, epochs=2, callbacks=[lambda epoch, logs: network().fit(source, epochs=1) and None])


def test_waiting_can_be_stopped():
    held, waiting = Reading("mine"), Reading("mine")
    held.hold(test_waiting_can_be_stopped)
    ended = []

    def wait():
        try:
            waiting.hold(test_waiting_can_be_stopped)
        except Ended:
            ended.append(True)
        finally:
            waiting.leave()

    waiting._trainer = 0  # another thread
    join = in_thread(wait)
    until(is_queued)
    waiting.close()
    join()
    assert ended == [True]
    held.leave()


def test_readers_are_served_in_order():
    thing, turns = object(), []
    first = Reading("mine")
    first.hold(thing)
    joins = []
    for k in range(4):

        def read(k=k):
            own = Reading("mine")
            own.hold(thing)
            turns.append(k)
            own.leave()

        joins.append(in_thread(read))
        until(lambda k=k: is_queued(k + 2))
    first.leave()
    for join in joins:
        join()
    assert turns == [0, 1, 2, 3]


@pytest.mark.parametrize("end", ["error", "stop", "exhausted"])
def test_a_generator_ends_in_its_thread_before_the_next_reader_starts(end):
    """Also when an error keeps the frames that refer to it."""
    ends = []

    def source():
        try:
            yield X, Y
            yield (X[:, :1] if end == "error" else X), Y
            if end == "stop":
                yield X, Y
        finally:
            ends.append((threading.current_thread().name, len(reading._own_queues().of) > 0))

    class Stop(lg.callbacks.Callback):
        def on_batch_end(self, training):
            return end == "stop"

    def fit():
        blocks = lg.Blocks(source, shuffle_buffer=8)
        network().fit(blocks, epochs=1, batch_size=4, callbacks=[Stop()], shuffle=False)

    if end == "error":
        with pytest.raises(ValueError, match="block 2"):
            fit()
    else:
        fit()
    until(lambda: not readers())
    assert ends == [("localgrad-prefetch", True)]


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_ctrl_c_interrupts_a_fit_that_waits_for_another_reader():
    source = Source()
    source.first_fit()

    def interrupt():
        until(is_queued)
        os.kill(os.getpid(), signal.SIGINT)

    join = in_thread(interrupt)
    with pytest.raises(KeyboardInterrupt):
        network().fit(source)
    join()
    until(lambda: len(readers()) == 1)  # the waiting reader has ended
    source.proceed.set()
    until(lambda: not readers())
    assert source.epochs == 1


def test_an_error_after_the_fit_is_logged(caplog):
    waiting, proceed = threading.Event(), threading.Event()

    def source():
        yield X, Y
        waiting.set()
        proceed.wait(WAIT)
        raise OSError("the disk is gone")

    class Stop(lg.callbacks.Callback):
        def on_batch_end(self, training):
            assert waiting.wait(WAIT)
            return True

    with caplog.at_level(logging.WARNING, "localgrad"):
        network().fit(lg.Blocks(source, shuffle_buffer=8), batch_size=4, shuffle=False, callbacks=[Stop()])
        assert not caplog.records
        proceed.set()
        until(lambda: not readers())
    assert "the disk is gone" in caplog.text


def test_different_sources_of_the_same_name_are_read_in_parallel():
    """For example, two functions that read two files."""
    both = threading.Barrier(2)

    def maker():
        def source():
            both.wait(WAIT)
            yield X, Y

        return source

    joins = [in_thread(lambda: network().fit(maker(), epochs=3)) for _ in range(2)]
    for join in joins:
        join()


FORK = """
import os, sys, threading, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # for a fork with threads, since Python 3.12
import numpy as np
import localgrad as lg
waiting, proceed = threading.Event(), threading.Event()
main = os.getpid()

def source():
    yield np.ones((20, 2)), np.ones((20, 1))
    if os.getpid() == main:
        waiting.set()
        proceed.wait()
    yield np.ones((20, 2)), np.ones((20, 1))

class Stop(lg.callbacks.Callback):
    def on_batch_end(self, training):
        waiting.wait()
        return True

def fit(**options):
    blocks = lg.Blocks(source, shuffle_buffer=8)
    lg.Network([2, 1], seed=0).fit(blocks, batch_size=4, shuffle=False, n_threads=1, **options)

fit(callbacks=[Stop()])
child = os.fork()
if not child:
    fit(epochs=2)
    os._exit(7)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_forked_process_does_not_wait_for_readers_of_its_parent():
    """A process with a reader that never returns can also end."""
    assert run(FORK, status=7).stderr == ""


@pytest.mark.parametrize("between", [0, 1, 2])
def test_a_source_that_trains_on_itself_raises(between):
    """Also with other fits in between, each called by the source of the previous one."""
    sources = []

    def source(k):
        network().fit(sources[(k + 1) % (between + 1)], epochs=1)
        yield X, Y

    sources += [lg.Blocks(functools.partial(source, k)) for k in range(between + 1)]
    errors = []

    def train():
        try:
            network().fit(sources[0], epochs=1)
        except RuntimeError as error:
            errors.append(str(error))

    thread = threading.Thread(target=train, daemon=True)
    thread.start()
    thread.join(WAIT)
    assert not thread.is_alive()
    assert "must be read by one fit at a time" in errors[0]


def test_a_source_may_train_on_another():
    def source():
        network().fit(lambda: [(X, Y)], epochs=1)
        yield X, Y

    assert network().fit(source, epochs=2)["cost"]
