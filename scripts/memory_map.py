"""Measure the memory and the speed of training from a large memory map.

    python scripts/memory_map.py DIR [--gigabytes 4]

The script writes a file of random numbers to DIR, and removes it at the end. It prints the peak of the
anonymous memory (RssAnon: neither from files nor shared) of a process that trains from the memory map. Then
it prints the speed of a process that trains alternately from the map and from a copy in memory, once the
pages of both are in memory. The copy needs as much memory as the file has bytes.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import localgrad as lg
import numpy as np

SIZES = [784, 128, 64, 10]
BATCH_SIZE = 64
EPOCHS = 3
CHUNK = 10_000  # rows to write at a time


def write(folder, gigabytes):
    """Write X and y; return the number of rows."""
    n = max(1, round(gigabytes * 1e9 / (4 * SIZES[0])))
    rng = np.random.default_rng(0)
    with open(folder / "X", "wb") as x_file, open(folder / "y", "wb") as y_file:
        for begin in range(0, n, CHUNK):
            x = rng.random((min(CHUNK, n - begin), SIZES[0]), dtype=np.float32)
            x_file.write(x)
            y_file.write(x[:, : SIZES[-1]].argmax(axis=1).astype(np.uint8))
    return n


def read(folder):
    """Return X and y as memory maps."""
    x = np.memmap(folder / "X", np.float32, "r").reshape(-1, SIZES[0])
    return x, np.memmap(folder / "y", np.uint8, "r")


def rate(net, x, y):
    """Train for one epoch; return rows per second."""
    begin = time.perf_counter()
    net.fit(x, y, epochs=1, batch_size=BATCH_SIZE)
    return len(x) / (time.perf_counter() - begin)


def anonymous():
    """Return the anonymous memory of this process in bytes, as the kernel reports it."""
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:"))


def memory(folder):
    """Train from the map; return the anonymous memory before and at the peak."""
    net = lg.Network(SIZES, output="softmax", seed=0)
    x, y = read(folder)
    rate(net, x[:1000], y[:1000])  # the first call loads modules, which have nothing to do with the data
    before = peak = anonymous()
    done = threading.Event()

    def watch():
        nonlocal peak
        while not done.wait(0.005):
            peak = max(peak, anonymous())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        rate(net, x, y)
    finally:
        done.set()
        watcher.join()
    return [before, peak]


def rates(folder):
    """Train alternately from the map and from memory; return the median speeds."""
    net = lg.Network(SIZES, output="softmax", seed=0)
    sources = [read(folder), tuple(np.array(one) for one in read(folder))]
    measured = [[rate(net, *source) for source in sources] for _ in range(1 + EPOCHS)]
    return [statistics.median(column) for column in zip(*measured[1:], strict=True)]


def in_a_process(measure, folder):
    """Run a function in a separate process; return its result."""
    program = [sys.executable, __file__, str(folder), "--measure", measure.__name__]
    return json.loads(subprocess.run(program, stdout=subprocess.PIPE, check=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--gigabytes", type=float, default=4.0)
    parser.add_argument("--measure", choices=["memory", "rates"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps({"memory": memory, "rates": rates}[arguments.measure](arguments.folder)))
        return
    with tempfile.TemporaryDirectory(prefix="memory_map-", dir=arguments.folder) as name:
        folder = Path(name)
        n = write(folder, arguments.gigabytes)
        print(f"memory map of {n:,} rows, {n * 4 * SIZES[0] / 1e6:,.0f} MB", flush=True)
        before, peak = (value / 1e6 for value in in_a_process(memory, folder))
        print(f"anonymous memory: {before:,.1f} MB before training, {peak:,.1f} MB at the peak", flush=True)
        mapped, copied = in_a_process(rates, folder)
    print(
        f"rows per second: {mapped:,.0f} from the map, {copied:,.0f} from memory, ratio {mapped / copied:.2f}"
    )


if __name__ == "__main__":
    main()
