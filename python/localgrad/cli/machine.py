"""Description of the machine, and the load that other processes put on it."""

import os
import platform
import time
from typing import Any

import numpy as np

import localgrad


def processor() -> str:
    """Return the name of the processor, or its architecture if the system does not report a name."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
            for line in lines:
                key, _, value = line.partition(":")
                if key.strip() == "model name":
                    return value.strip()
    except OSError:
        pass  # not Linux
    return platform.processor() or platform.machine()


def processors() -> int:
    """Return the number of processors this process may use, which can be limited by its CPU affinity."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Neighbors:
    """Measurement of the load from other processes, which starts when the object is created."""

    def __init__(self) -> None:
        self._start = time.perf_counter(), _busy(), sum(os.times()[:4])

    def processors(self) -> float | None:
        """Return the mean number of processors that other processes used, or None if it is unknown.

        Child processes of this one that have ended are not counted as other processes.
        """
        start, busy, own = self._start
        if busy is None:
            return None
        others = (_busy() or busy) - busy - (sum(os.times()[:4]) - own)
        return max(0.0, others / (time.perf_counter() - start))


def _busy() -> float | None:
    try:
        with open("/proc/stat", encoding="ascii") as lines:
            user, nice, system, _, _, *rest = map(int, next(lines).split()[1:])
    except OSError:
        return None  # not Linux
    # `rest` begins with interrupts, soft interrupts, and time stolen by the host of a virtual machine. The
    # remaining entries, for guests, are already included in user time.
    return (user + nice + system + sum(rest[:3])) / os.sysconf("SC_CLK_TCK")


def describe() -> dict[str, Any]:
    """Return `localgrad.info()`, the machine, and the versions of Python and NumPy."""
    return {
        **localgrad.info(),
        "processor": processor(),
        "processors": processors(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
    }
