"""Measuring how long a step takes, for several contenders by turns."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Stopwatch", "Times", "by_turns"]


@dataclass(frozen=True)
class Times:
    """Repeated measurements of the same step, in seconds."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle measurement."""
        return statistics.median(self.seconds)

    @property
    def spread(self) -> float:
        """Half the distance from the least to the greatest, as a share of the median.

        Examples
        --------
        >>> Times((9.0, 10.0, 12.0)).spread
        0.15
        """
        return (max(self.seconds) - min(self.seconds)) / (2 * self.median)


class Stopwatch:
    """Adds up time, not counting what happens while it is paused."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._since = time.perf_counter()

    def pause(self) -> None:
        """Stop counting."""
        self.seconds += time.perf_counter() - self._since

    def resume(self) -> None:
        """Count on."""
        self._since = time.perf_counter()


def by_turns(works: Sequence[Callable[[], int]], repeat: int, at_least: Sequence[float]) -> list[Times]:
    """Measure each work `repeat` times, all of them in every round, so that none has the quiet minute alone.

    Parameters
    ----------
    works : sequence of callable
        Each does some steps and returns how many; called once beforehand to warm up.
    repeat : int
        Number of rounds.
    at_least : sequence of float
        For each work, the seconds that one measurement shall last; the work is repeated until then.

    Returns
    -------
    list of Times
        Seconds per step, one measurement a round.
    """
    for work in works:
        work()
    rounds = [
        [_measure(work, seconds) for work, seconds in zip(works, at_least, strict=True)]
        for _ in range(repeat)
    ]
    return [Times(times) for times in zip(*rounds, strict=True)]


def _measure(work: Callable[[], int], at_least: float) -> float:
    steps, elapsed, start = 0, 0.0, time.perf_counter()
    while not steps or elapsed < at_least:
        steps += work()
        elapsed = time.perf_counter() - start
    return elapsed / steps
