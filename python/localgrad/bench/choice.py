"""Comparison of the number of threads that `predict` chooses by default with fixed numbers of threads."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from localgrad.bench.contenders import KINDS
from localgrad.bench.nets import Net
from localgrad.bench.times import Times
from localgrad.bench.worker import Worker

ROWS = (1, 3, 10, 30, 100, 200, 300, 1000, 3000, 10_000, 100_000, 1_000_000)
TURN_SECONDS = 0.03  # approximate duration of a measurement, which is at least one call

_OPERATIONS = 2e11  # maximum number of floating-point operations of a call, which limits the time
_BYTES = 2 << 30  # maximum size of the inputs


@dataclass(frozen=True)
class Choice:
    """The times of a call of `predict` for one number of rows."""

    rows: int
    fixed: dict[int, Times]  # by the number of threads
    default: Times

    @property
    def best(self) -> int:
        """The fixed number of threads that was the fastest."""
        return min(self.fixed, key=lambda count: self.fixed[count].median)

    @property
    def ratio(self) -> float:
        """The time of the default relative to the best fixed number of threads, as a median over rounds."""
        return self.default.over(self.fixed[self.best])


def choices(net: Net, rows: Sequence[int], threads: Sequence[int], repeat: int) -> Iterator[Choice]:
    """Check that predictions are bit-identical for all numbers of threads, then measure them in turns.

    All measurements are in one process. Numbers of rows that would take too long or too much memory are
    skipped.

    Raises
    ------
    ContenderError
        If predictions differ or fail.
    """
    parameters = sum((m + 1) * n for m, n in zip(net.sizes, net.sizes[1:], strict=False))
    counts = (*threads, None)
    worker = Worker(KINDS["localgrad"], None)
    try:
        for n in rows:
            if 2 * parameters * n > _OPERATIONS or net.sizes[0] * n > _BYTES:
                continue
            worker.ask("begin_counts", net, n, counts)
            seconds: dict[int | None, list[float]] = {count: [] for count in counts}
            for _ in range(repeat):
                for count in counts:
                    seconds[count].append(worker.ask("predict", count, TURN_SECONDS))
            times = {count: Times(tuple(found)) for count, found in seconds.items()}
            yield Choice(n, {count: times[count] for count in threads}, times[None])
    finally:
        worker.close()


def table(threads: Sequence[int], found: Sequence[Choice]) -> Iterator[str]:
    """Yield the lines of a table, with times in microseconds per call."""
    heads = [f"{count} thread{'s' * (count > 1)}" for count in threads]
    yield "".join(f"{head:>14}" for head in ("rows", *heads, "default", "vs best"))
    for choice in found:
        times = [*choice.fixed.values(), choice.default]
        cells = "".join(f"{each.median * 1e6:>14,.1f}" for each in times)
        yield f"{choice.rows:>14,}{cells}{choice.ratio:>14.2f}"


def records(net: Net, found: Sequence[Choice]) -> list[dict[str, Any]]:
    """Return the measurements as values that JSON supports."""
    return [
        {
            "net": asdict(net),
            "rows": choice.rows,
            "seconds": {str(count): times.seconds for count, times in choice.fixed.items()},
            "default_seconds": choice.default.seconds,
            "ratio": choice.ratio,
        }
        for choice in found
    ]
