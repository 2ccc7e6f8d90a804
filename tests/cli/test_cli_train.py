"""`localgrad train` reads a messy file, says what it does, and saves a model that it has measured."""

import json
import re
import xml.etree.ElementTree as ET

import localgrad.tabular
import numpy as np
import pandas as pd
import pytest
from table_commands import HEADER, rows, run, write_csv

QUICK = ["--epochs", "2"]


@pytest.fixture(scope="module")
def flats(tmp_path_factory):
    return write_csv(tmp_path_factory.mktemp("flats") / "flats.csv", rows(200))


def train(capsys, path, folder, *options, target="price"):
    """Return the status, output and errors, and the results as JSON."""
    results = folder / "results.json"
    out = folder / "model.safetensors"
    given = run(capsys, "train", path, "--target", target, "--out", out, "--json", results, *QUICK, *options)
    return (*given, json.loads(results.read_text("utf-8")) if results.exists() else None)


def test_numbers_are_predicted(flats, tmp_path, capsys):
    status, out, err, results = train(capsys, flats, tmp_path)
    assert status == 0
    assert f"{flats}: 200 rows, 9 columns" in out
    assert "target 'price': regression, its values are numbers" in out
    for line in (
        r"id +identifier +text, 160 different values in 160 rows",
        r"code +categorical +text, \d+ different values",
        r"area +numeric +numbers",
        r"district +categorical +text, 4 different values",
        r"sold +date +dates",
        r"remark +categorical +text, 2 different values",
        r"country +constant +the value 'Denmark' only",
    ):
        assert re.search(f"^{line}$", out, re.MULTILINE), line
    assert "the model was trained on 160 rows" in out
    assert "on 40 rows that training has not seen" in out
    assert "localgrad train: warning: ignored, because nearly every row has its own text: 'id'" in err
    assert re.search(r"^epoch 2/2 .*val_cost", err, re.MULTILINE)
    assert (results["task"], results["target"]) == ("regression", "price")
    assert results["rows"] == {"training": 160, "validation": 23, "test": 40}
    assert "trained on 160 rows, of which 23 rows chose the best epoch, in" in out
    assert "fewer than 30" not in out
    assert list(results["results"]) == ["localgrad", "mean of the target", "linear model"]
    assert all({"rmse", "mae", "r2"} == set(one) for one in results["results"].values())
    assert results["columns"][0]["kind"] == "identifier"
    model = localgrad.tabular.load(tmp_path / "model.safetensors")
    assert (model.target_name_, model.epochs, model.verbose) == ("price", 2, 0)


def test_the_scores_are_those_of_the_saved_model(flats, tmp_path, capsys):
    for part, seed in (("train", 0), ("test", 1)):
        write_csv(tmp_path / f"{part}.csv", rows(100, seed))
    _, out, _, results = train(capsys, tmp_path / "train.csv", tmp_path, "--test", tmp_path / "test.csv")
    assert f"on 100 rows of {tmp_path / 'test.csv'} that training has not seen" in out
    model = localgrad.tabular.load(tmp_path / "model.safetensors")
    table = np.array(rows(100, 1), object)
    X = pd.DataFrame(table, columns=HEADER)
    errors = model.predict(X.drop(columns="price")) - X["price"].astype(float)
    assert results["results"]["localgrad"]["rmse"] == pytest.approx(np.sqrt(np.mean(errors**2)))
    assert results["results"]["localgrad"]["mae"] == pytest.approx(np.mean(np.abs(errors)))


def test_classes_are_predicted(flats, tmp_path, capsys):
    status, out, _, results = train(capsys, flats, tmp_path, "--calibrate", target="level")
    assert status == 0
    assert "target 'level': classification, its values are text, 2 different values" in out
    assert results["classes"] == ["high", "low"]
    assert list(results["results"]) == ["localgrad", "most frequent class", "linear model"]
    scores = results["results"]["most frequent class"]
    assert scores["balanced_accuracy"] == 0.5
    assert 0.5 < scores["accuracy"] < 1
    assert scores["log_loss"] == pytest.approx(0.69, abs=0.1)


@pytest.mark.parametrize(
    ("values", "task"),
    [
        ([0, 1] * 30, "classification"),
        (list(range(10)) * 6, "classification"),
        (list(range(11)) * 6, "regression"),
        (list(range(10)) * 3, "regression"),
        ([0.5, 1.0] * 30, "regression"),
        (["1", "2", "x"] * 20, "classification"),
        (["True", "False"] * 20, "classification"),
    ],
)
def test_the_task_is_found(values, task, tmp_path, capsys):
    path = write_csv(tmp_path / "data.csv", [[i % 7, y] for i, y in enumerate(values)], ["x", "y"])
    assert train(capsys, path, tmp_path, target="y")[3]["task"] == task


def test_the_task_can_be_chosen(tmp_path, capsys):
    path = write_csv(tmp_path / "data.csv", [[i % 7, i % 3] for i in range(60)], ["x", "y"])
    found = train(capsys, path, tmp_path, "--task", "regression", target="y")
    assert "target 'y': regression, as requested" in found[1]
    assert found[3]["results"]["localgrad"]["rmse"] > 0


def test_integer_classes_stay_integers(tmp_path, capsys):
    path = write_csv(tmp_path / "data.csv", [[i % 7, 10 * (i % 3)] for i in range(60)], ["x", "y"])
    assert train(capsys, path, tmp_path, target="y")[3]["classes"] == [0, 10, 20]


def test_rows_without_a_target_are_left_out(tmp_path, capsys):
    table = rows(100)
    table[7][7], table[20][7] = "", "NA"
    path = write_csv(tmp_path / "data.csv", table)
    status, out, _, results = train(capsys, path, tmp_path)
    assert status == 0
    # The first row is on line 2, and there are line breaks within the rows before it.
    line = 2 + 7 + sum("\n" in row[5] for row in table[:7])
    assert f"2 rows without a value of 'price' left out (the first: line {line} is empty)" in out
    assert results["rows_without_target"] == 2
    assert (results["rows"]["training"], results["rows"]["test"]) == (78, 20)
    assert "caution: with fewer than 30 rows" in out


def test_kinds_of_columns_are_requested(flats, tmp_path, capsys):
    options = ["--column", "id=categorical", "--column", "code=numeric", "--ignore", "remark"]
    status, _, err, _ = train(capsys, flats, tmp_path, *options)
    assert status == 2
    assert re.search(
        r"flats.csv: line \d+: column 'code' must hold numbers, as columns requests, got '0", err
    )
    status, _, err, results = train(capsys, flats, tmp_path, *options[:2], *options[4:])
    kinds = {one["name"]: one["kind"] for one in results["columns"]}
    assert (status, kinds["id"], kinds["remark"]) == (0, "categorical", "identifier")
    assert "warning" not in err


def test_text_in_a_column_of_numbers_is_reported_with_its_line(tmp_path, capsys):
    path = write_csv(tmp_path / "data.csv", [[i, i % 5] for i in range(60)] + [["many", 1]], ["x", "y"])
    _, _, err, _ = train(capsys, path, tmp_path, "--test", "0", target="y")
    message = (
        "column 'x' is read as text and ignored, because not all values are numbers: line 62 has 'many'; "
        "correct such values or leave them empty; --column x=numeric makes them an error"
    )
    assert f"localgrad train: warning: {message}" in err


@pytest.mark.parametrize("text", ["1e400", "-inf"])
def test_numbers_that_are_not_finite_are_reported(text, tmp_path, capsys):
    table = [[i % 30, i % 5 / 2] for i in range(60)]
    table[6][0] = text
    path = write_csv(tmp_path / "data.csv", table, ["x", "y"])
    status, _, err, _ = train(capsys, path, tmp_path, "--test", "0", target="y")
    assert status == 0
    assert f"'x' is read as categories, because not all values are numbers: line 8 has {text!r};" in err
    status, _, err, _ = train(capsys, path, tmp_path, "--column", "x=numeric", target="y")
    assert status == 2
    assert f"{path}: line 8: column 'x' must hold numbers, as columns requests, got {text!r}" in err


def test_decimal_commas_are_read_or_reported(tmp_path, capsys):
    table = [[str(i % 7 / 2).replace(".", ","), i, str(i / 8).replace(".", ",")] for i in range(60)]
    path = write_csv(tmp_path / "data.csv", table, ["x", "z", "y"], delimiter=";")
    status, _, err, _ = train(capsys, path, tmp_path, target="y")
    assert status == 2
    assert (
        "line 2: column 'y', the target, has the text '0,0'; pass --decimal , to read decimal commas" in err
    )
    status, _, err, _ = train(capsys, path, tmp_path, "--test", "0", target="z")
    assert status == 0
    assert "column 'x' is read as categories: line 2 has '0,0'; pass --decimal ," in err
    assert "column 'y' is read as text and ignored: line 2 has '0,0'; pass --decimal ," in err
    assert "nearly every row" not in err
    status, _, err, results = train(capsys, path, tmp_path, "--decimal", ",", target="y")
    assert (status, results["task"], [one["kind"] for one in results["columns"]]) == (
        0,
        "regression",
        ["numeric", "numeric"],
    )
    assert "warning" not in err
    out = tmp_path / "predictions.csv"
    model = tmp_path / "model.safetensors"
    status, _, err = run(capsys, "predict", model, path, "-o", out)
    assert status == 2
    assert "line 2: column 'x' must hold numbers, as in fit, got '0,0'; pass --decimal ," in err
    assert run(capsys, "predict", model, path, "-o", out, "--decimal", ",")[0] == 0


def test_validation_rows_come_from_a_file(flats, tmp_path, capsys):
    other = write_csv(tmp_path / "other.csv", rows(30, 1))
    status, out, err, results = train(capsys, flats, tmp_path, "--validation", other, "--test", "0")
    assert status == 0
    assert f"trained on 200 rows, with 30 rows of {other} to choose the best epoch" in out
    assert "it was not measured" in out
    assert "val_cost" in err
    assert results["results"] is None


def test_errors_in_the_validation_file_name_it(flats, tmp_path, capsys):
    table = rows(30, 1)
    table[2][2] = "large"
    other = write_csv(tmp_path / "other.csv", table)
    status, _, err, _ = train(capsys, flats, tmp_path, "--validation", other)
    assert status == 2
    assert re.search(r"other.csv: line \d+: column 'area' must hold numbers, as in fit, got 'large'", err)


def test_options_reach_the_estimator(flats, tmp_path, capsys):
    options = ["--ensemble", 2, "--seed", 3, "--validation", 0.25, "--threads", 1, "--coverage", 0.8]
    status, *_, results = train(capsys, flats, tmp_path, *options)
    assert (status, results["networks"], results["epochs"]) == (0, 2, [2, 2])
    model = localgrad.tabular.load(tmp_path / "model.safetensors")
    assert (model.random_state, model.validation_fraction, model.coverage) == (3, 0.25, 0.8)


def test_columns_of_other_types_are_reported_and_can_be_ignored(tmp_path, capsys):
    frame = pd.DataFrame({"x": range(60), "wait": pd.to_timedelta(range(60), unit="s"), "y": range(60)})
    frame.to_parquet(tmp_path / "data.parquet")
    status, _, err, _ = train(capsys, tmp_path / "data.parquet", tmp_path, target="y")
    assert status == 2
    assert "data.parquet: column 'wait' must hold numbers, text, booleans or dates, got the dtype time" in err
    assert train(capsys, tmp_path / "data.parquet", tmp_path, "--ignore", "wait", target="y")[0] == 0


def test_the_same_seed_gives_the_same_file(flats, tmp_path, capsys):
    found = []
    for seed in (0, 0, 1):
        train(capsys, flats, tmp_path, "--seed", seed)
        found.append((tmp_path / "model.safetensors").read_bytes())
    assert found[0] == found[1] != found[2]


def test_a_time_limit_ends_training(flats, tmp_path, capsys):
    out = tmp_path / "model.safetensors"
    status, *_ = run(
        capsys, "train", flats, "--target", "price", "--out", out, "--epochs", 10**6, "--time-limit", 0.2
    )
    assert status == 0
    assert localgrad.tabular.load(out).ensemble_.networks[0].epochs < 10**6


@pytest.mark.parametrize("target", ["price", "level"])
@pytest.mark.parametrize("test", ["0.2", "0"])
def test_plots(flats, target, test, tmp_path, capsys):
    picture = tmp_path / "plot.svg"
    status, *_ = train(capsys, flats, tmp_path, "--plot", picture, "--test", test, target=target)
    assert status == 0
    ET.parse(picture)


def test_json_on_the_standard_output_comes_alone(flats, tmp_path, capsys):
    status, out, err = run(
        capsys,
        *(
            "train",
            flats,
            "--target",
            "price",
            "--out",
            tmp_path / "model.safetensors",
            "--json",
            "-",
            *QUICK,
        ),
    )
    assert status == 0
    assert json.loads(out)["target"] == "price"
    assert "200 rows, 9 columns" in err


def test_few_rows_are_enough(tmp_path, capsys):
    path = write_csv(tmp_path / "data.csv", [["a", 1.5], ["b", 2.5], ["a", 1.0]], ["x", "y"])
    status, out, _, results = train(capsys, path, tmp_path, target="y")
    assert (status, results["results"]) == (0, None)
    assert "there are too few rows to hold some out for testing" in out


def test_a_class_of_30_rows_is_held_out_in_proportion(tmp_path, capsys):
    table = [[i % 7, "rare" if i < 30 else "usual"] for i in range(1000)]
    path = write_csv(tmp_path / "data.csv", table, ["x", "y"])
    status, _, _, results = train(capsys, path, tmp_path, target="y")
    assert (status, results["rows"]["training"], results["rows"]["test"]) == (0, 800, 200)
    assert results["results"]["most frequent class"]["accuracy"] == pytest.approx(194 / 200)


def test_no_class_is_held_out_as_a_whole(tmp_path, capsys):
    table = [[i % 7, f"rare {i}" if i < 20 else f"rare {i - 20}" if i < 40 else "usual"] for i in range(400)]
    path = write_csv(tmp_path / "data.csv", table, ["x", "y"])
    status, _, _, results = train(capsys, path, tmp_path, "--test", "0.9", target="y")
    assert (status, len(results["classes"])) == (0, 21)
    assert all(np.isfinite(one["log_loss"]) for one in results["results"].values())


def test_a_sample_for_the_linear_model_has_all_classes(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("localgrad.cli.tables.scores._LINEAR_ROWS", 20)
    table = [[i % 7, "rare" if i < 5 else "usual"] for i in range(400)]
    path = write_csv(tmp_path / "data.csv", table, ["x", "y"])
    assert train(capsys, path, tmp_path, target="y")[0] == 0


def test_better_simple_methods_are_named(tmp_path, capsys):
    path = write_csv(tmp_path / "data.csv", [[i / 7, i / 3] for i in range(200)], ["x", "y"])
    _, out, _, _ = train(capsys, path, tmp_path, target="y")
    assert "the network is not the best here: the RMSE of linear model is lower" in out


def test_a_target_that_is_mostly_missing_is_reported(tmp_path, capsys):
    path = write_csv(tmp_path / "data.csv", [[i, i / 7 if i % 3 else ""] for i in range(60)], ["x", "y"])
    assert "most rows" not in train(capsys, path, tmp_path, target="y")[2]
    path = write_csv(tmp_path / "data.csv", [[i, "" if i % 3 else i / 7] for i in range(60)], ["x", "y"])
    assert (
        f"warning: most rows of {path} have no value of 'y'" in train(capsys, path, tmp_path, target="y")[2]
    )


BAD_TARGETS = {
    "one class": (["a"] * 30, "column 'y', the target, has the value 'a' in all 30 rows"),
    "one number": ([5] * 30, "column 'y', the target, has the value 5 in all 30 rows"),
    "no values": (["", "NA"] * 15, "column 'y', the target, has no values"),
    "names": (
        [f"name {i}" for i in range(30)],
        "line 2: column 'y', the target, is text, not numbers, with 30 different values in 30 rows, such as "
        "'name 0'; numbers must be written like 1234.5; pass --task classification for classes",
    ),
    "large numbers": ([*range(28), "1e300", 3], "line 30: column 'y', the target, must be of at most 1e+150"),
    "nearly numbers": (
        [*range(25), "unknown", *range(4)],
        "line 27: column 'y', the target, must be a number, as most of its values, got 'unknown'",
    ),
    "dates": ([f"2024-01-{i % 28 + 1:02}" for i in range(30)], "column 'y', the target, has dates"),
}


@pytest.mark.parametrize("name", BAD_TARGETS)
def test_unsuitable_targets(name, tmp_path, capsys):
    values, message = BAD_TARGETS[name]
    path = write_csv(tmp_path / "data.csv", [[i % 7, y] for i, y in enumerate(values)], ["x", "y"])
    status, _, err, _ = train(capsys, path, tmp_path, target="y")
    assert status == 2
    assert err.startswith(f"localgrad train: error: {path}: ")
    assert message in err
    assert not (tmp_path / "model.safetensors").exists()


def test_text_is_no_number_for_a_regression(tmp_path, capsys):
    path = write_csv(tmp_path / "data.csv", [[i, "low" if i == 4 else i] for i in range(30)], ["x", "y"])
    status, _, err, _ = train(capsys, path, tmp_path, "--task", "regression", target="y")
    assert status == 2
    assert "line 6: column 'y', the target, must be a number, got 'low'" in err


BAD_ARGUMENTS = {
    "target": (["--target", "prise"], "--target: {data} has no column 'prise'; did you mean 'price'?"),
    "far target": (["--target", "?"], "has no column '?'; the columns are 'id', 'code'"),
    "ignore": (["--ignore", "AREA"], "--ignore: {data} has no column 'AREA'; did you mean 'area'?"),
    "column": (["--column", "aria=numeric"], "no column 'aria'; did you mean 'area'?"),
    "kind": (["--column", "area=number"], "expected NAME=KIND with numeric,"),
    "target as column": (["--column", "price=numeric"], "--column must name a column other than the target"),
    "out": (["--out", "model.pkl"], "--out must end in .safetensors, got model.pkl"),
    "folder": (["--out", "none/model.safetensors"], "cannot write none/model.safetensors: No such file"),
    "plot": (["--plot", "plot.doc"], "cannot write plot.doc"),
    "same": (["--json", "x.svg", "--plot", "x.svg"], "--out, --plot and --json must be different files"),
    "input": (["--json", "{data}"], "must not be both read and written"),
    "coverage": (["--coverage", "0.9", "--target", "level"], "--coverage is for numbers"),
    "whole": (["--coverage", "1.5"], "--coverage must be below 1, got 1.5"),
    "calibrate": (["--calibrate"], "--calibrate is for classes"),
    "calibrate without rows": (
        ["--calibrate", "--target", "level", "--validation", "0"],
        "calibrate=True requires held-out rows",
    ),
    "own test": (["--test", "{data}"], "--test must be another file than {data}, which is trained on"),
    "fraction": (["--test", "1.5"], "expected a share of at least 0 and below 1, got 1.5"),
    "file": (["--test", "none.csv"], "none.csv: No such file or directory"),
    "group": (
        ["--group", "districts"],
        "--group: {data} has no column 'districts'; did you mean 'district'?",
    ),
    "group of the target": (["--group", "price"], "--group must name a column other than the target"),
    "one group": (["--group", "country"], "column 'country', of --group, must have at least 2 different"),
    "group without values": (["--group", "area"], "column 'area', of --group, has no value"),
    "order of text": (
        ["--time", "district"],
        "column 'district', of --time, must hold dates or numbers, got",
    ),
    "order without values": (["--time", "sold"], "column 'sold', of --time, has no value"),
    "two orders": (["--time", "sold", "--group", "district"], "not allowed with argument"),
    "time": (["--time-limit", "0"], "expected a number above 0, got '0'"),
    "sep": (["--sep", "::"], "expected one character"),
    "encoding": (["--encoding", "utf-99"], "--encoding must be the name of an encoding, got 'utf-99'"),
}


@pytest.mark.parametrize("name", BAD_ARGUMENTS)
def test_wrong_arguments(name, flats, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options, message = BAD_ARGUMENTS[name]
    options = [one.format(data=flats) for one in options]
    before = flats.read_bytes()
    status, _, err = run(
        capsys, "train", flats, "--target", "price", "--out", "model.safetensors", *QUICK, *options
    )
    assert status == 2
    assert message.format(data=flats) in err
    assert "Traceback" not in err
    assert flats.read_bytes() == before
    assert not list(tmp_path.iterdir())


def test_other_files_lack_a_column(flats, tmp_path, capsys):
    other = write_csv(
        tmp_path / "other.csv",
        [row[:2] + row[3:] for row in rows(9)],
        [*HEADER[:2], *HEADER[3:]],
    )
    status, _, err, _ = train(capsys, flats, tmp_path, "--test", other)
    assert status == 2
    assert f"{other}: the model needs the column 'area', which the table lacks" in err


def test_other_files_have_an_unknown_class(flats, tmp_path, capsys):
    table = rows(9)
    table[1][8] = "middle"
    other = write_csv(tmp_path / "other.csv", table)
    status, _, err, _ = train(capsys, flats, tmp_path, "--test", other, target="level")
    assert status == 2
    assert "other.csv: line " in err
    assert "must be a class of the model ('high', 'low'), got 'middle'" in err


def test_a_missing_package_is_named(flats, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("localgrad.cli.extra.find_spec", lambda name: None if name == "pyarrow" else name)
    status, _, err, _ = train(capsys, flats, tmp_path)
    assert status == 1
    assert 'train requires pyarrow; install with: pip install "localgrad[table]"' in err
