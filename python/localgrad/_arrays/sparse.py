"""Dense arrays from sparse matrices and arrays of SciPy and other libraries."""

import math
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad._arrays.remedies import EXPECTED, readable


def is_sparse(value: Any) -> bool:
    """Return whether a value is a sparse matrix or array."""
    # NumPy would wrap it as a single object, or fail to read it.
    kind = type(value)
    return hasattr(kind, "nnz") and (hasattr(kind, "toarray") or hasattr(kind, "todense"))


def dense(value: Any, name: str) -> NDArray[Any]:
    """Return a dense copy; raise a MemoryError if it does not fit into half of the free memory."""
    with readable(value, name):
        shape, dtype = tuple(int(k) for k in value.shape), np.dtype(value.dtype)
    check_numbers(dtype, name)
    check_fits(shape, dtype.itemsize, name)
    with readable(value, name):
        return np.asarray(value.toarray() if hasattr(value, "toarray") else value.todense())


def check_numbers(dtype: np.dtype[Any], name: str) -> None:
    """Raise a TypeError for a sparse matrix whose dtype does not count as numbers."""
    if dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold {EXPECTED}, got a sparse matrix of dtype {dtype}")


def check_fits(shape: tuple[int, ...], itemsize: int, name: str) -> None:
    """Raise a MemoryError for a dense copy of more than half of the free memory, before allocating it."""
    needed, free = math.prod(shape) * itemsize, free_memory()
    if needed > free // 2:
        raise MemoryError(
            f"{name} must fit into half of the free memory as a dense array, got a sparse one of shape "
            f"{shape}, which takes {needed / 1e9:.3g} GB of {free / 1e9:.3g} GB; pass its rows in parts, "
            "to fit as localgrad.Blocks"
        )


def free_memory() -> int:
    """Return the number of bytes that this process may allocate; if unknown, a conservative guess."""
    limits = [_bytes(path) for path in _LIMITS]
    limits += [_available()]
    # A container may have less memory than the machine.
    return min((limit for limit in limits if limit is not None), default=2**32)


# Of a container, by cgroups v2 and v1.
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def _bytes(path: str) -> int | None:
    try:
        with open(path) as file:
            return int(file.read())
    except (OSError, ValueError):  # no such file, or "max" for no limit
        return None


def _available() -> int | None:
    try:
        with open("/proc/meminfo") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # not on Windows
        return None
