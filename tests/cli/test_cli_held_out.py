"""`localgrad train` holds out whole groups, or the last rows in time."""

import json

import localgrad.tabular
import numpy as np
import pytest
from table_commands import run, write_csv


def train(capsys, path, folder, *options, target="y"):
    """Return the output and the results as JSON."""
    results = folder / "results.json"
    files = ["--out", folder / "model.safetensors", "--json", results]
    status, out, err = run(capsys, "train", path, "--target", target, "--epochs", "2", *files, *options)
    assert status == 0, err
    return out, json.loads(results.read_text("utf-8"))


@pytest.fixture
def held(monkeypatch):
    """The arguments of the calls of fit."""
    calls = []
    fit = localgrad.tabular.TabularRegressor.fit

    def recorded(self, X, y, **options):
        calls.append((X, y, options["groups"], self.time_ordered))
        return fit(self, X, y, **options)

    monkeypatch.setattr(localgrad.tabular.TabularRegressor, "fit", recorded)
    return calls


def test_groups_stay_together(held, tmp_path, capsys):
    table = [[f"customer {i % 40}", i % 7, i / 7] for i in range(400)]
    path = write_csv(tmp_path / "data.csv", table, ["who", "x", "y"])
    _, results = train(capsys, path, tmp_path, "--group", "who")
    ((X, _, groups, ordered),) = held
    names, sizes = np.unique(groups, return_counts=True)
    assert (len(names), set(sizes.tolist()), ordered, X.num_rows) == (32, {10}, False, 320)
    assert (results["rows"]["training"], results["rows"]["test"]) == (320, 80)
    assert results["rows"]["validation"] in (40, 50)
    assert results["columns"][0]["kind"] == "identifier"


def test_the_last_rows_in_time_are_held_out(held, tmp_path, capsys):
    order = np.random.default_rng(0).permutation(200)
    table = [[f"2024-{1 + i // 28:02}-{1 + i % 28:02}", i % 7, i / 7] for i in order.tolist()]
    path = write_csv(tmp_path / "data.csv", table, ["day", "x", "y"])
    _, results = train(capsys, path, tmp_path, "--time", "day")
    ((_, y, groups, ordered),) = held
    np.testing.assert_array_equal(y, np.arange(160) / 7)
    assert (groups, ordered) == (None, True)
    assert results["rows"] == {"training": 160, "validation": 24, "test": 40}


def test_test_rows_of_unknown_classes_are_left_out(tmp_path, capsys):
    table = [[i, i % 7, "new" if i > 196 else "ab"[i % 2]] for i in range(200)]
    path = write_csv(tmp_path / "data.csv", table, ["t", "x", "y"])
    out, results = train(capsys, path, tmp_path, "--time", "t")
    assert "3 test rows of classes that no row to train on has left out (the first: 'new')" in out
    assert results["rows"]["test"] == 37
