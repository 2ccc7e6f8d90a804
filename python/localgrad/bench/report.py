"""Tables and JSON records of the measurements."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from localgrad.bench.agreement import Agreement
from localgrad.bench.contest import CHECKED_STEPS, Result
from localgrad.bench.nets import Net, operations
from localgrad.bench.tasks import PREDICTED_ROWS
from localgrad.bench.times import Times
from localgrad.bench.workload import TRAININGS

Timing = Callable[[Result], Times | None]

_FIRST = next(iter(TRAININGS))

_ONE, _MANY = PREDICTED_ROWS

# The format of each column after the first, and its heading.
_TRAINING = (
    ">7 threads|>9 us/step|>6 spread|>9 best|>11 examples/s|>7 GFLOP/s|>7 of peak|>7 ratio|"
    f">7 vs {_FIRST}|<0 difference (allowed)"
)
_PREDICTING = (
    f">7 threads|>9 us/{_ONE} row|>6 spread|>7 ratio|>11 us/{_MANY} rows|>6 spread|>7 ratio|"
    "<0 difference (allowed)"
)


def header(
    machine: Mapping[str, Any],
    speeds: Mapping[int, Mapping[str, float]],
    versions: Mapping[str, str],
    left_out: Mapping[str, str],
    trainings: Sequence[str],
) -> str:
    """Return a description of the machine, its measured peak, and the columns of the tables."""
    others = (f"{name} {version}" for name, version in versions.items() if version != machine["version"])
    lines = [
        f"localgrad {machine['version']}: {machine['isa']}, {machine['compiler']}",
        f"machine: {machine['processor']}, {machine['processors']} processors, {machine['system']}",
        f"Python {machine['python']}, {', '.join(others)}",
        *(f"left out: {reason}" for reason in left_out.values()),
        "",
    ]
    for threads, speed in speeds.items():
        line = (
            f"measured peak, {threads} thread{'s' * (threads > 1)}: "
            f"{speed['flops'] / 1e9:.0f} GFLOP/s (float32 multiply-adds in registers), "
            f"{speed['bandwidth'] / 1e9:.0f} GB/s memory bandwidth"
        )
        if speed["handover"]:
            line += f", {speed['handover'] * 1e9:.0f} ns thread-to-thread latency"
        lines.append(line)
    lines += [
        "",
        "A training step is the forward pass, local gradients, gradients and update for one mini-batch, with",
        "quadratic cost, in float32 (reference: float64). Training methods:",
        *(f"  {name}: {TRAININGS[name]}" for name in trainings),
        "",
        "Columns:",
        "  threads: number of threads; * marks the best one of each library (for prediction, with",
        f"    {_MANY} rows); default is the number that localgrad chooses",
        "  us/step, us/1 row, ...: median time of a step or a prediction in microseconds; best: minimum time",
        "  spread: half the range of the times, relative to the median",
        "  of peak: GFLOP/s relative to the measured peak with as many threads",
        "  ratio: time relative to localgrad at its best number of threads",
        f"  vs {_FIRST}: time relative to {_FIRST} with the same library and number of threads",
        "  difference (allowed): largest difference from localgrad's results, and the largest one that",
        f"    rounding can explain: for parameters, after {CHECKED_STEPS} steps and relative to the largest",
        "    change of a parameter; for predictions, relative to the largest prediction",
    ]
    if "adam" in trainings:
        lines += [
            "    (adam: mean difference, with epsilon 1e-4, which is close to the size of gradients and",
            "    therefore has an effect; 1e-20 for sklearn, which adds epsilon elsewhere)",
        ]
    return "\n".join(lines)


def training(name: str) -> Timing:
    """Return a function that returns the times of a step of a training method."""
    return lambda result: result.training.get(name)


def predicting(rows: int) -> Timing:
    """Return a function that returns the times of a prediction for this number of rows."""
    return lambda result: result.predicting.get(rows)


def net_tables(
    net: Net, trainings: Sequence[str], results: Sequence[Result], speeds: Mapping[int, Mapping[str, float]]
) -> Iterator[str]:
    """Yield the lines of the tables of one network: one table per training method, and one for prediction."""
    rows = net.rows // net.batch_size * net.batch_size
    yield (
        f"{net}, {net.activation}: batch size {net.batch_size:,}, {rows:,} examples per epoch, "
        f"{operations(net) / 1e6:.2f} MFLOP per step"
    )
    for name in trainings:
        yield from _training_table(net, name, results, speeds)
    if net.published and "adam" in trainings:
        yield f"published: {net.published}"
    yield from _predicting_table(results)


def _training_table(
    net: Net, name: str, results: Sequence[Result], speeds: Mapping[int, Mapping[str, float]]
) -> Iterator[str]:
    formats, heads = _columns(_TRAINING)
    yield _line(formats, name, *heads)
    for result, times, ratio in _compared(results, training(name)):
        peak = speeds.get(result.n_threads or 0, {}).get("flops")
        speed = operations(net) / times.median
        first = result.training.get(_FIRST, times)
        fewer = f"; timed with batch size {result.rows}" if result.rows != net.batch_size else ""
        yield _line(
            formats,
            result.contender,
            _threads(result, results, training(name)),
            _micro(times.median),
            f"+-{times.spread:.0%}",
            _micro(times.best),
            f"{net.batch_size / times.median:,.0f}",
            f"{speed / 1e9:.1f}",
            "" if peak is None else f"{speed / peak:.1%}",
            f"{ratio:.2f}",
            "" if first is times else f"{times.over(first):.2f}",
            _answers(result.agreements[name], "parameters") + fewer,
        )


def _predicting_table(results: Sequence[Result]) -> Iterator[str]:
    formats, heads = _columns(_PREDICTING)
    yield _line(formats, "prediction", *heads)
    both = zip(*(_compared(results, predicting(rows)) for rows in PREDICTED_ROWS), strict=True)
    for pair in both:
        result = pair[0][0]
        cells = [(_micro(t.median), f"+-{t.spread:.0%}", f"{ratio:.2f}") for _, t, ratio in pair]
        yield _line(
            formats,
            result.contender,
            _threads(result, results, predicting(_MANY)),
            *cells[0],
            *cells[1],
            _answers(next(iter(result.agreements.values())), "predictions"),
        )


def summary(name: str, ratios: Mapping[str, Mapping[str, float]], digits: int = 1) -> Iterator[str]:
    """Yield the lines of a table of ratios, one network per line."""
    columns = list(dict.fromkeys(column for row in ratios.values() for column in row))
    formats = ("<28", *[f">{max(len(column), 7)}" for column in columns])
    yield _line(formats, name, *columns)
    for net, row in ratios.items():
        yield _line(formats, net, *[f"{row[c]:.{digits}f}" if c in row else "" for c in columns])


def speed_ratios(results: Sequence[Result], timing: Timing) -> dict[str, float]:
    """Return the time of each peer relative to localgrad's, each at its best number of threads.

    Examples
    --------
    >>> from localgrad.bench.times import Times
    >>> times = {"localgrad": Times((1.0,)), "x": Times((3.0,))}
    >>> fast, slow = (Result(name, 1, 4, {}, {"sgd": times[name]}, {}) for name in times)
    >>> speed_ratios([fast, slow], training("sgd"))
    {'x': 3.0}
    """
    best = _best(results, timing)
    ours = best.pop(results[0].contender)[1]
    return {name: median / ours for name, (_, median) in best.items()}


def training_ratios(results: Sequence[Result]) -> dict[str, float]:
    """Return localgrad's times of a step with the other training methods, relative to the first method.

    All are measured with the number of threads that is best for the first method. Empty if it was not
    measured.
    """
    core = results[0].contender
    best = _best(results, training(_FIRST)).get(core)
    if best is None:
        return {}
    (ours,) = (result for result in results if (result.contender, result.n_threads) == (core, best[0]))
    first = ours.training[_FIRST]
    return {name: times.over(first) for name, times in ours.training.items() if name != _FIRST}


def records(net: Net, results: Sequence[Result]) -> list[dict[str, Any]]:
    """Return all measurements of a network as values that JSON supports."""
    return [
        {
            "network": asdict(net),
            "operations_per_step": operations(net),
            "contender": result.contender,
            "threads": result.n_threads,
            "rows_timed": result.rows,
            "training_seconds_per_step": {name: _record(times) for name, times in result.training.items()},
            "predicting_seconds": {str(rows): _record(times) for rows, times in result.predicting.items()},
            "answers": {
                name: {what: asdict(agreed) for what, agreed in found.items()}
                for name, found in result.agreements.items()
            },
        }
        for result in results
    ]


def _record(times: Times) -> dict[str, Any]:
    return {"median": times.median, "best": times.best, "all": list(times.seconds)}


def _best(results: Sequence[Result], timing: Timing) -> dict[str, tuple[int, float]]:
    """Return, for each contender, the fixed number of threads with the lowest median time, and this time."""
    best: dict[str, tuple[int, float]] = {}
    for result in results:
        times = timing(result)
        if times is None or result.n_threads is None:
            continue
        if result.contender not in best or times.median < best[result.contender][1]:
            best[result.contender] = result.n_threads, times.median
    return best


def _compared(results: Sequence[Result], timing: Timing) -> Iterator[tuple[Result, Times, float]]:
    """Yield each result that has this timing, and its ratio to localgrad at its best number of threads."""
    ours = _best(results, timing)[results[0].contender][1]
    for result in results:
        times = timing(result)
        if times is not None:
            yield result, times, times.median / ours


def _threads(result: Result, results: Sequence[Result], timing: Timing) -> str:
    if result.n_threads is None:
        return "default"
    counts = {other.n_threads for other in results if other.contender == result.contender} - {None}
    best = len(counts) > 1 and _best(results, timing)[result.contender][0] == result.n_threads
    return f"*{result.n_threads}" if best else str(result.n_threads)


def _answers(agreements: Mapping[str, Agreement], what: str) -> str:
    agreed = agreements.get(what)
    return "" if agreed is None else f"{agreed.difference:.0e} ({agreed.allowed:.0e})"


def _micro(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:,.1f} s"
    return f"{1e6 * seconds:,.1f}" if seconds < 0.01 else f"{1e6 * seconds:,.0f}"


def _columns(declared: str) -> tuple[list[str], list[str]]:
    """Return the formats and headings of the columns of a table."""
    columns = [column.split(" ", 1) for column in declared.split("|")]
    return ["<13", *(how for how, _ in columns)], [head for _, head in columns]


def _line(formats: Sequence[str], *cells: str) -> str:
    return "  ".join(format(cell, how) for cell, how in zip(cells, formats, strict=True)).rstrip()
