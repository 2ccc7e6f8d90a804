"""What a measurement ran on."""

import os
import platform
from typing import Any

import numpy as np

import localgrad

__all__ = ["describe", "processor", "processors"]


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
