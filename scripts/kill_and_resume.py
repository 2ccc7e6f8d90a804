"""Kills a training at random moments, resumes it, and looks whether anything is lost.

    python scripts/kill_and_resume.py [--kills 1000] [--seed 0]

A child process trains with momentum of two kinds, dropout, noise, a schedule and early stopping, and writes
a checkpoint after every epoch. It is killed (SIGKILL) at a random moment. The checkpoint must then be whole
and of the same epoch or a later one. The next child resumes from it; when one gets to the end, its parameters
and history must be, byte for byte, those of a training that nobody disturbed, and the next training begins.
Exits with status 1 if anything is wrong. Needs os.fork.
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
    """Train to the end, from the checkpoint if there is one, and write what came out."""
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
    """Train in a child process; return its number."""
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
    """Return how far a checkpoint has come, 0 if there is none; an error if it is not whole."""
    return lg.load(checkpoint).epochs if checkpoint.exists() else 0


def undisturbed(folder: Path) -> tuple[bytes, float]:
    """Return what comes out when nobody is killed, and how long that takes."""
    train(folder)  # here: modules that the first training imports are not each child's to import again
    (folder / "checkpoint").unlink()
    begin = time.perf_counter()
    _, status = os.waitpid(start(folder), 0)
    if status != 0:
        raise SystemExit("the training that nobody disturbed has failed")
    return (folder / "result").read_bytes(), time.perf_counter() - begin


def main() -> int:
    """Kill and resume so many times; return the exit status."""
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
                # Of a third of the training: some children get to its end, some nowhere.
                time.sleep(moments.uniform(0, seconds / 3))
                os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            now = epoch_of(folder / "checkpoint")
            if now < epoch:
                print(f"the checkpoint of epoch {epoch} has become one of epoch {now}")
                return 1
            left = max(left, len([one for one in folder.iterdir() if one.suffix == ".tmp"]))
            epoch = now
            if os.WIFSIGNALED(status):
                kills += 1
                continue
            if status != 0:
                print(f"a resumed training has failed, after {kills} kills")
                return 1
            if (folder / "result").read_bytes() != expected:
                print(f"a resumed training has come to other bytes, after {kills} kills")
                return 1
            finished += 1
            epoch = 0
            for one in folder.iterdir():
                one.unlink()
    print(
        f"{kills} kills, {finished} trainings with the bytes of the one that nobody disturbed; "
        f"at most {left} temporary files left behind at a time"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
