"""Training of estimators resumes from a folder, with the predictions of an uninterrupted run."""

import _thread
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pandas as pd
import pytest
from localgrad.callbacks import Checkpoint
from localgrad.tabular import TabularClassifier, TabularRegressor, load, trials

SMALL = {"epochs": 8, "hidden_layer_sizes": (32, 32), "batch_size": 32}


def table(n=400):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(size=n), "word": rng.choice(["x", "y"], n)})
    X.loc[::9, "b"] = np.nan
    return X, (X["a"] + (X["word"] == "x")).to_numpy()


X, Y = table()
CASES = {
    "one network": (TabularRegressor, {}, {}),
    "ensemble": (TabularRegressor, {"n_ensemble": 3, "dropout": 0.1}, {}),
    "classes": (TabularClassifier, {"n_ensemble": 2, "calibrate": True}, {"sample_weight": np.arange(400)}),
    "intervals": (TabularRegressor, {"n_ensemble": 2, "coverage": 0.8}, {}),
    "evaluation set": (TabularRegressor, {"n_ensemble": 2}, {"eval_set": (X[:90], Y[:90])}),
    "nothing held out": (TabularRegressor, {"n_ensemble": 2, "validation_fraction": 0}, {}),
}


def fitted(kind, arguments, more, random_state=0, **files):
    """Return the estimator, also if Ctrl-C has interrupted its training."""
    model = kind(**{**SMALL, **arguments}, random_state=random_state)
    try:
        model.fit(X, Y if kind is TabularRegressor else Y > 0.5, **more, **files)
    except KeyboardInterrupt:
        return model
    return model


def outputs(model):
    found = [model.predict(X)]
    if isinstance(model, TabularClassifier):
        found.append(model.predict_proba(X))
    elif model.coverage is not None:
        found.append(model.predict_interval(X))
    return found


def check_same(model, expected):
    for one, other in zip(outputs(model), outputs(expected), strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(model.ensemble_.networks, expected.ensemble_.networks, strict=True):
        assert one.parameters.tobytes() == other.parameters.tobytes()
        assert (one.seed, one.epochs, one.history) == (other.seed, other.epochs, other.history)
        assert one.history.best_epoch == other.history.best_epoch


def interrupted_after(calls, monkeypatch):
    """Raise KeyboardInterrupt in place of a later checkpoint."""
    write, left = Checkpoint.on_epoch_end, iter(range(calls))

    def counting(self, training):
        if next(left, None) is None:
            raise KeyboardInterrupt
        write(self, training)

    monkeypatch.setattr(Checkpoint, "on_epoch_end", counting)


@pytest.mark.parametrize("calls", [1, 5, 20])
@pytest.mark.parametrize(("kind", "arguments", "more"), CASES.values(), ids=CASES)
def test_a_resumed_fit_is_bit_identical_to_one_that_was_not_interrupted(
    kind, arguments, more, calls, tmp_path
):
    folder = tmp_path / "run"
    with pytest.MonkeyPatch.context() as patch:
        interrupted_after(calls, patch)
        fitted(kind, arguments, more, checkpoint=folder)
    resumed = fitted(kind, arguments, more, checkpoint=folder, resume=folder)
    check_same(resumed, fitted(kind, arguments, more))
    # A complete run is not trained again.
    check_same(fitted(kind, arguments, more, resume=folder), resumed)


@pytest.mark.parametrize("n_ensemble", [1, 2])
def test_the_seed_is_in_the_folder(n_ensemble, tmp_path):
    whole = fitted(TabularRegressor, {"n_ensemble": n_ensemble}, {}, None, checkpoint=tmp_path / "whole")
    shutil.copytree(tmp_path / "whole", tmp_path / "part")
    for path in (tmp_path / "part").glob("member-*"):
        path.unlink()  # as if killed before the first checkpoint
    check_same(
        fitted(TabularRegressor, {"n_ensemble": n_ensemble}, {}, None, resume=tmp_path / "part"), whole
    )


def test_the_number_of_bins_is_in_the_folder(tmp_path, monkeypatch):
    steps = np.digitize(np.arange(800) / 800, np.linspace(0, 1, 20)) % 2.0
    column = np.arange(800)[:, np.newaxis]
    model = TabularRegressor(**SMALL, random_state=0).fit(column, steps, checkpoint=tmp_path)
    chosen = json.loads((tmp_path / "estimator.json").read_text())["bins"]
    assert chosen == len(model._preprocessing.encoders[0].edges) - 1 > 8
    monkeypatch.setattr(trials.Trials, "_cost", None)  # no other trial
    again = TabularRegressor(**SMALL, random_state=0).fit(column, steps, resume=tmp_path)
    np.testing.assert_array_equal(again.predict(column), model.predict(column))


def test_an_empty_folder_is_the_beginning(tmp_path):
    again = fitted(TabularRegressor, {}, {}, checkpoint=tmp_path, resume=tmp_path)
    check_same(again, fitted(TabularRegressor, {}, {}))
    assert sorted(os.listdir(tmp_path)) == ["estimator.json", "member-0.safetensors"]


def test_checkpoints_of_another_run_are_removed(tmp_path):
    fitted(TabularRegressor, {"n_ensemble": 3, "coverage": 0.5}, {}, checkpoint=tmp_path)
    assert len(os.listdir(tmp_path)) == 5
    fitted(TabularRegressor, {}, {}, 1, checkpoint=tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["estimator.json", "member-0.safetensors"]
    check_same(fitted(TabularRegressor, {}, {}, 1, resume=tmp_path), fitted(TabularRegressor, {}, {}, 1))


@pytest.mark.parametrize("n_ensemble", [1, 3])
def test_a_run_that_a_time_limit_has_ended_resumes(n_ensemble, tmp_path):
    arguments = {"n_ensemble": n_ensemble, "bins": 0, "epochs": 4000}
    stopped = fitted(TabularRegressor, {**arguments, "time_limit": 0.5}, {}, checkpoint=tmp_path / "a")
    done = max(network.epochs for network in stopped.ensemble_.networks)
    assert 0 < done < 4000
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    resumed = [
        fitted(TabularRegressor, {**arguments, "epochs": done + 3}, {}, resume=tmp_path / name)
        for name in ("a", "b")
    ]
    assert [network.epochs for network in resumed[0].ensemble_.networks] == [done + 3] * n_ensemble
    check_same(*resumed)


OTHERS = {
    "n_ensemble": ({"n_ensemble": 3}, {}, "with n_ensemble 3, got 2"),
    "bins": ({"bins": 9}, {}, "with bins 9, got 0"),
    "random_state": ({"random_state": 5}, {}, "with the same random_state, got another one"),
    "validation": ({"validation_fraction": 0.3}, {}, "with the same validation rows, got another one"),
    "sizes": ({"hidden_layer_sizes": (8,)}, {}, r"a network with sizes \[.*, 8, 1\], got"),
    "fewer columns": ({}, {"X": X[["a", "b"]]}, "with columns 2, got 3"),
    "renamed": ({}, {"X": X.rename(columns={"b": "c"})}, "with name of column 1 'c', got 'b'"),
    "kind": ({"columns": {"b": "identifier"}}, {}, "with kind of column 1 'identifier', got 'numeric'"),
    "values": ({}, {"X": X.assign(a=X["a"] ** 3)}, "with the same X, got another one"),
    "rows": ({}, {"X": X[:300], "y": Y[:300]}, "with the same X, got another one"),
    "targets": ({}, {"y": -Y}, "with the same y, got another one"),
    "weights": ({}, {"sample_weight": 1.0 + np.arange(400)}, "with the same sample_weight, got another one"),
    "eval_set": ({}, {"eval_set": (X, Y)}, "with the same validation rows, got another one"),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    fitted(TabularRegressor, {"n_ensemble": 2, "bins": 0}, {}, checkpoint=folder)
    return folder


@pytest.mark.parametrize(("arguments", "more", "message"), OTHERS.values(), ids=OTHERS)
def test_a_folder_of_another_fit_is_refused(arguments, more, message, run):
    model = TabularRegressor(**{**SMALL, "n_ensemble": 2, "random_state": 0, **arguments})
    before = {path: path.read_bytes() for path in run.iterdir()}
    with pytest.raises(ValueError, match=f"^resume must be the .*{message}"):
        model.fit(**{"X": X, "y": Y, "checkpoint": run, "resume": run, **more})
    assert not hasattr(model, "ensemble_")
    assert {path: path.read_bytes() for path in run.iterdir()} == before


def test_invalid_folders_are_refused(run, tmp_path):
    def resume(folder, kind=TabularRegressor):
        kind(**SMALL, n_ensemble=2, random_state=0).fit(X, Y > 0, resume=folder)

    with pytest.raises(FileNotFoundError, match=r"resume must be an existing folder, got '.*nowhere'"):
        resume(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="resume must be the folder of a TabularClassifier, got a TabularR"):
        resume(run, TabularClassifier)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ValueError, match=r"resume must be a folder with 'estimator\.json', got"):
        resume(tmp_path)
    for text in ("", "[]", '{"version": 2}', '{"version": 1}', "[" * 100_000):
        (tmp_path / "estimator.json").write_text(text)
        with pytest.raises(ValueError, match="resume must be a folder written by a tabular estimator, got"):
            resume(tmp_path)
    with pytest.raises(FileNotFoundError, match="checkpoint must be in an existing folder"):
        TabularRegressor().fit(X, Y, checkpoint=tmp_path / "no/such")
    with pytest.raises(ValueError, match="checkpoint_every must be at least 1, got 0"):
        TabularRegressor().fit(X, Y, checkpoint=tmp_path / "run", checkpoint_every=0)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("n_ensemble", [1, 3])
def test_a_run_that_ctrl_c_has_ended_resumes(n_ensemble, tmp_path):
    arguments = {"n_ensemble": n_ensemble, "bins": 0, "epochs": 200}
    folder = tmp_path / "run"

    def interrupt():
        while not list(folder.glob("member-*")):
            time.sleep(0.005)
        time.sleep(0.1)
        _thread.interrupt_main()

    thread = threading.Thread(target=interrupt)
    thread.start()
    stopped = fitted(TabularRegressor, arguments, {}, checkpoint=folder)
    thread.join()
    assert {network.history.stopped for network in stopped.ensemble_.networks} == {"interrupted"}
    resumed = fitted(TabularRegressor, arguments, {}, resume=folder)
    check_same(resumed, fitted(TabularRegressor, arguments, {}))


SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_tabular_checkpoints import TabularRegressor, fitted
folder = Path({folder!r})
model = fitted(
    TabularRegressor, {arguments!r}, {{}}, checkpoint=folder, resume=folder if folder.exists() else None
)
model.save(folder.parent / "model.safetensors")
"""


@pytest.mark.parametrize("n_ensemble", [1, 3])
def test_a_killed_run_resumes(n_ensemble, tmp_path):
    arguments = {"n_ensemble": n_ensemble, "coverage": 0.8, "epochs": 40, "bins": 0}
    folder = tmp_path / "run"
    script = SCRIPT.format(tests=os.path.dirname(__file__), folder=str(folder), arguments=arguments)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    kills = 0
    for _ in range(20):
        with subprocess.Popen([sys.executable, "-c", script], env=environment) as child:
            before = {path: path.stat().st_mtime_ns for path in folder.glob("*")} if folder.exists() else {}
            while child.poll() is None and kills < 2:
                now = {path: path.stat().st_mtime_ns for path in folder.glob("*.safetensors")}
                if any(before.get(path) != time_of for path, time_of in now.items()):
                    time.sleep(0.03 * kills)
                    child.kill()
                    break
                time.sleep(0.005)
        if child.returncode == 0:
            break
        assert child.returncode == -signal.SIGKILL
        kills += 1
    assert kills > 0
    expected = fitted(TabularRegressor, arguments, {})
    model = load(tmp_path / "model.safetensors")
    for one, other in zip(outputs(model), outputs(expected), strict=True):
        np.testing.assert_array_equal(one, other)
