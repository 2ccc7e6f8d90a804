"""Comparison of a `Fleet` with networks that are trained one after another."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from localgrad.bench.contenders import KINDS
from localgrad.bench.nets import Net
from localgrad.bench.times import Times
from localgrad.bench.worker import Worker

MEMBERS = (1, 8, 32)
TURN_SECONDS = 0.3  # approximate duration of a measurement, which is at least one epoch

_TRAINING = "adam"
_PEER = "sklearn"


@dataclass(frozen=True)
class Measured:
    """The times of training several networks for an epoch, in seconds."""

    members: int
    fleet: dict[int, Times]  # by the number of threads
    alone: Times  # as many networks one after another, with the number of threads that localgrad chooses
    peer: dict[int, Times]  # likewise, by the number of threads; empty if scikit-learn is not installed

    @property
    def best(self) -> Times:
        """The times of the fleet with the fastest number of threads."""
        return _best(self.fleet)

    @property
    def ratios(self) -> dict[str, float]:
        """Times relative to the best of the fleet: alone, with one thread, and with scikit-learn."""
        others = {"alone": self.alone}
        if 1 in self.fleet:
            others["1 thread"] = self.fleet[1]
        if self.peer:
            others[_PEER] = _best(self.peer)
        return {name: times.over(self.best) for name, times in others.items()}


def _best(times: dict[int, Times]) -> Times:
    return min(times.values(), key=lambda one: one.median)


def measure(net: Net, members: Sequence[int], threads: Sequence[int], repeat: int) -> Iterator[Measured]:
    """Check that a member is bit-identical to a network trained alone, then measure all in turns.

    Raises
    ------
    ContenderError
        If parameters differ, or a contender fails.
    """
    core, peer = KINDS["localgrad"], KINDS[_PEER]
    fleets = {count: Worker(core, count) for count in threads}
    alone = Worker(core, None)
    peers = {count: Worker(peer, count) for count in threads if not peer.missing}
    workers = [alone, *fleets.values(), *peers.values()]
    try:
        for worker in (alone, *peers.values()):
            worker.ask("begin", net, [_TRAINING], net.batch_size)
        for k in members:
            seconds: dict[Worker, list[float]] = {worker: [] for worker in workers}
            for worker in fleets.values():
                worker.ask("begin_fleet", net, _TRAINING, k)
            for _ in range(repeat):
                for worker in workers:
                    fleet = worker in fleets.values()
                    asked = ("train_fleet",) if fleet else ("train", _TRAINING)
                    step = worker.ask(*asked, TURN_SECONDS)
                    seconds[worker].append(step * k * (net.rows // net.batch_size))
            times = {worker: Times(tuple(found)) for worker, found in seconds.items()}
            yield Measured(
                k,
                {count: times[worker] for count, worker in fleets.items()},
                times[alone],
                {count: times[worker] for count, worker in peers.items()},
            )
    finally:
        for worker in workers:
            worker.close()


def table(threads: Sequence[int], found: Sequence[Measured]) -> Iterator[str]:
    """Yield the lines of a table, with milliseconds of an epoch of all members and relative times."""
    heads = [f"{count} thread{'s' * (count > 1)}" for count in threads]
    names = list(found[0].ratios) if found else []
    ratios = [f"{name} ÷ best" for name in names]
    yield "".join(f"{head:>17}" for head in ("members", *heads, *ratios))
    for one in found:
        cells = "".join(f"{times.median * 1e3:>17,.2f}" for times in one.fleet.values())
        yield f"{one.members:>17}{cells}" + "".join(f"{one.ratios[name]:>17.2f}" for name in names)


def records(net: Net, found: Sequence[Measured]) -> list[dict[str, Any]]:
    """Return the measurements as values that JSON supports."""
    return [
        {
            "net": asdict(net),
            "members": one.members,
            "seconds": {str(count): times.seconds for count, times in one.fleet.items()},
            "alone_seconds": one.alone.seconds,
            "sklearn_seconds": {str(count): times.seconds for count, times in one.peer.items()},
            "ratios": one.ratios,
        }
        for one in found
    ]
