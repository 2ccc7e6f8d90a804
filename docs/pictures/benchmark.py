"""The benchmark: pictures and tables from docs/benchmark.json, which `localgrad bench --json` wrote."""

import itertools
import json
import statistics
from pathlib import Path
from typing import Any, NamedTuple

from pictures.style import BLUE, GREEN, INK, ORANGE, PURPLE, RED, TEAL, figure

MEASURED = Path(__file__).parents[1] / "benchmark.json"

_CORE, _SLOW = "localgrad", "reference"  # the latter is for checks, and would stretch every axis
_PEERS = {  # name, color and marker of each in pictures
    "torch": ("PyTorch", ORANGE, "s"),
    "torch.compile": ("torch.compile", RED, "D"),
    "jax": ("JAX", BLUE, "^"),
    "sklearn": ("scikit-learn", GREEN, "v"),
    "onnxruntime": ("ONNX Runtime", PURPLE, "P"),
    "numpy": ("NumPy", TEAL, "o"),
}
_TRAININGS = {"sgd": "Training with SGD", "adam": "Training with Adam"}
_PREDICTIONS = {"1": "Predicting 1 example", "1000": "Predicting 1,000 examples"}


class Time(NamedTuple):
    """A contender's time at its best number of threads."""

    seconds: float  # median
    threads: int
    spread: float  # half the range of the measurements, as a share of the median


class Task(NamedTuple):
    """A measured task, such as training with Adam."""

    title: str
    times: dict[str, dict[str, Time]]  # by network and contender
    defaults: dict[str, float]  # localgrad's seconds with the number of threads that it chooses, by network

    def ratios(self, net: str) -> dict[str, float]:
        """Return each peer's time as a multiple of localgrad's."""
        times = self.times[net]
        ours = times[_CORE].seconds
        return {name: times[name].seconds / ours for name in _PEERS if name in times}


def read() -> dict[str, Any]:
    """Return the measurements."""
    return json.loads(MEASURED.read_text(encoding="utf-8"))


def tasks(measured: dict[str, Any]) -> dict[str, Task]:
    """Return the tasks, each with the best times of all contenders on all networks."""
    found = {}
    for key, name, title in (
        *(("training_seconds_per_step", name, title) for name, title in _TRAININGS.items()),
        *(("predicting_seconds", rows, title) for rows, title in _PREDICTIONS.items()),
    ):
        times: dict[str, dict[str, Time]] = {}
        defaults: dict[str, float] = {}
        for result in measured["results"]:
            if name not in result[key]:
                continue
            net, threads, seconds = net_name(result["network"]), result["threads"], result[key][name]["all"]
            median = statistics.median(seconds)
            if threads is None:
                defaults[net] = median
                continue
            time = Time(median, threads, (max(seconds) - min(seconds)) / (2 * median))
            best = times.setdefault(net, {})
            if result["contender"] not in best or median < best[result["contender"]].seconds:
                best[result["contender"]] = time
        if times:
            found[name] = Task(title, times, defaults)
    return found


def net_name(net: dict[str, Any]) -> str:
    """Return a name such as "A 784-30-10", or "H 28-4×256-1" with four layers of 256 units."""
    parts = []
    for size, group in itertools.groupby(net["sizes"]):
        count = len(list(group))
        parts += [f"{count}×{size}"] if count > 2 else [str(size)] * count
    return f"{net['name']} {'-'.join(parts)}"


def draw(folder: Path) -> None:
    """Draw the ratios of training and of prediction."""
    found = tasks(read())
    for file, names in (("benchmark_training", _TRAININGS), ("benchmark_prediction", _PREDICTIONS)):
        _draw_tasks(folder / f"{file}.svg", [found[name] for name in names if name in found])


def _draw_tasks(path: Path, drawn_tasks: list[Task]) -> None:
    rows = max(len(task.times) for task in drawn_tasks)
    with figure(path, 0.7 + len(drawn_tasks) * (0.65 + 0.27 * rows)) as drawn:
        panels = drawn.subplots(len(drawn_tasks), 1, squeeze=False).flat
        handles: dict[str, Any] = {}
        for axes, task in zip(panels, drawn_tasks, strict=True):
            handles |= _draw_task(axes, task)
            _scale(axes)
        axes.set_xlabel("time as a multiple of localgrad's")
        drawn.legend(handles.values(), handles, loc="outside lower center", ncols=3, columnspacing=1.5)


def _draw_task(axes: Any, task: Task) -> dict[str, Any]:
    """Draw one panel; return its marks by the names of the libraries."""
    handles = {}
    ratios = {net: task.ratios(net) for net in task.times}
    for peer, (label, color, marker) in _PEERS.items():
        points = [(found[peer], row) for row, found in enumerate(ratios.values()) if peer in found]
        if points:
            (handles[label],) = axes.plot(*zip(*points, strict=True), marker, color=color, markersize=6.5)
    axes.axvline(1, color=INK, linewidth=1.2, zorder=1)
    axes.set_title(task.title, loc="left")
    axes.set_yticks(range(len(ratios)), ratios)
    axes.set_ylim(len(ratios) - 0.5, -0.5)
    axes.tick_params(axis="both", which="both", length=0)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.grid(axis="both", linewidth=0.8)
    axes.set_axisbelow(True)
    return handles


def _scale(axes: Any) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_xscale("log")
    low, high = axes.get_xlim()
    span = high / low
    subs = (1, 1.5, 2, 3, 5, 7) if span < 8 else (1, 2, 5) if span < 300 else (1, 3)
    axes.xaxis.set_major_locator(LogLocator(subs=subs))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}×")
    axes.xaxis.set_minor_formatter(NullFormatter())


def write_tables(folder: Path) -> None:
    """Write the tables of the page as Markdown, each into its own file."""
    folder.mkdir(parents=True, exist_ok=True)
    measured = read()
    found = tasks(measured)
    tables = {
        "networks": _networks_table(measured, found),
        **{f"ratios_{name}": _ratios_table(task) for name, task in found.items()},
        "times": _times_table(found),
        "default": _default(found),
        "slower": _slower(found),
        "machine": _machine_table(measured),
        "agreement": _agreement_table(measured),
    }
    for name, lines in tables.items():
        (folder / f"benchmark_{name}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def readme_rows(found: dict[str, Task]) -> list[str]:
    """Return the rows of the README's comparison: localgrad's times, the others' as multiples of them."""
    rows = []
    for name, text, nets in (
        ("adam", "time of a training step with Adam", "ACG"),
        ("1", "time of a prediction for one example", "AC"),
    ):
        task = found[name]
        for net in (net for net in task.times if net[0] in nets):
            ratios = task.ratios(net)
            pytorch = min(ratios[peer] for peer in ("torch", "torch.compile") if peer in ratios)
            others = (multiple(ratio) for ratio in (ratios["sklearn"], pytorch, ratios["jax"]))
            ours = micro(task.times[net][_CORE].seconds)
            rows.append(f"| {text}, {net[2:]} | {ours} | {' | '.join(others)} |")
    return rows


def markdown_table(heads: list[str], rows: list[list[str]]) -> list[str]:
    """Return the lines of a Markdown table, all columns but the first aligned to the right."""
    rule = ["---", *["---:"] * (len(heads) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (heads, rule, *rows)]


def _machine_table(measured: dict[str, Any]) -> list[str]:
    machine = measured["machine"]
    versions = ", ".join(
        f"{_PEERS[name][0]} {version}"
        for name, version in measured["versions"].items()
        if name in _PEERS and name != "torch.compile"
    )
    rows = [
        ["Processor", f"{machine['processor']}, {machine['processors']} processors, {machine['system']}"],
        ["localgrad", f"{machine['version']}, {machine['isa']} kernels, compiled by {machine['compiler']}"],
        ["Other libraries", f"{versions}; Python {machine['python']}"],
    ]
    for threads, speed in measured["speeds"].items():
        rows.append(
            [
                f"Measured peak, {threads} thread{'s' * (threads != '1')}",
                f"{speed['flops'] / 1e9:.0f} GFLOP/s (float32 multiply-adds in registers), "
                f"{speed['bandwidth'] / 1e9:.0f} GB/s of memory",
            ]
        )
    others = measured["processors_of_others"]
    if others is not None:
        rows.append(["Load from other processes", f"{others:.2f} processors on average"])
    return ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]


def _networks_table(measured: dict[str, Any], found: dict[str, Task]) -> list[str]:
    """Describe the networks and how much of the machine's peak localgrad uses."""
    trainings = [task for name, task in found.items() if name in _TRAININGS]
    nets = {net_name(result["network"]): result for result in measured["results"]}
    rows = []
    for name, result in nets.items():
        net, operations = result["network"], result["operations_per_step"]
        row = [*name.split(" "), f"{net['batch_size']:,}", _three_digits(operations / 1e6)]
        for task in trainings:
            ours = task.times[name][_CORE]
            peak = measured["speeds"][str(ours.threads)]["flops"]
            row.append(f"{operations / ours.seconds / peak:.0%}")
        rows.append(row)
    shares = [f"{task.title.removeprefix('Training with ')}, of peak" for task in trainings]
    return markdown_table(["Net", "Layers", "Batch size", "MFLOP per step", *shares], rows)


def _ratios_table(task: Task) -> list[str]:
    peers = [name for name in _PEERS if any(name in times for times in task.times.values())]
    rows = []
    for net, times in task.times.items():
        ratios = task.ratios(net)
        cells = (multiple(ratios[name]) if name in ratios else "" for name in peers)
        rows.append([net[0], micro(times[_CORE].seconds), *cells])
    return markdown_table(["Net", "localgrad", *(_PEERS[name][0] for name in peers)], rows)


def _times_table(found: dict[str, Task]) -> list[str]:
    """List localgrad's times with their spread and the number of threads."""
    rows = [
        [net[0]]
        + [
            f"{micro(ours.seconds)} ±{ours.spread:.0%} ({ours.threads})"
            for ours in (task.times[net][_CORE] for task in found.values())
        ]
        for net in next(iter(found.values())).times
    ]
    return markdown_table(["Net", *(task.title for task in found.values())], rows)


def _agreement_table(measured: dict[str, Any]) -> list[str]:
    """Return the largest difference of each contender, as a share of the allowed one."""
    rows = []
    for name in dict.fromkeys(result["contender"] for result in measured["results"]):
        if name == _CORE:
            continue
        shares = [
            agreed["difference"] / agreed["allowed"]
            for result in measured["results"]
            if result["contender"] == name
            for answers in result["answers"].values()
            for agreed in answers.values()
        ]
        label = _PEERS[name][0] if name in _PEERS else "localgrad.reference"
        rows.append([label, str(len(shares)), f"{max(shares):.0%}" if max(shares) >= 0.01 else "< 1%"])
    return markdown_table(["Library", "Comparisons", "Largest difference"], rows)


def _default(found: dict[str, Task]) -> list[str]:
    """Describe how well localgrad chooses the number of threads for training."""
    ratios = [
        seconds / task.times[net][_CORE].seconds
        for name, task in found.items()
        if name in _TRAININGS
        for net, seconds in task.defaults.items()
    ]
    return [
        "By default, localgrad chooses the number of threads. In this run, a training step with its choice "
        f"took {min(ratios):.2f} to {max(ratios):.2f} times as long as with the better fixed number, "
        f"with a median of {statistics.median(ratios):.2f}."
    ]


def _slower(found: dict[str, Task]) -> list[str]:
    """List where a peer is faster than localgrad."""
    rows = []
    for task in found.values():
        for net in task.times:
            faster = sorted((ratio, peer) for peer, ratio in task.ratios(net).items() if ratio < 0.995)
            if faster:
                peers = ", ".join(f"{_PEERS[peer][0]} {multiple(ratio)}" for ratio, peer in faster)
                rows.append(f"| {task.title} | {net[0]} | {peers} |")
    return ["| Task | Net | Faster libraries |", "|---|---|---|", *rows]


def micro(seconds: float) -> str:
    """Write a time in microseconds or milliseconds."""
    return f"{_three_digits(1e3 * seconds)} ms" if seconds >= 1e-3 else f"{_three_digits(1e6 * seconds)} µs"


def _three_digits(value: float) -> str:
    digits = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{digits}f}"


def multiple(ratio: float) -> str:
    return f"{ratio:.0f}×" if ratio >= 10 else f"{ratio:.1f}×" if ratio >= 2 else f"{ratio:.2f}×"
