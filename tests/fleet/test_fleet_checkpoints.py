"""Checkpoints of fleets: a resumed run is bit-identical to one that was never interrupted."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import localgrad as lg
import localgrad._core as _core
import numpy as np
import pytest
from network_cases import some_data

SIZES, MEMBERS = [5, 12, 7, 2], 4
X, Y = some_data(203, SIZES)
ROWS = np.arange(203) % 5 != np.arange(MEMBERS)[:, np.newaxis]
SETTINGS = {"dropout": 0.2, "input_noise": 0.1, "learn_input_scale": True}


def arguments(**more):
    return {
        "rows": ROWS,
        "validation": "rest",
        "metrics": "r2",
        "epochs": 12,
        "batch_size": 16,
        "optimizer": lg.Adam(0.01),
        "schedule": lg.schedules.ReduceOnPlateau("val_cost", patience=2),
        "callbacks": [lg.callbacks.EarlyStopping(patience=8)],
        **more,
    }


def trained(seed=3, **more):
    fleet = lg.Fleet(SIZES, MEMBERS, seed=seed, **SETTINGS)
    fleet.fit(X, Y, **arguments(**more))
    return fleet


def check_same(fleet, expected):
    for net, other in zip(fleet, expected, strict=True):
        assert net.parameters.tobytes() == other.parameters.tobytes()
        assert (net.seed, net.epochs, net.history) == (other.seed, other.epochs, other.history)
        assert (net.history.best_epoch, net.history.stopped) == (
            other.history.best_epoch,
            other.history.stopped,
        )


def stopping_at(epoch):
    return [lg.callbacks.EarlyStopping(patience=8), lambda now, logs: now == epoch]


@pytest.mark.parametrize("every", [1, 3, 100])
def test_a_resumed_fleet_is_bit_identical_to_one_that_was_not_interrupted(tmp_path, every):
    folder = tmp_path / "{fleet}"
    trained(checkpoint=folder, checkpoint_every=every, callbacks=stopping_at(5))
    assert sorted(os.listdir(folder)) == [f"member-{k}.safetensors" for k in range(MEMBERS)]
    assert [lg.load(folder / f"member-{k}.safetensors").epochs for k in range(MEMBERS)] == [5] * MEMBERS
    check_same(trained(seed=99, resume=folder), trained())  # the seeds are in the files


def test_the_files_are_checkpoints_of_fit(tmp_path):
    trained(checkpoint=tmp_path / "fleet", callbacks=stopping_at(5))
    net = lg.Network(SIZES, **SETTINGS)
    alone = arguments(validation=(X[~ROWS[1]], Y[~ROWS[1]]), resume=tmp_path / "fleet/member-1.safetensors")
    alone.pop("rows")
    net.fit(X[ROWS[1]], Y[ROWS[1]], **alone)
    assert net.parameters.tobytes() == trained()[1].parameters.tobytes()
    # In turn, a fleet resumes from checkpoints that fit has written.
    other = lg.Network(SIZES, seed=4, **SETTINGS)
    alone.update(resume=None, checkpoint=tmp_path / "fleet/member-1.safetensors", callbacks=stopping_at(7))
    other.fit(X[ROWS[1]], Y[ROWS[1]], **alone)
    check_same(trained(resume=tmp_path / "fleet"), trained())


def test_checkpoints_may_be_of_different_epochs_or_missing(tmp_path):
    for epoch in (3, 6):
        trained(checkpoint=tmp_path / str(epoch), callbacks=stopping_at(epoch))
    shutil.copy(tmp_path / "3/member-2.safetensors", tmp_path / "6")
    (tmp_path / "6/member-0.safetensors").unlink()
    (tmp_path / "6/member-1.safetensors.123.tmp").write_bytes(b"unfinished")
    check_same(trained(resume=tmp_path / "6"), trained())
    (tmp_path / "empty").mkdir()
    check_same(trained(resume=tmp_path / "empty"), trained())


def test_a_complete_run_is_not_trained_again(tmp_path):
    trained(checkpoint=tmp_path / "fleet")
    again = trained(seed=8, resume=tmp_path / "fleet", checkpoint=tmp_path / "fleet")
    check_same(again, trained())
    longer = trained(resume=tmp_path / "fleet", epochs=15)
    check_same(longer, trained(epochs=15))


def test_checkpoints_of_another_run_are_removed(tmp_path):
    lg.Fleet(SIZES, MEMBERS + 3, seed=0).fit(X, Y, epochs=2, checkpoint=tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    trained(checkpoint=tmp_path, callbacks=stopping_at(2))
    assert sorted(os.listdir(tmp_path)) == [*(f"member-{k}.safetensors" for k in range(4)), "notes.txt"]
    check_same(trained(resume=tmp_path), trained())


@pytest.mark.parametrize("metrics", ["r2", None])
def test_a_time_limit_within_an_epoch_writes_checkpoints_there(tmp_path, metrics):
    x, y = np.tile(X, (100, 1)), np.tile(Y, (100, 1))
    settings = {"epochs": 2, "metrics": metrics, "batch_size": 4, "n_threads": 2}
    seconds, within = 0.02, 0  # number of checkpoints within an epoch
    while not within and seconds < 60:
        fleet = lg.Fleet(SIZES, MEMBERS, seed=3, **SETTINGS)
        fleet.fit(x, y, **settings, checkpoint=tmp_path / "fleet", time_limit=seconds)
        files = [os.fsencode(path) for path in (tmp_path / "fleet").iterdir()]
        within = sum(_core.load_checkpoint(file)[1][3] > 0 for file in files)
        seconds *= 1.5
    assert within
    assert {net.history.stopped for net in fleet} == {"time_limit"}
    fleet = lg.Fleet(SIZES, MEMBERS, **SETTINGS)
    fleet.fit(x, y, **settings, resume=tmp_path / "fleet")
    expected = lg.Fleet(SIZES, MEMBERS, seed=3, **SETTINGS)
    expected.fit(x, y, **settings)
    check_same(fleet, expected)


def test_ctrl_c_writes_checkpoints(tmp_path):
    main = threading.get_ident()
    settings = {"batch_size": 2, "epochs": 100, "callbacks": []}
    for pause in (0.1, 0.3, 0.45):
        timer = threading.Timer(pause, lambda: signal.pthread_kill(main, signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            trained(**{**settings, "epochs": 10**6}, checkpoint=tmp_path / "fleet")
        timer.join()
        done = max(
            lg.load(tmp_path / "fleet" / name).epochs for name in sorted(os.listdir(tmp_path / "fleet"))
        )
        check_same(
            trained(**{**settings, "epochs": done + 2}, resume=tmp_path / "fleet"),
            trained(**{**settings, "epochs": done + 2}),
        )


SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_fleet_checkpoints import trained
folder = Path({folder!r})
fleet = trained(epochs=60, checkpoint=folder, resume=folder if folder.exists() else None)
(folder / "result").write_bytes(b"".join(net.parameters.tobytes() for net in fleet))
"""


def test_a_killed_run_resumes(tmp_path):
    folder = tmp_path / "fleet"
    here = os.path.dirname(__file__)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    script = [sys.executable, "-c", SCRIPT.format(tests=here, folder=str(folder))]
    kills = 0
    for _ in range(20):
        with subprocess.Popen(script, env=environment) as child:
            while not list(folder.glob("member-*")) and child.poll() is None:
                time.sleep(0.01)
            time.sleep(0.02 * (kills + 1))
            if kills < 3 and child.poll() is None:
                child.kill()
        if child.returncode == 0:
            break
        assert child.returncode == -signal.SIGKILL
        kills += 1
    expected = b"".join(net.parameters.tobytes() for net in trained(epochs=60))
    assert (folder / "result").read_bytes() == expected
    assert kills > 0


def test_folders_of_other_fleets_are_refused(tmp_path):
    trained(checkpoint=tmp_path, callbacks=stopping_at(2))
    fleet = lg.Fleet(SIZES, MEMBERS - 1, seed=0, **SETTINGS)
    with pytest.raises(
        ValueError, match=r"resume must be the folder of a fit with 3 members, got .* member 3"
    ):
        fleet.fit(X, Y, epochs=3, resume=tmp_path)
    fleet = lg.Fleet([5, 3, 2], MEMBERS, seed=0, **SETTINGS)
    with pytest.raises(
        ValueError, match=r"resume must be the checkpoint of a network with sizes \[5, 3, 2\]"
    ):
        fleet.fit(X, Y, epochs=3, resume=tmp_path)
    (tmp_path / "member-2.safetensors").write_bytes(b"not a checkpoint")
    fleet = lg.Fleet(SIZES, MEMBERS, seed=0, **SETTINGS)
    before = fleet[0].parameters.copy()
    with pytest.raises(ValueError, match=r"resume must be a checkpoint written by fit, got .*member-2"):
        fleet.fit(X, Y, epochs=3, resume=tmp_path)
    assert (fleet[0].parameters == before).all()


def test_a_member_that_diverges_keeps_its_last_checkpoint(tmp_path):
    rules = [lg.SGD(0.01), lg.SGD(1e6)]
    fleet = lg.Fleet(SIZES, 2, seed=0)
    with pytest.raises(FloatingPointError, match="member 1"):
        fleet.fit(X, Y, epochs=9, optimizer=rules, checkpoint=tmp_path)
    epochs = fleet[1].epochs
    assert lg.load(tmp_path / "member-0.safetensors").epochs == 9
    if epochs:
        assert lg.load(tmp_path / "member-1.safetensors").epochs == epochs
    again = lg.Fleet(SIZES, 2)
    with pytest.raises(FloatingPointError, match="member 1"):
        again.fit(X, Y, epochs=9, optimizer=rules, resume=tmp_path)
    assert again[0].parameters.tobytes() == fleet[0].parameters.tobytes()
