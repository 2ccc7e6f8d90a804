"""An iterator that a thread of its own runs, one item ahead of whoever takes them."""

import logging
import os
from collections.abc import Generator, Iterable
from contextvars import copy_context
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TypeAlias, TypeVar

T = TypeVar("T")

# What comes back for a request: an item, alone in a tuple; an exception; None at the end.
_Answers: TypeAlias = SimpleQueue[tuple[T] | BaseException | None]

logger = logging.getLogger("localgrad")

_GRACE = 0.05  # seconds that a thread may take to end when it is no longer wanted
_LOOK_EVERY = 0.5  # seconds: a signal that comes just before a wait does not end it


def prefetch(iterable: Iterable[T]) -> Generator[T, None, None]:
    """Yield the items of an iterable, of which a thread always has the next one under way.

    The thread begins when the first item is asked for, makes one item and waits until it is taken, runs in a
    copy of the caller's context, and closes the iterator itself. An exception of the iterable comes out here,
    with its traceback. Close the generator (`contextlib.closing`) to end the thread before the items end; a
    thread that is just waiting for an item then ends when that comes, and is not waited for. An exception
    that comes too late for anyone is logged.

    Raises
    ------
    RuntimeError
        If the next item is asked for in a process that was forked meanwhile: it does not have the thread.

    Examples
    --------
    >>> list(prefetch(k * k for k in range(4)))
    [0, 1, 4, 9]
    """
    requests: SimpleQueue[bool] = SimpleQueue()  # True for an item, False: no more
    answers: _Answers[T] = SimpleQueue()
    unwanted = Event()
    process = os.getpid()
    thread = Thread(
        target=copy_context().run,
        args=(_serve, iterable, requests, answers, unwanted),
        name="localgrad-prefetch",
        daemon=True,
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
                    del answer  # whose traceback leads to this frame
            requests.put(True)
            item = answer[0]
            del answer
            yield item
            del item  # it may be large, and the next is on its way
            if os.getpid() != process:
                raise RuntimeError(
                    f"blocks must be read by the process that began to, {process}, got {os.getpid()}, "
                    "forked from it"
                )
        thread.join()
    finally:
        if os.getpid() == process:
            unwanted.set()
            requests.put(False)
            if thread.ident is not None:  # Ctrl-C may have come before it began
                thread.join(_GRACE)


def _next(answers: _Answers[T]) -> tuple[T] | BaseException | None:
    """Wait for an answer, and let Ctrl-C end that."""
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
            close = getattr(iterator, "close", None)  # generators have it
            if close is not None:
                close()
    except BaseException as error:
        if unwanted.is_set():
            logger.warning("a source of blocks failed after its fit had ended: %r", error)
        else:
            answers.put(error)
    else:
        answers.put(None)
