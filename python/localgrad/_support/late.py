"""Subpackages that are imported when they are first used."""

import time
from importlib import import_module
from types import ModuleType


def import_late(package: str) -> ModuleType:
    """Import a package; wait if another thread is importing one of its modules.

    A thread that imports a.b holds the lock of a.b while it waits for that of a. If this thread imports a,
    which imports a.b, Python reports a deadlock. The other thread continues once this one has given up, so
    try the import again.
    """
    while True:
        try:
            return import_module(package)
        except RuntimeError as error:
            if type(error).__name__ != "_DeadlockError":
                raise
            time.sleep(1e-3)
