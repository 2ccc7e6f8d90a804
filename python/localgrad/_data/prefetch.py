"""An iterator that a background thread runs, one item ahead."""

import logging
import os
from collections.abc import Generator, Iterable
from contextvars import copy_context
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TypeAlias, TypeVar

T = TypeVar("T")

# The answer to a request: an item, in a tuple of length 1; an exception; None at the end.
_Answers: TypeAlias = SimpleQueue[tuple[T] | BaseException | None]

logger = logging.getLogger("localgrad")

_GRACE = 0.05  # seconds to wait for the end of the thread once no more items are needed
_LOOK_EVERY = 0.5  # seconds: a signal that comes just before a wait does not interrupt it


def prefetch(iterable: Iterable[T]) -> Generator[T, None, None]:
    """Yield the items of an iterable, while a background thread computes the next one.

    The thread starts when the first item is requested. It stays one item ahead, runs in a copy of the
    caller's context and closes the iterator itself. An exception of the iterable is raised here, with its
    traceback.

    To end the thread before the items end, close the generator (`contextlib.closing`). If the thread is
    computing an item, it ends after that item. The caller does not wait for it, and an exception is then
    logged.

    Raises
    ------
    RuntimeError
        If the next item is requested in a forked process, which does not have the thread.

    Examples
    --------
    >>> list(prefetch(k * k for k in range(4)))
    [0, 1, 4, 9]
    """
    requests: SimpleQueue[bool] = SimpleQueue()  # True for an item, False for the end
    answers: _Answers[T] = SimpleQueue()
    unwanted = Event()
    process = os.getpid()
    thread = Thread(
        target=copy_context().run,
        args=(_serve, iterable, requests, answers, unwanted),
        name="localgrad-prefetch",
        daemon=True,  # a source that hangs must not keep Python from exiting
    )
    requests.put(True)
    try:
        thread.start()
        while (answer := _next(answers)) is not None:
            if isinstance(answer, BaseException):
                thread.join()
                try:
                    raise answer
                finally:
                    del answer  # its traceback refers to this frame: avoid a reference cycle
            requests.put(True)
            item = answer[0]
            del answer
            yield item
            del item  # it may be large, and the next one is about to arrive
            if os.getpid() != process:
                raise RuntimeError(
                    f"blocks must be read by the process that started to read them, {process}, got the "
                    f"forked process {os.getpid()}"
                )
        thread.join()
    finally:
        if os.getpid() == process:
            unwanted.set()
            requests.put(False)
            if thread.ident is not None:  # Ctrl-C may have come before it started
                thread.join(_GRACE)


def _next(answers: _Answers[T]) -> tuple[T] | BaseException | None:
    """Wait for an answer; Ctrl-C interrupts the wait."""
    while True:
        try:
            return answers.get(timeout=_LOOK_EVERY)
        except Empty:
            continue


def _serve(iterable: Iterable[T], requests: SimpleQueue[bool], answers: _Answers[T], unwanted: Event) -> None:
    """Run the iterator in this thread."""
    try:
        iterator = iter(iterable)
        try:
            for _ in iter(requests.get, False):
                try:
                    item = next(iterator)
                except StopIteration:
                    break
                answers.put((item,))
                del item
        finally:
            close = getattr(iterator, "close", None)  # generators have it, other iterators need not
            if close is not None:
                close()
    except BaseException as error:
        if unwanted.is_set():
            logger.warning("a source of blocks failed after its fit had ended: %r", error)
        else:
            answers.put(error)
    else:
        answers.put(None)
