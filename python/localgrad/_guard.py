"""The right to change a network, which one thread at a time may hold."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Guard"]


class Guard:
    """Lets one call change a network and turns others away instead of making them wait."""

    def __init__(self) -> None:
        self._renew()

    def _renew(self) -> None:
        self._held: dict[str, object] = {}
        self._holder: int | None = None
        self._process = os.getpid()

    @contextmanager
    def training(self) -> Iterator[None]:
        """Hold the right for a whole fit; not even a callback of that fit may start another."""
        if self._process != os.getpid():
            self._renew()  # after a fork: the thread that held the right is not in this process
        token = object()
        try:  # Ctrl-C may come between any two lines, but not within setdefault
            if self._held.setdefault("fit", token) is not token:
                raise RuntimeError(
                    "the network is being trained by another call of fit; only one at a time may change it"
                )
            self._holder = threading.get_ident()
            yield
        finally:
            if self._held.get("fit") is token:
                self._holder = None
                del self._held["fit"]

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the right for an assignment; a callback may assign, for its fit waits for it."""
        if self._holder == threading.get_ident():
            yield
            return
        with self.training():
            yield
