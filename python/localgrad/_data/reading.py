"""Who reads which source of blocks: one thread at a time."""

import os
import time
from collections import deque
from collections.abc import Hashable
from functools import partial
from threading import Condition, get_ident
from typing import Any

_PATIENCE = 10.0  # seconds to wait for a reader whose fit is over
_LOOK_EVERY = 0.5  # seconds, should Ctrl-C have kept somebody from telling


class Ended(Exception):
    """The fit is over for which something was to be read."""


class _Queues:
    """Those who read, or wait to, by what they read; the first of each queue may."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.changed = Condition()
        self.of: dict[Hashable, deque[Reading]] = {}

    def reading_in(self, thread: int) -> "Reading | None":
        """Return what the thread reads, if it does: a source may call a fit."""
        with self.changed:
            readings = (one for queue in self.of.values() for one in queue)
            return next((one for one in readings if one._reader == thread), None)


_queues = _Queues()


def _own_queues() -> _Queues:
    # In a forked process the readers of the other are absent, and it may have held the lock.
    global _queues
    if _queues.process != os.getpid():
        _queues = _Queues()
    return _queues


class Reading:
    """What one epoch's reader may read, while others wait.

    Made by the thread that trains, which says with `close` that no more is wanted. The reader calls `hold`
    before it touches a thing, and `leave` when it has let go of all.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._trainer = get_ident()
        self._reader: int | None = None  # the thread that reads, once it does
        self._queues = _own_queues()
        self._outer = self._queues.reading_in(self._trainer)
        self._held: list[Hashable] = []
        self._over = False

    def hold(self, thing: Any) -> None:
        """Wait until no other reader holds the thing, and hold it.

        Raises
        ------
        Ended
            If the fit is over.
        RuntimeError
            If the other waits for this one, or belongs to a fit that is over and does not come back.
        """
        key = _key(thing)
        self._reader = get_ident()
        patience: float | None = None
        with self._queues.changed:
            queue = self._queues.of.setdefault(key, deque())
            if self in queue:  # an iterable that is its own iterator
                return
            queue.append(self)
            self._held.append(key)
            while not self._over and queue[0] is not self:
                first = queue[0]
                if not first._over:
                    if first._trainer == self._trainer or self._is_within(first):
                        raise RuntimeError(
                            f"source {self._name} must be read by one fit at a time, got one that was called "
                            "by another that reads it"
                        )
                    patience = None
                elif patience is None:
                    patience = time.monotonic() + _PATIENCE
                elif time.monotonic() >= patience:
                    raise RuntimeError(
                        f"source {self._name} must be read by one thread at a time, got one that has not "
                        f"come back from it {_PATIENCE:g} s after its fit was over"
                    )
                self._queues.changed.wait(_LOOK_EVERY)
            if self._over:
                raise Ended

    def _is_within(self, other: "Reading") -> bool:
        """Tell whether the fit was called by the other's source, or by one that such a fit reads."""
        outer = self._outer
        while outer is not None and outer is not other:
            outer = outer._outer
        return outer is not None

    def leave(self) -> None:
        """Let others read what this one held or waited for."""
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
        """Say that the fit is over, or its epoch."""
        self._over = True
        if self._queues is _own_queues():
            with self._queues.changed:
                self._queues.changed.notify_all()


def _key(thing: Any) -> Hashable:
    """Return what is equal for the same thing; methods and partial functions are made anew each time.

    Iterators go by their identity: a key must not keep a generator alive, which ends when it is let go of.
    """
    if isinstance(thing, partial):
        values = (*thing.args, *thing.keywords, *thing.keywords.values())
        return (partial, _key(thing.func), *map(_key, values))
    try:
        hash(thing)
    except Exception:  # of an array, say
        return id(thing)
    return id(thing) if hasattr(thing, "__next__") else thing
