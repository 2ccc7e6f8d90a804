"""Exclusive write access to a network, held by one thread at a time."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Guard:
    """Allows one call at a time to change a network; others raise an error instead of waiting.

    While the core computes, it may hold copies of parameters in another layout, so a write to the buffer
    could be lost, depending on the widths of the layers. A thread must therefore not write during its own
    call to the core; between two calls, as in a callback, it may.
    """

    def __init__(self) -> None:
        self._within: set[int] = set()  # threads within a call to the core
        self._renew()

    def _renew(self) -> None:
        self._held: dict[str, object] = {}
        self._holder: int | None = None
        self._process = os.getpid()
        self._within &= {threading.get_ident()}

    @contextmanager
    def training(self) -> Iterator[None]:
        """Hold the access during a whole fit; a callback of that fit cannot start another one."""
        self._refuse_within()
        if self._process != os.getpid():
            self._renew()  # after a fork this is the only thread of the process
        token = object()
        try:  # Ctrl-C may come between any two lines, but not within setdefault
            if self._held.setdefault("fit", token) is not token:
                raise RuntimeError("a network does not support changes while a call to fit trains it")
            self._holder = threading.get_ident()
            yield
        finally:
            if self._held.get("fit") is token:
                self._holder = None
                del self._held["fit"]

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Reject writes by this thread, for example in a signal handler or a custom cost."""
        thread = threading.get_ident()
        within = thread in self._within  # calls nest: a custom cost may call predict
        try:
            self._within.add(thread)
            yield
        finally:
            if not within:
                self._within.discard(thread)

    @property
    def writable(self) -> bool:
        """Whether this thread may write now."""
        # The usual case needs no lookup of the thread.
        if not self._held and not self._within:
            return True
        thread = threading.get_ident()
        if thread in self._within:
            return False
        # A forked process inherits the state of the guard, but not the thread that trains.
        return not self._held or self._holder == thread or self._process != os.getpid()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the access during an assignment; a callback may assign, because its fit waits for it."""
        self._refuse_within()
        if self._holder == threading.get_ident():
            yield
            return
        with self.training():
            yield

    def _refuse_within(self) -> None:
        if threading.get_ident() in self._within:
            raise RuntimeError(
                "a network does not support changes while it computes, for example by a signal handler or "
                "its custom cost, because they would be lost; make them in a callback or after the call"
            )
