"""Commands that are interrupted or killed leave whole files, and files larger than memory are predicted."""

import csv
import re
import signal
import subprocess
import sys
import time

import localgrad.tabular
import numpy as np
import pytest
from table_commands import rows, run, write_csv

LONG = 4000  # epochs


@pytest.fixture
def flats(tmp_path):
    return write_csv(tmp_path / "flats.csv", rows(150))  # few: without a choice of bins


def command(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "localgrad", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def training(flats, out, *options, epochs=LONG):
    """Start training, and return the process when it has finished an epoch."""
    process = command("train", flats, "--target", "price", "--out", out, "--epochs", epochs, *options)
    for line in process.stderr:
        if re.match(r"epoch +\d+/", line):
            return process
    raise AssertionError(process.communicate())


def test_ctrl_c_keeps_the_model_so_far(flats, tmp_path):
    out, results = tmp_path / "model.safetensors", tmp_path / "results.json"
    process = training(flats, out, "--json", results)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert "until it was interrupted" in output
    assert "scores of the saved model on 30 rows" in output
    assert '"interrupted": true' in results.read_text()
    assert 1 <= localgrad.tabular.load(out).ensemble_.networks[0].epochs < 4000


def test_ctrl_c_before_training_writes_nothing(flats, tmp_path, capsys, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("localgrad.cli.tables.training.divided", interrupt)
    status, _, err = run(capsys, "train", flats, "--target", "price", "--out", tmp_path / "model.safetensors")
    assert (status, err) == (130, "localgrad train: error: interrupted\n")
    assert [one.name for one in tmp_path.iterdir()] == ["flats.csv"]


def test_a_killed_training_leaves_the_old_model(flats, tmp_path):
    out = tmp_path / "model.safetensors"
    out.write_bytes(b"old")
    process = training(flats, out)
    process.kill()
    process.communicate()
    assert out.read_bytes() == b"old"
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "flats.csv",
        "model.safetensors",
        "model.safetensors.checkpoint",
    ]


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGINT])
def test_a_resumed_training_gives_the_same_model(kill, flats, tmp_path, capsys):
    options = ["--ensemble", 2, "--coverage", 0.8]
    arguments = ["train", flats, "--target", "price", "--epochs", "50", *options]
    whole, out = tmp_path / "whole.safetensors", tmp_path / "model.safetensors"
    assert run(capsys, *arguments, "--out", whole)[0] == 0
    process = training(flats, out, *options, epochs=50)
    process.send_signal(kill)
    output, _ = process.communicate()
    assert process.returncode != 0
    assert ("with --resume continues it" in output) == (kill == signal.SIGINT)
    assert (tmp_path / "model.safetensors.checkpoint").is_dir()
    assert run(capsys, *arguments, "--out", out, "--resume")[0] == 0
    assert out.read_bytes() == whole.read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "flats.csv",
        "model.safetensors",
        "whole.safetensors",
    ]


def test_only_the_same_run_resumes(flats, tmp_path, capsys):
    out = tmp_path / "model.safetensors"
    arguments = ["train", flats, "--target", "price", "--out", out, "--epochs", "2", "--resume"]
    status, _, err = run(capsys, *arguments)
    assert status == 2
    assert f"--resume requires the folder {out}.checkpoint of a run that was interrupted" in err
    process = training(flats, out)
    process.kill()
    process.communicate()
    status, _, err = run(capsys, *arguments, "--seed", "1")
    assert status == 2
    assert "--resume requires the command that was interrupted, but --seed differs; run it without" in err
    write_csv(flats, rows(149))
    status, _, err = run(capsys, *arguments)
    assert status == 2
    assert "but the data, or an option that selects rows or columns, differs" in err
    assert not out.exists()


@pytest.fixture(scope="module")
def million(tmp_path_factory):
    """A model of two columns, and a file with a million rows."""
    folder = tmp_path_factory.mktemp("million")
    random = np.random.default_rng(0)
    size, color = random.normal(size=10**6).round(4), random.choice(["red", "blue", "green"], 10**6)
    with open(folder / "data.csv", "w") as stream:
        stream.write("size,color,remark,price\n")
        stream.writelines(
            f"{one},{other},{'a long remark that fills the file' * 4},{2 * one}\n"
            for one, other in zip(size.tolist(), color.tolist(), strict=True)
        )
    model = folder / "model.safetensors"
    X = {"size": size[:500].tolist(), "color": color[:500].tolist()}
    import pyarrow as pa

    localgrad.tabular.TabularRegressor(hidden_layer_sizes=(8,), epochs=4, random_state=0).fit(
        pa.table(X), 2 * size[:500]
    ).save(model)
    return folder


def predicting(million, out):
    """Start a prediction, and return the process when it has begun to write."""
    process = command("predict", million / "model.safetensors", million / "data.csv", "-o", out)
    while not any(out.name in one.name and one.stat().st_size for one in million.iterdir() if one != out):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    return process


@pytest.mark.slow
@pytest.mark.parametrize("out", ["out.csv", "out.parquet"])
def test_a_million_rows_are_predicted_in_bounded_memory(out, million):
    code = (
        "import resource, sys; from localgrad.__main__ import main; status = main(sys.argv[1:]);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024); sys.exit(status)"
    )
    memory = []
    with open(million / "data.csv") as stream, open(million / "few.csv", "w") as few:
        few.writelines(line for _, line in zip(range(1000), stream, strict=False))
    for data in ("few.csv", "data.csv"):
        arguments = ["predict", million / "model.safetensors", million / data, "-o", million / out]
        done = subprocess.run(
            [sys.executable, "-c", code, *map(str, [*arguments, "--keep", "size"])],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        memory.append(int(done.stdout.split()[-1]))
    assert (million / "data.csv").stat().st_size > 140 * 2**20
    # The text of the file alone needs 140 MB, as Python objects several times that.
    assert memory[1] - memory[0] < 200, memory
    if out == "out.csv":
        with open(million / out, newline="") as found, open(million / "data.csv", newline="") as given:
            for row, original in zip(csv.DictReader(found), csv.DictReader(given), strict=True):
                assert row["size"] == original["size"]


@pytest.mark.slow
def test_a_killed_prediction_leaves_the_old_file(million):
    out = million / "predictions.csv"
    out.write_bytes(b"old")
    process = predicting(million, out)
    process.kill()
    process.communicate()
    assert out.read_bytes() == b"old"


@pytest.mark.slow
def test_an_interrupted_prediction_leaves_no_draft(million):
    out = million / "interrupted.csv"
    process = predicting(million, out)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "localgrad predict: error: interrupted\n")
    assert not [one.name for one in million.iterdir() if "interrupted" in one.name]
