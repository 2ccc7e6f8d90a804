"""`localgrad bench`: the core against other implementations of the same training step."""

import argparse
import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import localgrad as lg
from localgrad.cli.arguments import add_threads, at_least, layer_sizes
from localgrad.cli.contenders import (
    CONTENDERS,
    Agreement,
    Contender,
    Core,
    Workload,
    agreement,
    rows_in,
)
from localgrad.cli.errors import CommandError
from localgrad.cli.machine import describe
from localgrad.cli.outputs import check_writable, write
from localgrad.cli.timing import Times, by_turns

__all__ = ["SUMMARY", "add_arguments", "run"]

SUMMARY = "compare the core with the pure-Python reference and with NumPy"

_BATCH_SIZES = {
    "784-30-10": 10,
    "784-100-10": 20,
    "784-128-64-10": 64,
    "784-512-512-10": 128,
    "13-64-64-1": 32,
    "4-64-64-2": 64,
}
_ROWS = 10_000  # an epoch; for 784 inputs 31 MB, which no second-level cache holds
_LEARNING_RATE = 0.5
_CHECKED_STEPS = 3
_SECONDS = 0.05  # that one measurement lasts at least
_SLOW_SECONDS = 0.15  # that one step of a slow contender lasts at most, roughly


@dataclass(frozen=True)
class Net:
    """Layer sizes and batch size, as in 784-30-10:10."""

    sizes: tuple[int, ...]
    batch_size: int

    def __str__(self) -> str:
        return "-".join(map(str, self.sizes))


@dataclass(frozen=True)
class Result:
    """One contender on one network."""

    contender: str
    rows: int  # rows of the mini-batch that were trained on
    agreement: Agreement | None  # with the core; None for the core
    times: Times  # of a step on the whole mini-batch


@dataclass(frozen=True)
class Entry:
    """A contender whose answer has been checked, and its part of the work: a slow one takes fewer rows."""

    runner: Contender
    part: Workload
    agreement: Agreement | None

    def take_turn(self) -> int:
        """Train an epoch, or a single step if that takes long enough to be measured."""
        steps = 1 if self.runner.slow else self.part.steps
        self.runner.train(steps)
        return steps


def net(word: str) -> Net:
    """Read `sizes` or `sizes:batch`.

    Examples
    --------
    >>> net("784-30-10"), net("8-4-2:16")
    (Net(sizes=(784, 30, 10), batch_size=10), Net(sizes=(8, 4, 2), batch_size=16))
    """
    widths, colon, batch = word.partition(":")
    sizes = layer_sizes(widths)
    if len(sizes) < 2:
        raise argparse.ArgumentTypeError(f"expected at least 2 widths, given {word!r}")
    # An epoch must hold the steps that are checked.
    return Net(
        sizes, at_least(1, _ROWS // _CHECKED_STEPS + 1)(batch) if colon else _BATCH_SIZES.get(widths, 32)
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "--nets",
        type=net,
        nargs="+",
        metavar="SIZES[:BATCH]",
        default=[net(sizes) for sizes in _BATCH_SIZES],
        help="networks and, after a colon, rows in a mini-batch "
        f"(default: {' '.join(f'{sizes}:{rows}' for sizes, rows in _BATCH_SIZES.items())})",
    )
    parser.add_argument(
        "--repeat", type=at_least(1), default=7, metavar="N", help="measurements (default: 7)"
    )
    add_threads(parser)
    parser.add_argument("--json", metavar="FILE", help="write all measurements to a file too")


def run(arguments: argparse.Namespace) -> int:
    """Check, measure and report; 1 if answers disagree."""
    if arguments.json is not None:
        check_writable(arguments.json)
    with _numpy_threads(arguments.threads) as numpy_threads:
        machine = describe()
        if arguments.threads is not None:
            machine.update(threads=arguments.threads, threads_from="--threads")
        machine["numpy_threads"] = numpy_threads
        _print_machine(machine)
        report = []
        for one in arguments.nets:
            results = _compare(_workload(one, arguments.threads), arguments.repeat)
            _print_results(one, results)
            report += [_record(one, result) for result in results]
    if arguments.json is not None:
        text = json.dumps({"machine": machine, "results": report}, indent=2) + "\n"
        write(arguments.json, lambda stream: stream.write(text.encode()))
    return 0


def _workload(one: Net, n_threads: int | None) -> Workload:
    """Numbers in [0, 1) to learn from: the speed does not depend on what they mean."""
    random = np.random.default_rng(0)
    rows = _ROWS // one.batch_size * one.batch_size
    try:
        initial = lg.Network(one.sizes, activation="sigmoid", output="sigmoid", cost="mse", seed=0)
        X = random.random((rows, one.sizes[0]), dtype=np.float32)
        y = random.random((rows, one.sizes[-1]), dtype=np.float32)
    except (ValueError, MemoryError) as error:
        raise CommandError(f"{one}: {error}") from None
    return Workload(initial, X, y, one.batch_size, _LEARNING_RATE, n_threads)


def _compare(work: Workload, repeat: int) -> list[Result]:
    """Prove that the answers agree, then measure all contenders by turns."""
    entries = [_enter(contender, work) for contender in CONTENDERS]
    times = by_turns(
        [entry.take_turn for entry in entries],
        repeat,
        [0.0 if entry.runner.slow else _SECONDS for entry in entries],
    )
    return [
        Result(
            entry.runner.name,
            entry.part.batch_size,
            entry.agreement,
            Times(tuple(s * work.batch_size / entry.part.batch_size for s in measured.seconds)),
        )
        for entry, measured in zip(entries, times, strict=True)
    ]


def _enter(contender: type[Contender], work: Workload) -> Entry:
    """Set a contender up and check its answer.

    Raises
    ------
    CommandError
        If it differs from the core's by more than rounding explains.
    """
    if contender.slow:
        work = work.first(_CHECKED_STEPS, rows_in(_SLOW_SECONDS, contender, work))
    runner = contender(work)
    runner.train(_CHECKED_STEPS)
    if contender is Core:
        return Entry(runner, work, None)
    core = Core(work)
    core.train(_CHECKED_STEPS)
    agreed = agreement(work, core, runner, _CHECKED_STEPS)
    if not agreed:
        raise CommandError(
            f"{runner.name} and {core.name} disagree on {'-'.join(map(str, work.initial.sizes))}: after "
            f"{_CHECKED_STEPS} steps by {agreed.difference:.1e} of the largest change, "
            f"where rounding explains {agreed.allowed:.1e}",
            status=1,
        )
    return Entry(runner, work, agreed)


@contextlib.contextmanager
def _numpy_threads(n_threads: int | None) -> Iterator[int | None]:
    """Let NumPy's BLAS use as many threads as the core is told to; give their number, None if unknown."""
    try:
        import threadpoolctl
    except ImportError:  # extra [bench]
        yield None
        return
    with threadpoolctl.threadpool_limits(limits=n_threads, user_api="blas"):
        pools = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
        yield max((pool["num_threads"] for pool in pools), default=None)


def _print_machine(machine: dict[str, Any]) -> None:
    blas = machine["numpy_threads"]
    blas = "of unknown threads (extra [bench] tells)" if blas is None else f"of {blas} threads"
    print(
        f"localgrad {machine['version']}: {machine['isa']}, at most {machine['threads']} threads "
        f"({machine['threads_from']}), {machine['compiler']}\n"
        f"machine: {machine['processor']}, {machine['processors']} processors, {machine['system']}\n"
        f"Python {machine['python']}, NumPy {machine['numpy']} with a BLAS {blas}\n"
        "a step: forward, local gradients, gradients, update; sigmoid layers, quadratic cost, float32\n"
        "  (the reference computes in float64, on one thread)\n"
        "  (timed on fewer rows: the time of a step on so many rows, scaled to the whole mini-batch)\n"
        f"answers: largest difference from localgrad's parameters after {_CHECKED_STEPS} steps, and what\n"
        "  rounding could explain, both as a share of the largest change\n"
    )
    print(_line("network", "batch", "contender", "us/step", "spread", "times", "answers"), flush=True)


def _print_results(one: Net, results: Sequence[Result]) -> None:
    best = results[0].times.median
    for result in results:
        network, batch = (str(one), str(one.batch_size)) if result is results[0] else ("", "")
        agreed = result.agreement
        answers = "" if agreed is None else f"{agreed.difference:.0e} of {agreed.allowed:.0e}"
        if result.rows != one.batch_size:
            answers += f"; timed on {result.rows} of the rows"
        median, spread = result.times.median, f"+-{result.times.spread:.0%}"
        ratio = f"{median / best:.1f}"
        print(
            _line(network, batch, result.contender, f"{1e6 * median:.1f}", spread, ratio, answers), flush=True
        )


def _line(*cells: str) -> str:
    formats = ("<15", ">5", "<10", ">10", ">6", ">7", "<0")
    return "  ".join(format(cell, how) for cell, how in zip(cells, formats, strict=True)).rstrip()


def _record(one: Net, result: Result) -> dict[str, Any]:
    agreed = result.agreement
    return {
        "network": list(one.sizes),
        "batch_size": one.batch_size,
        "contender": result.contender,
        "rows_timed": result.rows,
        "seconds_per_step": list(result.times.seconds),
        "median": result.times.median,
        "difference": None if agreed is None else agreed.difference,
        "difference_allowed": None if agreed is None else agreed.allowed,
    }
