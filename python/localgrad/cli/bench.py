"""`localgrad bench`: compare localgrad with other libraries on this machine."""

import argparse
import json
import os
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from localgrad.bench import choice, fleets, inspection, plot, report
from localgrad.bench.contenders import KINDS
from localgrad.bench.contest import Crew, DisagreementError, compare, machine_speeds
from localgrad.bench.nets import NETS, Net
from localgrad.bench.tasks import PREDICTED_ROWS
from localgrad.bench.worker import ContenderError
from localgrad.bench.workload import TRAININGS, initial
from localgrad.cli.arguments import at_least, layer_sizes
from localgrad.cli.errors import CommandError
from localgrad.cli.machine import Neighbors, describe, processors
from localgrad.cli.outputs import check_writable, write
from localgrad.cli.plots import check_plot, save_figure

SUMMARY = "Compare the results and the speed of localgrad with those of other libraries."

_CORE, *_PEERS = KINDS
_BATCH_SIZE = 32
_INSPECT = "inspect"


def nets(word: str) -> list[Net]:
    """Convert networks separated by commas: names, or widths optionally followed by a batch size.

    Examples
    --------
    >>> [str(net) for net in nets("A,8-4-2:16")]
    ['A 784-30-10', '8-4-2']
    """
    return [NETS[part] if part in NETS else _net(part) for part in word.split(",")]


def _net(word: str) -> Net:
    widths, colon, batch = word.partition(":")
    try:
        sizes = layer_sizes(widths)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"{error}; named networks are {', '.join(NETS)}") from None
    if len(sizes) < 2:
        raise argparse.ArgumentTypeError(f"expected at least 2 widths, got {word!r}")
    net = Net("", sizes, _BATCH_SIZE)
    return Net("", sizes, at_least(1, net.rows + 1)(batch)) if colon else net


def _some_of(known: Iterable[str], word: str) -> list[str]:
    names = word.split(",")
    for name in names:
        if name not in known:
            raise argparse.ArgumentTypeError(f"expected one or more of {', '.join(known)}, got {name!r}")
    return names


def _trainings(word: str) -> list[str]:
    known = [*TRAININGS, _INSPECT]
    names = sorted(set(_some_of(known, word)), key=known.index)
    if _INSPECT in names and len(names) > 1:
        raise argparse.ArgumentTypeError(f"expected {_INSPECT} alone, got {word!r}")
    return names


def _counts(word: str) -> list[int]:
    return sorted({at_least(1)(count) for count in word.split(",")})


def _threads(word: str) -> list[int]:
    counts = _counts(word)
    if counts[-1] > processors():
        raise argparse.ArgumentTypeError(
            f"expected at most {processors()}, the number of processors, got {counts[-1]}"
        )
    return counts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "--nets",
        type=nets,
        metavar="NET[,NET...]",
        default=list(NETS.values()),
        help="networks: names, or layer widths with an optional batch size, as in A,784-30-10:10 (default: "
        f"all named networks: {', '.join(f'{net}:{net.batch_size}' for net in NETS.values())})",
    )
    parser.add_argument(
        "--peers",
        type=partial(_some_of, _PEERS),
        metavar="NAME[,NAME...]",
        help=f"libraries to compare with: {', '.join(_PEERS)} (default: all that are installed). "
        'Install sklearn and onnxruntime with pip install "localgrad[bench]", '
        "and the others with pip install torch jax",
    )
    parser.add_argument(
        "--train",
        type=_trainings,
        metavar="METHOD[,METHOD...]",
        default=list(TRAININGS),
        help="training methods: "
        + "; ".join(f"{name}: {what}" for name, what in TRAININGS.items())
        + f" (default: all). {_INSPECT}, alone: no training, but quantities of single examples and "
        "derivatives of networks, each compared with PyTorch, JAX and Opacus if they are installed; --nets "
        "has no effect",
    )
    parser.add_argument(
        "--threads",
        type=_threads,
        default=sorted({1, processors()}),
        metavar="N[,N...]",
        help="numbers of threads, each on as many processors (default: 1 and the number of processors)",
    )
    parser.add_argument(
        "--predict",
        type=_counts,
        nargs="?",
        const=choice.ROWS,
        metavar="ROWS[,ROWS...]",
        help="do not compare libraries, but the number of threads that predict chooses with those of "
        f"--threads, for these numbers of examples (if omitted: {','.join(map(str, choice.ROWS))})",
    )
    parser.add_argument(
        "--members",
        type=_counts,
        nargs="?",
        const=fleets.MEMBERS,
        metavar="K[,K...]",
        help="do not compare libraries, but a Fleet of this many members, trained by Adam, with as many "
        "networks one after another, also those of scikit-learn if it is installed (if omitted: "
        f"{','.join(map(str, fleets.MEMBERS))})",
    )
    parser.add_argument(
        "--repeat", type=at_least(1), default=5, metavar="N", help="number of measurements (default: 5)"
    )
    parser.add_argument("--json", metavar="FILE", help="write all measurements to a JSON file")
    parser.add_argument("--plot", metavar="FILE", help="plot the relative times (requires matplotlib)")


def run(arguments: argparse.Namespace) -> int:
    """Run the benchmark; return the exit status."""
    check_plot(arguments.plot)
    if arguments.json is not None and arguments.json == arguments.plot:
        raise CommandError(f"--json and --plot must be different files, got {arguments.json} for both")
    check_writable(arguments.json, arguments.plot)
    for net in arguments.nets:
        try:
            initial(net)
        except (ValueError, MemoryError) as error:
            raise CommandError(f"{net}: {error}") from None
    special = [name for name in ("predict", "members") if getattr(arguments, name) is not None]
    if arguments.train == [_INSPECT]:
        for name in ("peers", "plot", *special):
            if getattr(arguments, name) is not None:
                raise CommandError(f"--train {_INSPECT} does not support --{name}")
    for one in special:
        for name in ("peers", "plot", *special):
            if name != one and getattr(arguments, name) is not None:
                raise CommandError(f"--{one} does not support --{name}")
    machine, neighbors = describe(), Neighbors()
    special += [_INSPECT] if arguments.train == [_INSPECT] else []
    measures = {"predict": _measure_choices, "members": _measure_fleets, _INSPECT: _measure_quantities}
    measure = measures[special[0]] if special else _measure
    try:
        measured = measure(arguments, machine)
    except (ContenderError, DisagreementError) as error:
        raise CommandError(str(error), status=1) from None
    others = neighbors.processors()
    if others is not None:
        print(f"\nload from other processes: {others:.2f} of {os.cpu_count()} processors on average")
    measured = {"machine": machine, "processors_of_others": others, **measured}
    if arguments.json is not None:
        text = json.dumps(measured, indent=2) + "\n"
        write(arguments.json, lambda stream: stream.write(text.encode()))
    if arguments.plot is not None:
        figure = plot.speed_figure(
            measured["ratios"],
            f"localgrad {machine['version']} on {machine['processor']}, {machine['isa']}, up to "
            f"{max(arguments.threads)} threads\n"
            "time relative to localgrad (above 1: slower), each library at its best number of threads",
        )
        save_figure(figure, arguments.plot)
    return 0


def _measure(arguments: argparse.Namespace, machine: Mapping[str, Any]) -> dict[str, Any]:
    """Measure, printing each table as soon as it is complete; return all measurements."""
    kinds = [KINDS[name] for name in arguments.peers or _PEERS]
    speeds = machine_speeds(arguments.threads)
    results: list[dict[str, Any]] = []
    timings = {f"training with {name}": report.training(name) for name in arguments.train} | {
        f"predicting {rows:,} row{'s' * (rows > 1)}": report.predicting(rows) for rows in PREDICTED_ROWS
    }
    ratios: dict[str, dict[str, dict[str, float]]] = {name: {} for name in timings}
    training_ratios: dict[str, dict[str, float]] = {}
    with Crew(kinds, arguments.threads, demanded=arguments.peers is not None) as crew:
        print(report.header(machine, speeds, crew.versions, crew.left_out, arguments.train), flush=True)
        told = set(crew.left_out)
        for net in arguments.nets:
            compared = compare(net, arguments.train, crew, arguments.repeat)
            for name in crew.left_out.keys() - told:
                print(f"left out of the remaining comparison: {crew.left_out[name]}")
                told.add(name)
            print("", *report.net_tables(net, arguments.train, compared, speeds), sep="\n", flush=True)
            results += report.records(net, compared)
            for name, timing in timings.items():
                if row := report.speed_ratios(compared, timing):
                    ratios[name][str(net)] = row
            training_ratios[str(net)] = report.training_ratios(compared)
    print("\nTime relative to localgrad (above 1: slower), each library at its best number of threads")
    ratios = {name: rows for name, rows in ratios.items() if rows}  # methods with peers
    for name, rows in ratios.items():
        print("", *report.summary(name, rows), sep="\n")
    if any(training_ratios.values()):
        print("", *report.summary("localgrad, relative to sgd", training_ratios, digits=2), sep="\n")
    return {
        "versions": crew.versions,
        "left_out": crew.left_out,
        "speeds": speeds,
        "results": results,
        "ratios": ratios,
        "training_ratios": training_ratios,
    }


def _measure_choices(arguments: argparse.Namespace, machine: Mapping[str, Any]) -> dict[str, Any]:
    """Compare the number of threads that predict chooses with fixed numbers; return all measurements."""
    _print_machine(machine)
    print("time of predict in microseconds; vs best: default relative to the best fixed number of threads")
    results: list[dict[str, Any]] = []
    for net in arguments.nets:
        found = list(choice.choices(net, arguments.predict, arguments.threads, arguments.repeat))
        print("", str(net), *choice.table(arguments.threads, found), sep="\n", flush=True)
        results += choice.records(net, found)
    return {"choices": results}


def _measure_fleets(arguments: argparse.Namespace, machine: Mapping[str, Any]) -> dict[str, Any]:
    """Compare fleets with networks trained one after another; return all measurements."""
    _print_machine(machine)
    print(
        "time of an epoch of all members in milliseconds; ÷ best: relative to the fastest number of threads"
    )
    results: list[dict[str, Any]] = []
    for net in arguments.nets:
        found = list(fleets.measure(net, arguments.members, arguments.threads, arguments.repeat))
        print("", f"{net}:{net.batch_size}", *fleets.table(arguments.threads, found), sep="\n", flush=True)
        results += fleets.records(net, found)
    return {"fleets": results}


def _measure_quantities(arguments: argparse.Namespace, machine: Mapping[str, Any]) -> dict[str, Any]:
    """Compare quantities of single examples and derivatives with other libraries; return all measurements."""
    _print_machine(machine)
    versions = inspection.versions()
    print("other libraries: " + (", ".join(f"{name} {one}" for name, one in versions.items()) or "none"))
    for message in inspection.missing():
        print(f"left out: {message}")
    found = []
    for one in inspection.measure(arguments.threads, arguments.repeat):
        found.append(one)
        print("", *inspection.table(one), sep="\n", flush=True)
    return {"versions": versions, "quantities": inspection.records(found)}


def _print_machine(machine: Mapping[str, Any]) -> None:
    print(f"localgrad {machine['version']}: {machine['isa']}, {machine['threads']} threads by default")
    print(f"machine: {machine['processor']}, {machine['processors']} processors")
