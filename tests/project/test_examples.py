"""The programs in examples/ run on small data sets of the right format."""

import gzip
import re
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(monkeypatch, capsys, name, *arguments):
    monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    return capsys.readouterr().out


def write_idx(path, array):
    header = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes()))


def test_california_housing_runs(tmp_path, monkeypatch, capsys):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 8))
    np.savez(tmp_path / "housing.npz", X=X, y=2 + X[:, 0] - 0.5 * X[:, 1])
    out = run(
        monkeypatch, capsys, "california_housing.py", tmp_path / "housing.npz", "--seeds", 1, "--epochs", 30
    )
    (error,) = re.findall(r"mean of 1: RMSE ([\d.]+)", out)
    assert float(error) < 0.5  # the targets have a standard deviation of 1.1


@pytest.mark.parametrize("recipe", ["quick", "wide", "dropout"])
def test_mnist_runs(recipe, tmp_path, monkeypatch, capsys):
    rng = np.random.default_rng(0)
    for part, n in (("train", 300), ("t10k", 50)):
        labels = (np.arange(n) % 3).astype(np.uint8)
        images = rng.integers(0, 100, (n, 5, 5), dtype=np.uint8)
        images[np.arange(n), labels] = 255  # the position of the bright row is the class
        write_idx(tmp_path / f"{part}-images-idx3-ubyte.gz", images)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte.gz", labels)
    out = run(monkeypatch, capsys, "mnist.py", recipe, tmp_path, "--seeds", 1)
    (errors,) = re.findall(r"mean of 1: ([\d.]+)% errors", out)
    assert float(errors) < 10
