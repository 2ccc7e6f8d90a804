"""Sparse matrices and arrays, of SciPy and others, as dense ones."""

import math
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad._arrays.remedies import EXPECTED, readable


def is_sparse(value: Any) -> bool:
    """Tell a sparse matrix or array, which NumPy would wrap as a single object or refuse to read."""
    kind = type(value)
    return hasattr(kind, "nnz") and (hasattr(kind, "toarray") or hasattr(kind, "todense"))


def dense(value: Any, name: str) -> NDArray[Any]:
    """Return a dense copy; a MemoryError where it would take most of the memory there is."""
    with readable(value, name):
        shape, dtype = tuple(int(k) for k in value.shape), np.dtype(value.dtype)
    if dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold {EXPECTED}, got a sparse matrix of dtype {dtype}")
    check_fits(shape, dtype.itemsize, name)
    with readable(value, name):
        return np.asarray(value.toarray() if hasattr(value, "toarray") else value.todense())


def check_fits(shape: tuple[int, ...], itemsize: int, name: str) -> None:
    """Refuse what would take more than half of the memory that is free, before anything is allocated."""
    needed, free = math.prod(shape) * itemsize, free_memory()
    if needed > free // 2:
        raise MemoryError(
            f"{name} must fit into half of the free memory as a dense array, got a sparse one of shape "
            f"{shape}, which takes {needed / 1e9:.3g} GB of {free / 1e9:.3g} GB; give fit parts of its rows "
            "as blocks, see localgrad.Blocks, and other methods a part at a time"
        )


def free_memory() -> int:
    """Return how many bytes this process may take, as far as the system says; else a careful guess."""
    limits = [_bytes(path) for path in _LIMITS]
    limits += [_available()]
    return min((limit for limit in limits if limit is not None), default=2**32)


_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # of a container


def _bytes(path: str) -> int | None:
    try:
        with open(path) as file:
            return int(file.read())
    except (OSError, ValueError):  # "max" is no limit
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
