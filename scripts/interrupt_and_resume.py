"""Interrupt training runs at random moments, and check that nothing is inconsistent or lost.

    python scripts/interrupt_and_resume.py [--times 1000] [--seed 0]

Ctrl-C raises an exception that may come between any two lines of Python, also in a callback, a metric or the
validation. In any case the history must consist of whole epochs, and a fit that resumes from the checkpoint
must give the same parameters, bit for bit, and the same history as an uninterrupted fit. The exit status is 1
if not. Requires signal.setitimer.
"""

import argparse
import math
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

import localgrad as lg
import numpy as np

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 6)).astype("float32")
Y = RNG.integers(0, 3, 90)


class Pull(lg.callbacks.Callback):
    """Changes the parameters and counts its calls, so that a lost call changes the result."""

    every = 3

    def __init__(self):
        self.turns = 0

    def on_batch_end(self, training):
        self.turns += 1
        training.network.parameters[:] *= 1 - 0.001 * (self.turns % 5)

    def state(self):
        return {"turns": self.turns}

    def set_state(self, state):
        self.turns = state["turns"]


def network(seed):
    return lg.Network(
        [6, 12, 3], activation="tanh", output="softmax", dropout=0.1, input_noise=0.1, seed=seed
    )


def blocks():
    for start in range(0, len(X), 13):
        yield X[start : start + 13], Y[start : start + 13]


ARRAYS = {"X": X, "y": Y, "validation": 0.3}
BLOCKS = {"X": lg.Blocks(blocks, shuffle_buffer=45), "validation": (X, Y)}


def fit(net, data, **options):
    return net.fit(
        **data,
        epochs=8,
        batch_size=20,
        optimizer=lg.Adam(0.02),
        schedule=lg.schedules.ReduceOnPlateau("val_accuracy", patience=0, factor=0.7),
        metrics=["accuracy", "auc"],
        callbacks=[Pull(), lg.callbacks.EarlyStopping("accuracy", patience=20)],
        n_threads=1,
        **options,
    )


def outcome(net):
    """Return what must be equal: bytes, and numbers as text, because nan != nan."""
    return net.parameters.tobytes(), repr(sorted(net.history.items())), net.history.best_epoch


def interrupt(signum, frame):
    raise KeyboardInterrupt


def main():
    """Interrupt and resume; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    moments = random.Random(arguments.seed)
    signal.signal(signal.SIGALRM, interrupt)
    expected, seconds = [], []
    for data in (ARRAYS, BLOCKS):
        expected.append(network(7))
        fit(expected[-1], data)
        begin = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            fit(network(7), data, checkpoint=Path(folder) / "checkpoint")
        seconds.append(time.perf_counter() - begin)
    interrupted = finished = 0
    while interrupted < arguments.times:
        which = finished % 2
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "checkpoint"
            net = None
            while net is None:  # a resumed run may be interrupted, too
                net = network(None if path.exists() else 7)
                try:
                    signal.setitimer(signal.ITIMER_REAL, moments.uniform(1e-4, seconds[which]))
                    fit(net, (ARRAYS, BLOCKS)[which], checkpoint=path, resume=path if path.exists() else None)
                    signal.setitimer(signal.ITIMER_REAL, 0)
                except KeyboardInterrupt:
                    interrupted += 1
                    if not whole(net):
                        return 1
                    net = None
            finished += 1
            if outcome(net) != outcome(expected[which]):
                print("an interrupted and resumed run gave another result:")
                print(net.history, expected[which].history, sep="\n")
                return 1
    print(f"{interrupted} interruptions, {finished} runs bit-identical to an uninterrupted one")
    return 0


def whole(net):
    """Return whether the history consists of whole epochs and the parameters are finite."""
    history = net.history
    lengths = {len(values) for values in history.values()}
    epochs = net.epochs - history.first_epoch
    if len(lengths) > 1 or (history and history.stopped and lengths != {epochs}):
        print(f"the history must have {epochs} epochs, got {lengths}")
        return False
    if not math.isfinite(float(net.parameters.sum())):
        print("the parameters are not finite")
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
