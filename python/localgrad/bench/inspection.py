"""Comparison of quantities that only a library for feedforward networks computes directly."""

import importlib.metadata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from localgrad.bench.inspectors import INSPECTORS
from localgrad.bench.inspectors.tasks import InspectionTasks
from localgrad.bench.quantities import QUANTITIES, Quantity
from localgrad.bench.times import Times
from localgrad.bench.worker import ContenderError, Worker
from localgrad.bench.workload import FloatArray

TURN_SECONDS = 0.2  # approximate duration of a measurement, which is at least one call

_CORE, *_PEERS = INSPECTORS


@dataclass
class Measured:
    """The times of one quantity in seconds, of each library by the number of threads."""

    quantity: Quantity
    times: dict[str, dict[int, Times]]  # of all rows; those of fewer rows are scaled
    base: dict[int, Times]  # empty if there is none
    left_out: dict[str, str] = field(default_factory=dict)  # libraries that failed, and why

    def best(self, name: str) -> tuple[int, Times]:
        """Return the best number of threads of a library, and its times."""
        return min(self.times[name].items(), key=lambda one: one[1].median)

    @property
    def over_base(self) -> float | None:
        """Time relative to the base, both with the best number of threads of localgrad."""
        count, times = self.best(_CORE)
        return times.over(self.base[count]) if self.base else None

    @property
    def ratios(self) -> dict[str, float]:
        """Times of the other libraries relative to localgrad, each with its best number of threads."""
        own = self.best(_CORE)[1]
        return {name: self.best(name)[1].over(own) for name in self.times if name != _CORE}


def versions() -> dict[str, str]:
    """Return the versions of the other libraries that are installed."""
    there = [one for one in INSPECTORS.values() if one.needs and not one.missing]
    return {one.name: importlib.metadata.version(one.needs[0]) for one in there}


def missing() -> list[str]:
    """Return a message for each library that is not installed."""
    there = [one for one in INSPECTORS.values() if one.missing]
    return [f"{one.name} is not installed; install it with: {one.install}" for one in there]


def measure(threads: Sequence[int], repeat: int) -> Iterator[Measured]:
    """Compare the results of all libraries, then measure all in turns, for each quantity.

    Raises
    ------
    ContenderError
        If localgrad fails, or the result of another library differs.
    """
    for quantity in QUANTITIES.values():
        yield _measure(quantity, threads, repeat)


def _measure(quantity: Quantity, threads: Sequence[int], repeat: int) -> Measured:
    supported = [one for one in INSPECTORS.values() if quantity.name in one.quantities and not one.missing]
    workers: dict[tuple[str, int], Worker] = {}
    left_out: dict[str, str] = {}
    peer_rows = quantity.peer_rows or quantity.rows
    expected: FloatArray | None = None
    try:
        for one in supported:
            for count in threads:
                worker = workers[one.name, count] = Worker(one, count, InspectionTasks)
                try:
                    found = worker.ask("begin", quantity, quantity.rows if one.name == _CORE else peer_rows)
                except ContenderError as error:
                    if one.name == _CORE:
                        raise
                    left_out[one.name] = str(error)
                    break
                if expected is None:
                    expected = found if peer_rows == quantity.rows else found[:peer_rows]
                elif one.name != _CORE:
                    _check(one.name, quantity, found, expected)
                if one.name == _CORE and quantity.base:
                    worker.ask("begin_base", quantity)
        used = {key: worker for key, worker in workers.items() if key[0] not in left_out}
        times, base = _in_turns(quantity, used, repeat)
    finally:
        for worker in workers.values():
            worker.close()
    by_name: dict[str, dict[int, Times]] = {}
    for (name, count), seconds in times.items():
        scale = 1.0 if name == _CORE else quantity.rows / peer_rows
        by_name.setdefault(name, {})[count] = Times(tuple(scale * one for one in seconds))
    return Measured(quantity, by_name, {count: Times(tuple(one)) for count, one in base.items()}, left_out)


def _in_turns(
    quantity: Quantity, workers: dict[tuple[str, int], Worker], repeat: int
) -> tuple[dict[tuple[str, int], list[float]], dict[int, list[float]]]:
    times: dict[tuple[str, int], list[float]] = {key: [] for key in workers}
    base: dict[int, list[float]] = {count: [] for name, count in workers if name == _CORE and quantity.base}
    for _ in range(repeat):
        for (name, count), worker in workers.items():
            times[name, count].append(worker.ask("measure", False, TURN_SECONDS))
            if name == _CORE and quantity.base:
                base[count].append(worker.ask("measure", True, TURN_SECONDS))
    return times, base


def _check(name: str, quantity: Quantity, found: FloatArray, expected: FloatArray) -> None:
    """Raise a ContenderError if two results differ by more than rounding can explain."""
    if found.shape != expected.shape:
        raise ContenderError(f"{name}: {quantity.name} has shape {found.shape}, expected {expected.shape}")
    error = float(abs(found - expected).max() / abs(expected).max())
    if not error <= quantity.tolerance:
        raise ContenderError(
            f"{name}: {quantity.name} differs from that of localgrad by {error:.1e}, relative to the largest "
            f"number; expected at most {quantity.tolerance:.0e}"
        )


def table(measured: Measured) -> Iterator[str]:
    """Yield the lines of a table for one quantity."""
    quantity = measured.quantity
    yield f"{quantity.name}: {quantity.what}, {'-'.join(map(str, quantity.sizes))}"
    for name in measured.times:
        count, times = measured.best(name)
        more = "" if name == _CORE else f"  {measured.ratios[name]:8.2f} times localgrad"
        if name == _CORE and measured.over_base is not None:
            goal = "" if quantity.goal is None else f" (goal: at most {quantity.goal:g})"
            more = f"  {measured.over_base:8.2f} times the {quantity.base}{goal}"
        threads = f"{count} thread{'s' * (count > 1)}"
        yield f"{name:>12}{times.median * 1e6:>16,.1f} µs  {threads}{more}"
    for reason in measured.left_out.values():
        yield f"left out: {reason}"


def records(found: Sequence[Measured]) -> list[dict[str, Any]]:
    """Return the measurements as values that JSON supports."""
    return [
        {
            "quantity": one.quantity.name,
            "sizes": one.quantity.sizes,
            "rows": one.quantity.rows,
            "seconds": {
                name: {str(count): times.seconds for count, times in by_count.items()}
                for name, by_count in one.times.items()
            },
            "base": one.quantity.base,
            "base_seconds": {str(count): times.seconds for count, times in one.base.items()},
            "over_base": one.over_base,
            "ratios": one.ratios,
            "left_out": one.left_out,
        }
        for one in found
    ]
