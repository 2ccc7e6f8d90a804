"""Exclusive access to the sources of blocks, each for one thread at a time."""

import os
import time
from collections import deque
from collections.abc import Hashable
from functools import partial
from threading import Condition, get_ident
from typing import Any

_PATIENCE = 10.0  # seconds to wait for a reader whose fit has ended
_LOOK_EVERY = 0.5  # seconds: Ctrl-C may have prevented a notification


class Ended(Exception):
    """Raised in a reader whose fit has ended."""


class _Queues:
    """The readers of each source, in a queue; the first of each queue may read."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.changed = Condition()
        self.of: dict[Hashable, deque[Reading]] = {}

    def reading_in(self, thread: int) -> "Reading | None":
        """Return the reading of a thread, or None. While it is read, a source may call fit."""
        with self.changed:
            readings = (one for queue in self.of.values() for one in queue)
            return next((one for one in readings if one._reader == thread), None)


_queues = _Queues()


def _own_queues() -> _Queues:
    # The readers of the parent process do not exist in a fork, and one may have held the lock.
    global _queues
    if _queues.process != os.getpid():
        _queues = _Queues()
    return _queues


class Reading:
    """The sources that the reader of one epoch holds, while other readers wait for them.

    The thread that trains creates it, and calls `close` when it needs no more blocks. The reader calls `hold`
    before it uses a source, and `leave` when it has finished with all of them.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._trainer = get_ident()
        self._reader: int | None = None  # the thread that reads, after its first `hold`
        self._queues = _own_queues()
        self._outer = self._queues.reading_in(self._trainer)
        self._held: list[Hashable] = []
        self._over = False

    def hold(self, thing: Any) -> None:
        """Wait until no other reader holds the source, then hold it.

        Raises
        ------
        Ended
            If the fit has ended.
        RuntimeError
            If the other reader waits for this one, or does not return although its fit has ended.
        """
        key = _key(thing)
        self._reader = get_ident()
        patience: float | None = None
        with self._queues.changed:
            queue = self._queues.of.setdefault(key, deque())
            if self in queue:  # the source is held already: an iterable that is its own iterator
                return
            queue.append(self)
            self._held.append(key)
            while not self._over and queue[0] is not self:
                first = queue[0]
                if not first._over:
                    if first._trainer == self._trainer or self._is_within(first):
                        raise RuntimeError(
                            f"source {self._name} must be read by one fit at a time, got a fit that was "
                            "called by another one that reads it"
                        )
                    patience = None
                elif patience is None:
                    patience = time.monotonic() + _PATIENCE
                elif time.monotonic() >= patience:
                    raise RuntimeError(
                        f"source {self._name} must be read by one thread at a time, got one that still "
                        f"reads it {_PATIENCE:g} s after its fit ended"
                    )
                self._queues.changed.wait(_LOOK_EVERY)
            if self._over:
                raise Ended

    def _is_within(self, other: "Reading") -> bool:
        """Return whether this fit was called by the source of the other, directly or through other fits."""
        outer = self._outer
        while outer is not None and outer is not other:
            outer = outer._outer
        return outer is not None

    def leave(self) -> None:
        """Release the sources that this reader holds or waits for."""
        if self._queues is not _own_queues():
            return
        with self._queues.changed:
            for key in self._held:
                queue = self._queues.of[key]
                queue.remove(self)
                if not queue:
                    del self._queues.of[key]
            self._held.clear()
            self._queues.changed.notify_all()

    def close(self) -> None:
        """End the reading, because the fit or its epoch has ended."""
        self._over = True
        if self._queues is _own_queues():
            with self._queues.changed:
                self._queues.changed.notify_all()


def _key(thing: Any) -> Hashable:
    """Return a key that is equal for the same source.

    Methods and partial functions are new objects each time, so they are compared by value. Iterators are
    compared by identity: a key that refers to a generator would keep it from ending.
    """
    if isinstance(thing, partial):
        values = (*thing.args, *thing.keywords, *thing.keywords.values())
        return (partial, _key(thing.func), *map(_key, values))
    try:
        hash(thing)
    except Exception:  # as for an array
        return id(thing)
    return id(thing) if hasattr(thing, "__next__") else thing
