"""The prefetching threads, for tests that wait for them."""

import gc
import threading
import time

WAIT = 300.0  # seconds until a test gives up


def readers():
    return [thread for thread in threading.enumerate() if thread.name == "localgrad-prefetch"]


def until(condition):
    """Wait for something that another thread does."""
    end = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def until_no_reader_is_left():
    if readers():
        gc.collect()
    until(lambda: not readers())
