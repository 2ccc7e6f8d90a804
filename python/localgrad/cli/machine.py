"""What a measurement ran on."""

import os
import platform
import time
from typing import Any

import numpy as np

import localgrad


def processor() -> str:
    """Return the processor's name as far as the system tells it."""
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
    """Return how many processors this process may use, which an affinity mask may have limited."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Neighbours:
    """Watches how busy other processes keep the machine from now on."""

    def __init__(self) -> None:
        self._start = time.perf_counter(), _busy(), sum(os.times()[:4])

    def processors(self) -> float | None:
        """Return how many processors the others kept busy on average; None where the system does not tell.

        Processes that this one has started count as its own once they have ended.
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
    # Interrupts, and what a virtual machine's host took; guests count as user time already.
    return (user + nice + system + sum(rest[:3])) / os.sysconf("SC_CLK_TCK")


def describe() -> dict[str, Any]:
    """Return what `localgrad.info()` says, and the machine and the versions around it."""
    return {
        **localgrad.info(),
        "processor": processor(),
        "processors": processors(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
    }
