"""Packages of ours that are loaded when they are first needed."""

import time
from importlib import import_module
from types import ModuleType


def import_late(package: str) -> ModuleType:
    """Import a package, and let other threads that import one of its modules go first.

    A thread that imports a.b holds the lock of a.b while it waits for that of a. To one that imports a, which
    wants a.b, Python reports a deadlock; the other one continues as soon as this one gives way.
    """
    while True:
        try:
            return import_module(package)
        except RuntimeError as error:
            if type(error).__name__ != "_DeadlockError":
                raise
            time.sleep(1e-3)
