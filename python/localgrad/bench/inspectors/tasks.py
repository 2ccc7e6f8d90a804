"""The tasks that run in the process of a library."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from localgrad.bench.inspectors import Inspector
from localgrad.bench.quantities import Problem, Quantity
from localgrad.bench.tasks import after_pause
from localgrad.bench.workload import FloatArray


class InspectionTasks:
    """A library that computes one quantity after another, with a fixed number of threads."""

    def __init__(self, inspector: Inspector, n_threads: int | None) -> None:
        self._inspector = inspector
        self._n_threads = n_threads
        self._prepared: dict[bool, tuple[Callable[[], Any], float]] = {}

    def begin(self, quantity: Quantity, rows: int) -> FloatArray:
        """Prepare a quantity of the first rows, and return it."""
        self._prepared = {}  # free the memory first
        problem = Problem.of(quantity, rows, self._n_threads)
        result = self._prepare(False, self._inspector.prepare(quantity.name, problem))
        answer = self._inspector.answer(quantity.name, problem)
        return np.array(result if answer is None else answer(), np.float64)

    def begin_base(self, quantity: Quantity) -> None:
        """Prepare what the time of the quantity is compared with."""
        problem = Problem.of(quantity, quantity.rows, self._n_threads)
        self._prepare(True, self._inspector.prepare(f"{quantity.name}_base", problem))

    def _prepare(self, base: bool, compute: Callable[[], Any]) -> Any:
        compute()  # may compile
        start = time.perf_counter()
        result = compute()
        self._prepared[base] = compute, time.perf_counter() - start
        return result

    def measure(self, base: bool, seconds: float) -> float:
        """Repeat the quantity or its base for about this many seconds; return the time of a call."""
        compute, each = self._prepared[base]
        count = max(1, round(seconds / each))
        start = time.perf_counter()
        for _ in range(count):
            compute()
        return after_pause((time.perf_counter() - start) / count)
