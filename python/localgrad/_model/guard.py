"""The right to change a network, which one thread at a time may hold."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Guard:
    """Lets one call change a network and turns others away instead of making them wait.

    While the core computes, what it has read of the parameters, or holds in another layout, is not what is
    in the buffer: a write would be lost, or not, depending on the network's width. So a thread within such a
    call may not write either; between two of them, as callbacks are called, it may.
    """

    def __init__(self) -> None:
        self._within: set[int] = set()  # threads within a call of the core's
        self._renew()

    def _renew(self) -> None:
        self._held: dict[str, object] = {}
        self._holder: int | None = None
        self._process = os.getpid()
        self._within &= {threading.get_ident()}

    @contextmanager
    def training(self) -> Iterator[None]:
        """Hold the right for a whole fit; not even a callback of that fit may start another."""
        self._refuse_within()
        if self._process != os.getpid():
            self._renew()  # after a fork: no thread but this one is in the process
        token = object()
        try:  # Ctrl-C may come between any two lines, but not within setdefault
            if self._held.setdefault("fit", token) is not token:
                raise RuntimeError("a network does not support changes while another call of fit trains it")
            self._holder = threading.get_ident()
            yield
        finally:
            if self._held.get("fit") is token:
                self._holder = None
                del self._held["fit"]

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Turn this thread's own writes away: those of a signal handler, or of a cost that is a function."""
        thread = threading.get_ident()
        within = thread in self._within
        try:
            self._within.add(thread)
            yield
        finally:
            if not within:
                self._within.discard(thread)

    @property
    def writable(self) -> bool:
        """Whether this thread may write now."""
        if not self._held and not self._within:
            return True
        thread = threading.get_ident()
        if thread in self._within:
            return False
        return not self._held or self._holder == thread or self._process != os.getpid()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the right for an assignment; a callback may assign, for its fit waits for it."""
        self._refuse_within()
        if self._holder == threading.get_ident():
            yield
            return
        with self.training():
            yield

    def _refuse_within(self) -> None:
        if threading.get_ident() in self._within:
            raise RuntimeError(
                "a network does not support changes while it is computing, as by a signal handler or its "
                "cost function: they would be lost; make them in a callback or after the call"
            )
