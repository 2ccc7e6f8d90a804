"""A thread runs an iterator one item ahead, and ends with it."""

import contextlib
import gc
import os
import signal
import threading
import time
import traceback

import numpy as np
import pytest
from localgrad._data.prefetch import prefetch
from programs import run
from reader_threads import WAIT, readers, until, until_no_reader_is_left


@pytest.fixture(autouse=True)
def _no_reader_is_left():
    yield
    until_no_reader_is_left()


@pytest.mark.parametrize("n", [0, 1, 2, 7])
def test_items_arrive_in_order(n):
    assert list(prefetch(range(n))) == list(range(n))
    assert not readers()  # the thread has already ended


def test_none_and_exceptions_can_be_items():
    items = [None, ValueError("an item"), (1,), False]
    assert list(prefetch(items)) == items


def test_it_is_exactly_one_item_ahead():
    made = []

    def items():
        for k in range(5):
            made.append(k)
            yield k

    ahead = prefetch(items())
    assert not made  # nothing is read before the first request
    for k in range(5):
        assert next(ahead) == k
        until(lambda k=k: len(made) == min(k + 2, 5))
        time.sleep(0.02)  # enough for a thread that does not wait
        assert made == list(range(min(k + 2, 5)))
    assert list(ahead) == []


def test_the_next_item_is_made_while_one_is_used():
    begun = threading.Event()

    def items():
        yield 0
        begun.set()
        yield 1

    with contextlib.closing(prefetch(items())) as ahead:
        next(ahead)
        assert begun.wait(WAIT)


def test_a_single_other_thread_runs_the_iterator():
    threads = set()

    class Items:
        def __iter__(self):
            threads.add(threading.get_ident())
            try:
                yield 1
            finally:
                threads.add(threading.get_ident())

    assert list(prefetch(Items())) == [1]
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_an_exception_is_raised_with_its_traceback_after_earlier_items():
    def fail_here():
        raise KeyError("mine")

    def items():
        yield 1
        fail_here()

    ahead = prefetch(items())
    assert next(ahead) == 1
    with pytest.raises(KeyError, match="mine") as caught:
        next(ahead)
    assert "fail_here" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert not readers()
    assert list(ahead) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError])
def test_any_exception_is_raised(error):
    class Items:
        def __iter__(self):
            return self

        def __next__(self):
            raise error

    with pytest.raises(error):
        list(prefetch(Items()))


def test_an_object_that_is_not_iterable_raises():
    with pytest.raises(TypeError, match="not iterable"):
        list(prefetch(3))


def test_an_exception_in_close_is_raised():
    class Items:
        def __iter__(self):
            return self

        def __next__(self):
            raise StopIteration

        def close(self):
            raise OSError("cannot be closed")

    with pytest.raises(OSError, match="cannot be closed"):
        list(prefetch(Items()))


def test_closing_closes_the_iterator_in_its_thread():
    begun, closed = [], []

    def items():
        begun.append(threading.get_ident())
        try:
            yield from range(100)
        finally:
            closed.append(threading.get_ident())

    with contextlib.closing(prefetch(items())) as ahead:
        assert next(ahead) == 0
    until(lambda: closed)
    assert closed == begun


def test_deleting_it_ends_the_thread():
    ahead = prefetch(iter(range(100)))
    next(ahead)
    assert readers()
    del ahead
    gc.collect()
    until(lambda: not readers())


def test_closing_does_not_wait_for_an_item():
    proceed = threading.Event()

    def items():
        yield 1
        proceed.wait(WAIT)
        yield 2

    ahead = prefetch(items())
    next(ahead)
    ahead.close()
    assert readers()  # the thread still waits
    proceed.set()
    until(lambda: not readers())


def test_items_are_released():
    class Item:
        alive = 0

        def __init__(self):
            Item.alive += 1

        def __del__(self):
            Item.alive -= 1

    most = 0
    for item in prefetch(Item() for _ in range(50)):
        most = max(most, Item.alive)
        del item
    assert most <= 3  # the current item, the prefetched one, and the one that the generator refers to
    gc.collect()
    assert Item.alive == 0


def test_the_thread_has_the_context_of_the_caller():
    def items():
        yield np.float64(1.0) / np.float64(0.0)

    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        list(prefetch(items()))
    with np.errstate(divide="ignore"):
        assert list(prefetch(items())) == [np.inf]


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_ctrl_c_interrupts_waiting():
    proceed = threading.Event()

    def items():
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGINT)
        proceed.wait(WAIT)
        yield 1

    with pytest.raises(KeyboardInterrupt):
        next(prefetch(items()))
    assert readers()  # the thread still waits
    proceed.set()


def test_a_program_ends_while_an_item_is_pending():
    done = run(
        """
        import threading
        from localgrad._data.prefetch import prefetch
        def items():
            yield 1
            threading.Event().wait()
        ahead = prefetch(items())
        print(next(ahead))
        """
    )
    assert (done.stdout, done.stderr) == ("1\n", "")


FORK = """
import os, sys, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # for a fork with threads, since Python 3.12
from localgrad._data.prefetch import prefetch

ahead = prefetch(iter(range(10)))
next(ahead)
child = os.fork()
if not child:
    try:
        next(ahead)
    except RuntimeError as error:
        ok = "forked" in str(error)
    del ahead
    # A new iterator works in the child.
    os._exit(0 if ok and list(prefetch(range(5))) == list(range(5)) else 1)
status = os.waitpid(child, 0)[1]
assert list(ahead) == list(range(1, 10))
sys.exit(status != 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_it_works_after_a_fork():
    run(FORK)
