"""`localgrad demo` trains, reports, writes the requested files, and reports mistakes in one line."""

import csv
import os
import re
import struct
import subprocess
import sys

import numpy as np
import pytest
from localgrad.__main__ import main
from localgrad.cli import demo
from localgrad.cli.data import sklearn_digits


@pytest.fixture
def tiny_folder(tmp_path):
    """Sixty images of 2 x 3 pixels in two classes that a single weight separates."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    for part, n in (("train", 60), ("t10k", 20)):
        labels = np.arange(n, dtype=np.uint8) % 2
        images = np.zeros((n, 2, 3), np.uint8)
        images[:, 0, 1] = 255 * labels
        head = struct.pack(">2B2B3I", 0, 0, 8, 3, n, 2, 3)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(head + images.tobytes())
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(
            struct.pack(">4BI", 0, 0, 8, 1, n) + labels.tobytes()
        )
    return folder


def run(capsys, *arguments):
    """Return the exit status, the standard output and the standard error."""
    try:
        status = main(["demo", *map(str, arguments)])
    except SystemExit as stop:  # argparse
        status = stop.code
    return (status, *capsys.readouterr())


def test_the_digits_are_classified(capsys):
    status, out, err = run(capsys)
    assert (status, err) == (0, "")
    assert len(re.findall(r"^epoch +\d+/60  cost ", out, re.MULTILINE)) == 60
    accuracy = float(re.search(r"^test accuracy +([\d.]+)%", out, re.MULTILINE).group(1))
    assert accuracy >= 97
    assert re.search(r"^training .* examples per second$", out, re.MULTILINE)
    assert re.search(r"^reference .* examples per second in pure Python", out, re.MULTILINE)
    assert re.search(r"^agreement +parameters differ from the reference by at most ", out, re.MULTILINE)
    assert re.search(r"^speedup +[\d,]+ times as fast as the reference$", out, re.MULTILINE)


@pytest.mark.parametrize("seed", [1, 2, 2**64 - 1])
def test_other_seeds_reach_the_same_accuracy(seed, monkeypatch, capsys):
    monkeypatch.setattr(demo, "_compare_with_reference", lambda work, rate: None)
    status, out, _ = run(capsys, "--seed", seed)
    assert status == 0
    assert float(re.search(r"^test accuracy +([\d.]+)%", out, re.MULTILINE).group(1)) >= 97


def test_the_split_is_stratified_and_depends_on_the_seed():
    one, other = sklearn_digits(1), sklearn_digits(2)
    assert (len(one.y), len(one.y_test), one.shape, one.classes) == (1437, 360, (8, 8), 10)
    assert one.X.min() == 0
    assert one.X.max() == 1
    assert not np.array_equal(one.y_test, other.y_test)
    np.testing.assert_array_equal(one.X_test, sklearn_digits(1).X_test)
    assert np.bincount(one.y_test).min() >= 34  # a fifth of each class


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--layers", "none"],
        ["--layers", "4,3", "--activation", "tanh,sigmoid"],
        ["--cost", "cross_entropy", "--batch-size", "1000", "--learning-rate", "1"],
        ["--threads", "2", "--batch-size", "7"],
    ],
)
def test_files_and_options_are_accepted(options, tiny_folder, capsys):
    status, out, err = run(capsys, "--data", tiny_folder, "--epochs", "3", *options)
    assert (status, err) == (0, "")
    assert "60 training images, 20 test images" in out
    assert "speedup" in out


def test_curve_and_plot_are_written(tiny_folder, tmp_path, capsys):
    curve, plot = tmp_path / "curve.csv", tmp_path / "plot.png"
    plot.write_bytes(b"old")
    status, out, err = run(
        capsys, "--data", tiny_folder, "--layers", "4", "--epochs", "5", "--save-curve", curve, "--plot", plot
    )
    assert (status, err) == (0, "")
    assert f"wrote {plot}" in out
    assert plot.read_bytes().startswith(b"\x89PNG")
    with open(curve, newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["epoch"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert all(0 <= float(row["test_accuracy"]) <= 1 for row in rows)
    assert float(rows[-1]["cost"]) < float(rows[0]["cost"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["curve.csv", "plot.png", "tiny"]


def test_the_curve_can_be_written_to_a_pipe(tiny_folder):
    command = [sys.executable, "-m", "localgrad", "demo", "--data", str(tiny_folder), "--epochs", "2"]
    done = subprocess.run(
        [*command, "--save-curve", "/dev/stderr"], capture_output=True, text=True, check=True
    )
    assert done.stderr.startswith("epoch,cost,test_cost,test_accuracy,seconds\n1,")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--data", "absent"], "absent: no such folder"),
        (["--data", os.devnull], "is not a folder"),
        (["--data", "."], "expected one of the files train-images-idx3-ubyte, "),
        (["--layers", "30,x"], "expected widths of at least 1"),
        (["--layers", "30,0"], "expected widths of at least 1"),
        (["--layers", ""], "expected widths of at least 1"),
        (["--layers", "999999999999-999999999999"], "sizes"),
        (["--activation", "swoosh"], "'swoosh'"),
        (["--activation", "relu,relu,relu"], "3"),
        (["--activation", "softmax"], "'softmax'"),
        (["--cost", "hinge"], "'hinge'"),
        (["--epochs", "0"], "expected at least 1, got 0"),
        (["--epochs", "two"], "expected an integer, got 'two'"),
        (["--batch-size", "-1"], "expected at least 1, got -1"),
        (["--learning-rate", "-1"], "learning_rate"),
        (["--learning-rate", "nan"], "learning_rate"),
        (["--learning-rate", "fast"], "'fast'"),
        (["--seed", "-1"], "expected at least 0"),
        (["--seed", str(2**64)], "expected less than"),
        (["--threads", "0"], "expected at least 1"),
        (["--plot", "no/such/folder.png"], "cannot write no/such/folder.png: No such file or directory"),
        (["--plot", "plot.xyz"], "expected a name ending in one of"),
        (["--plot", "plot"], "expected a name ending in one of"),
        (["--save-curve", "."], "cannot write .: it is a folder"),
        (["--save-curve", ""], "empty"),
        (["--save-curve", "a\0b"], "null"),
        (["--frobnicate"], "unrecognized arguments"),
    ],
)
def test_mistakes_print_one_line_and_start_no_training(options, message, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(demo, "_train", lambda *_: pytest.fail("trained"))
    status, out, err = run(capsys, *options)
    assert (status, out) == (2, "")
    assert message in err.splitlines()[-1]
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("package", "options", "message"),
    [
        ("sklearn.datasets", [], 'pip install "localgrad[demo]"'),
        ("matplotlib.backends.backend_agg", ["--plot", "plot.png"], 'pip install "localgrad[plot]"'),
    ],
)
def test_a_missing_extra_is_reported_with_the_install_command(package, options, message, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, package, None)
    status, out, err = run(capsys, *options)
    assert (status, out) == (1, "")
    assert message in err
    assert len(err.splitlines()) == 1


def test_divergence_prints_one_line(tiny_folder, tmp_path, capsys):
    curve = tmp_path / "curve.csv"
    status, _, err = run(
        capsys,
        "--data",
        tiny_folder,
        "--cost",
        "cross_entropy",
        "--learning-rate",
        "1e38",
        "--save-curve",
        curve,
    )
    assert status == 1
    assert "epoch" in err
    assert len(err.splitlines()) == 1
    assert not curve.exists()


def test_inconsistent_data_sets_are_errors(tiny_folder, capsys):
    wide = struct.pack(">4B3I", 0, 0, 8, 3, 20, 3, 3) + bytes(180)
    (tiny_folder / "t10k-images-idx3-ubyte").write_bytes(wide)
    message = "training images have 2x3 pixels, but test images have 3x3"
    assert message in run(capsys, "--data", tiny_folder)[2]
    (tiny_folder / "t10k-images-idx3-ubyte").write_bytes(wide[:-1])
    assert "expected 180 bytes" in run(capsys, "--data", tiny_folder)[2]


def test_a_single_class_is_an_error(tiny_folder, capsys):
    for part, n in (("train", 60), ("t10k", 20)):
        (tiny_folder / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">4BI", 0, 0, 8, 1, n) + bytes(n))
    status, _, err = run(capsys, "--data", tiny_folder)
    assert status == 2
    assert "at least 2 classes" in err


def test_the_core_is_compared_with_the_reference(tiny_folder, monkeypatch, capsys):
    class Wrong(demo.Core):
        def parameters(self):
            return super().parameters() * 1.001

    monkeypatch.setattr(demo, "Core", Wrong)
    status, _, err = run(capsys, "--data", tiny_folder, "--epochs", "1")
    assert status == 1
    assert "disagree" in err


def test_mnist_reaches_90_percent(mnist_folder, capsys):
    status, out, _ = run(capsys, "--data", mnist_folder, "--layers", "30", "--epochs", "1")
    assert status == 0
    assert "60,000 training images, 10,000 test images" in out
    assert float(re.search(r"^test accuracy +([\d.]+)%", out, re.MULTILINE).group(1)) >= 90
