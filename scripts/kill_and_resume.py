"""Kill training runs at random moments, resume them, and check that nothing is lost.

    python scripts/kill_and_resume.py [--kills 1000] [--seed 0]

A child process trains with Adam, dropout, noise, a schedule and early stopping, and writes a checkpoint after
every epoch. It is killed (SIGKILL) at a random moment. The checkpoint must then be complete, and of the same
epoch as before or a later one. The next child resumes from it. When a child reaches the end, its parameters
and history must be bit-identical to those of a run that was not killed, and a new run starts. The exit status
is 1 if anything is wrong. Requires os.fork.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

import localgrad as lg
import numpy as np

EPOCHS = 25


def train(folder: Path) -> None:
    """Train to the end, from the checkpoint if there is one, and write the result."""
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (600, 50)).astype("float32")
    y = (X[:, :10] ** 2).sum(axis=1) > (X[:, 10:20] ** 2).sum(axis=1)
    net = lg.Network(
        [50, 200, 100, 2],
        activation="tanh",
        output="softmax",
        dropout=0.2,
        input_noise=0.1,
        seed=None if (folder / "checkpoint").exists() else 7,
    )
    history = net.fit(
        X,
        y.astype(int),
        epochs=EPOCHS,
        batch_size=50,
        optimizer=lg.Adam(3e-3),
        schedule=lg.schedules.ReduceOnPlateau("val_cost", patience=2, factor=0.5),
        validation=0.2,
        metrics=["accuracy", "auc"],
        callbacks=[lg.callbacks.EarlyStopping(patience=15)],
        checkpoint=folder / "checkpoint",
        resume=folder / "checkpoint" if (folder / "checkpoint").exists() else None,
        n_threads=1,
    )
    result = net.parameters.tobytes() + json.dumps([history, history.best_epoch, history.stopped]).encode()
    (folder / "result").write_bytes(result)


def start(folder: Path) -> int:
    """Train in a child process; return its process ID."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            train(folder)
            status = 0
        finally:
            os._exit(status)
    return child


def epoch_of(checkpoint: Path) -> int:
    """Return the epoch of a checkpoint, 0 if there is none; raise an error if it is not complete."""
    return lg.load(checkpoint).epochs if checkpoint.exists() else 0


def undisturbed(folder: Path) -> tuple[bytes, float]:
    """Return the result of a run that is not killed, and its duration."""
    train(folder)  # in this process, so that the children need not import modules
    (folder / "checkpoint").unlink()
    begin = time.perf_counter()
    _, status = os.waitpid(start(folder), 0)
    if status != 0:
        raise SystemExit("the run that was not killed has failed")
    return (folder / "result").read_bytes(), time.perf_counter() - begin


def main() -> int:
    """Kill and resume; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    moments = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as name:
        quiet = Path(name) / "quiet"
        quiet.mkdir()
        expected, seconds = undisturbed(quiet)
        folder = Path(name) / "disturbed"
        folder.mkdir()
        kills = finished = left = 0
        epoch = 0
        while kills < arguments.kills or epoch > 0:
            child = start(folder)
            if kills < arguments.kills:
                # Within a third of a run: some children reach its end, others no checkpoint.
                time.sleep(moments.uniform(0, seconds / 3))
                os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            now = epoch_of(folder / "checkpoint")
            if now < epoch:
                print(f"the checkpoint of epoch {epoch} was replaced by one of epoch {now}")
                return 1
            left = max(left, len([one for one in folder.iterdir() if one.suffix == ".tmp"]))
            epoch = now
            if os.WIFSIGNALED(status):
                kills += 1
                continue
            if status != 0:
                print(f"a resumed run has failed, after {kills} kills")
                return 1
            if (folder / "result").read_bytes() != expected:
                print(f"a resumed run gave another result, after {kills} kills")
                return 1
            finished += 1
            epoch = 0
            for one in folder.iterdir():
                one.unlink()
    print(
        f"{kills} kills, {finished} runs bit-identical to one that was not killed; "
        f"at most {left} temporary files at a time"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
