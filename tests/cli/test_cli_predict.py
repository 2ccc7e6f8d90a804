"""`localgrad predict` finds the columns of a model by name and writes one row for each row of a file."""

import csv
import gzip
import io
import json
import sys

import localgrad as lg
import localgrad.tabular
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from table_commands import HEADER, rows, run, write_csv

NEW = rows(50, 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a model of numbers with intervals, one of classes, and a file of new rows."""
    folder = tmp_path_factory.mktemp("models")
    frame = pd.DataFrame(rows(200), columns=HEADER)
    options = {"epochs": 2, "random_state": 0, "columns": {"id": "identifier"}}
    X = frame.drop(columns=["price", "level"])
    price = frame["price"].astype(float)
    localgrad.tabular.TabularRegressor(coverage=0.8, **options).fit(X, price).save(
        folder / "price.safetensors"
    )
    localgrad.tabular.TabularClassifier(**options).fit(X, frame["level"]).save(folder / "level.safetensors")
    write_csv(folder / "new.csv", NEW)
    return folder


def expected(folder, name, method="predict", table=NEW):
    X = pd.DataFrame(table, columns=HEADER).drop(columns=["price", "level"])
    return getattr(localgrad.tabular.load(folder / f"{name}.safetensors"), method)(X)


def predict(capsys, folder, data, *options, model="price", out=None):
    out = folder / "predictions.csv" if out is None else out
    return (*run(capsys, "predict", folder / f"{model}.safetensors", data, "-o", out, *options), out)


def read(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def column(found, name):
    return [float(row[name]) for row in found]


def test_predictions_are_those_of_the_estimator(folder, capsys):
    status, out, err, path = predict(capsys, folder, folder / "new.csv")
    assert (status, out, err) == (0, f"wrote {path}\n50 rows\n", "")
    found = read(path.read_text("utf-8"))
    assert list(found[0]) == ["prediction"]
    np.testing.assert_array_equal(column(found, "prediction"), expected(folder, "price"))


def test_predictions_on_the_standard_output_come_alone(folder, capfdbinary):
    status, out, err = run(capfdbinary, "predict", folder / "price.safetensors", folder / "new.csv")
    assert (status, err) == (0, b"")
    np.testing.assert_array_equal(column(read(out.decode()), "prediction"), expected(folder, "price"))


def test_classes_probabilities_and_intervals(folder, capsys):
    *_, path = predict(capsys, folder, folder / "new.csv", "--proba", model="level")
    found = read(path.read_text("utf-8"))
    assert [row["prediction"] for row in found] == expected(folder, "level").tolist()
    probabilities = np.array([column(found, "probability_high"), column(found, "probability_low")]).T
    np.testing.assert_array_equal(probabilities, expected(folder, "level", "predict_proba"))
    *_, path = predict(capsys, folder, folder / "new.csv", "--interval")
    found = read(path.read_text("utf-8"))
    assert list(found[0]) == ["prediction", "lower", "upper"]
    limits = np.array([column(found, "lower"), column(found, "upper")]).T
    np.testing.assert_array_equal(limits, expected(folder, "price", "predict_interval"))


def test_kept_columns_are_copied_unchanged(folder, capsys):
    *_, path = predict(capsys, folder, folder / "new.csv", "--keep", "id", "--keep", "remark")
    found = read(path.read_text("utf-8"))
    assert [[row["id"], row["remark"]] for row in found] == [[row[0], row[5]] for row in NEW]


@pytest.mark.parametrize(
    "ending", ["csv", "tsv", "txt", "csv.gz", "csv.bz2", "tsv.xz", "csv.zst", "parquet", "pq"]
)
def test_formats_of_predictions(ending, folder, tmp_path, capsys):
    out = tmp_path / f"predictions.{ending}"
    assert predict(capsys, folder, folder / "new.csv", "--keep", "id", out=out)[0] == 0
    if ending in ("parquet", "pq"):
        found = pd.read_parquet(out)
    elif ending.endswith("zst"):  # which pandas reads with another package
        found = pd.read_csv(io.BytesIO(pa.input_stream(str(out), "zstd").read()))
    else:
        found = pd.read_csv(out, sep="," if "csv" in ending else "\t")
    assert found["id"].tolist() == [row[0] for row in NEW]
    np.testing.assert_allclose(found["prediction"], expected(folder, "price"), rtol=1e-15)


def test_equal_predictions_give_equal_files(folder, tmp_path, capsys):
    found = []
    for name in ("one", "other"):
        out = tmp_path / f"{name}.csv.gz"
        predict(capsys, folder, folder / "new.csv", out=out)
        found.append(out.read_bytes())
    assert found[0] == found[1]
    assert gzip.decompress(found[0]).startswith(b"prediction\n")


def test_columns_may_be_reordered_and_others_added(folder, tmp_path, capsys):
    order = [8, 3, 2, 7, 5, 6, 4, 1, 0]
    table = [["more", *(row[i] for i in order)] for row in NEW]
    path = write_csv(tmp_path / "data.csv", table, ["new", *(HEADER[i] for i in order)])
    out = predict(capsys, folder, path)[3]
    np.testing.assert_array_equal(
        column(read(out.read_text("utf-8")), "prediction"), expected(folder, "price")
    )


def test_columns_that_the_model_ignores_may_be_missing(folder, tmp_path, capsys):
    used = [i for i, name in enumerate(HEADER) if name not in ("id", "country", "price", "level")]
    path = write_csv(
        tmp_path / "data.csv", [[row[i] for i in used] for row in NEW], [HEADER[i] for i in used]
    )
    out = predict(capsys, folder, path)[3]
    np.testing.assert_array_equal(
        column(read(out.read_text("utf-8")), "prediction"), expected(folder, "price")
    )


def test_missing_and_renamed_columns_are_listed(folder, tmp_path, capsys):
    header = [
        {"area": "Area", "district": "neighborhood", "sold": "date_sold"}.get(one, one) for one in HEADER
    ]
    path = write_csv(tmp_path / "data.csv", NEW, header)
    status, _, err, _ = predict(capsys, folder, path, out=tmp_path / "out.csv")
    assert status == 2
    assert err == (
        f"localgrad predict: error: {path}: the model needs the columns 'area', 'district', 'sold', "
        "which the table lacks; 'area' may be 'Area', 'sold' may be 'date_sold'\n"
    )
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("place", "text", "message"),
    [
        (2, "large", "column 'area' must hold numbers, as in fit, got 'large'"),
        (2, "012", "column 'area' must hold numbers, as in fit, got '012'"),
        (4, "soon", "column 'sold' must hold dates, as in fit, got 'soon'"),
    ],
)
def test_values_of_another_type_are_reported_with_their_line(place, text, message, folder, tmp_path, capsys):
    table = [list(row) for row in NEW]
    table[7][place] = text
    path = write_csv(tmp_path / "data.csv", table)
    line = 2 + 7 + sum("\n" in row[5] for row in table[:7])
    old = tmp_path / "out.csv"
    old.write_text("old")
    status, _, err, _ = predict(capsys, folder, path, out=old)
    assert (status, err) == (2, f"localgrad predict: error: {path}: line {line}: {message}\n")
    assert old.read_text() == "old"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["data.csv", "out.csv"]


def test_unseen_categories_and_missing_values_are_predicted(folder, tmp_path, capsys):
    table = [list(row) for row in NEW]
    for row in table:
        row[2], row[3], row[4] = "", "a new district", "NA"
    path = write_csv(tmp_path / "data.csv", table)
    status, _, _, out = predict(capsys, folder, path)
    assert status == 0
    np.testing.assert_array_equal(
        column(read(out.read_text("utf-8")), "prediction"), expected(folder, "price", table=table)
    )


def test_blocks_do_not_change_predictions(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("localgrad.cli.tables.delimited._BLOCK", 700)
    found = predict(capsys, folder, folder / "new.csv", "--keep", "id")[3].read_text("utf-8")
    assert [row["id"] for row in read(found)] == [row[0] for row in NEW]
    np.testing.assert_allclose(column(read(found), "prediction"), expected(folder, "price"), rtol=1e-6)


def test_a_column_that_looks_different_in_one_block_is_read_as_in_training(tmp_path, capsys, monkeypatch):
    codes = ["7", "8", "x", "01"]
    table = [[code, i % 4] for i in range(20) for code in codes]
    path = write_csv(tmp_path / "train.csv", [[codes[i % 4], i % 4] for i in range(80)], ["code", "y"])
    model = tmp_path / "model.safetensors"
    assert run(capsys, "train", path, "--target", "y", "--out", model, "--epochs", "20")[0] == 0
    sorted_table = sorted(table)
    data = write_csv(tmp_path / "data.csv", sorted_table, ["code", "y"])
    monkeypatch.setattr("localgrad.cli.tables.delimited._BLOCK", 60)
    out = tmp_path / "out.csv"
    assert run(capsys, "predict", model, data, "-o", out, "--keep", "code")[0] == 0
    classes = {row["code"]: row["prediction"] for row in read(out.read_text("utf-8"))}
    assert classes == {code: str(i) for i, code in enumerate(codes)}


def test_parquet_and_csv_give_the_same_predictions(folder, tmp_path, capsys):
    frame = pd.DataFrame(NEW, columns=HEADER)
    frame["area"] = pd.to_numeric(frame["area"], errors="coerce")
    frame["sold"] = pd.to_datetime(frame["sold"])
    frame["district"] = frame["district"].astype("category")
    frame.index = frame.index + 5  # which pandas adds as a column
    path = tmp_path / "data.parquet"
    frame[10:].to_parquet(path)
    out = predict(capsys, folder, path, "--keep", "sold")[3]
    found = read(out.read_text("utf-8"))
    np.testing.assert_allclose(
        column(found, "prediction"), expected(folder, "price", table=NEW[10:]), rtol=1e-6
    )
    assert found[0]["sold"] == str(frame["sold"].iloc[10])


def test_the_standard_input_is_read(folder, capsys, monkeypatch):
    class Input:
        buffer = io.BytesIO((folder / "new.csv").read_bytes())

    monkeypatch.setattr(sys, "stdin", Input)
    status, *_, out = predict(capsys, folder, "-")
    assert status == 0
    np.testing.assert_array_equal(
        column(read(out.read_text("utf-8")), "prediction"), expected(folder, "price")
    )


BAD_ARGUMENTS = {
    "keep": (["--keep", "ID"], "--keep: {data} has no column 'ID'; did you mean 'id'?"),
    "proba": (["--proba"], "--proba is for classes"),
    "extension": (["-o", "out.xls"], "cannot write out.xls: expected a file name ending in .csv"),
    "compressed parquet": (["-o", "out.parquet.gz"], "cannot write out.parquet.gz"),
    "input": (["-o", "{data}"], "must not be both read and written"),
    "twice": (["--keep", "id", "--keep", "id"], "the columns of the predictions must differ, got 'id' twice"),
    "folder": (["-o", "none/out.csv"], "cannot write none/out.csv: No such file or directory"),
}


@pytest.mark.parametrize("name", BAD_ARGUMENTS)
def test_wrong_arguments_of_predict(name, folder, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options, message = BAD_ARGUMENTS[name]
    data = folder / "new.csv"
    options = [one.format(data=data) for one in options]
    status, _, err = run(capsys, "predict", folder / "price.safetensors", data, *options)
    assert status == 2
    assert message.format(data=data) in err
    assert not list(tmp_path.iterdir())


def test_intervals_need_coverage(folder, capsys):
    status, _, err, _ = predict(capsys, folder, folder / "new.csv", "--interval", model="level")
    assert status == 2
    assert "--interval requires a model trained with --coverage" in err


def test_other_files_are_no_models(folder, tmp_path, capsys):
    lg.Network([2, 1]).save(tmp_path / "net.safetensors")
    localgrad.tabular.TabularRegressor(epochs=1).fit(np.eye(3), [1, 2, 3]).save(
        tmp_path / "array.safetensors"
    )
    cases = {
        tmp_path / "net.safetensors": "a network, not a model of localgrad train\n",
        folder / "new.csv": "not a model of localgrad train: ",
        tmp_path / "none.safetensors": "No such file or directory",
        tmp_path / "array.safetensors": "the model was trained on an array without names of columns",
    }
    for path, message in cases.items():
        status, _, err = run(capsys, "predict", path, folder / "new.csv")
        assert status == 2
        assert err.startswith(f"localgrad predict: error: {path}: {message}")
        assert err.count(str(path)) == 1


def test_evaluate_compares_with_the_targets(folder, capsys):
    status, out, err = run(
        capsys, "evaluate", folder / "price.safetensors", folder / "new.csv", "--json", "-"
    )
    assert status == 0
    assert "new.csv: 50 rows, target 'price'" in err
    results = json.loads(out)
    errors = expected(folder, "price") - [float(row[7]) for row in NEW]
    assert (results["target"], results["rows"]) == ("price", 50)
    assert results["results"]["rmse"] == pytest.approx(np.sqrt(np.mean(errors**2)))
    status, out, _ = run(capsys, "evaluate", folder / "level.safetensors", folder / "new.csv")
    accuracy = np.mean(expected(folder, "level") == [row[8] for row in NEW])
    assert status == 0
    assert f"{accuracy:.4g}" in out.splitlines()[-1].split()


def test_evaluate_reports_what_is_wrong_with_the_targets(folder, tmp_path, capsys):
    table = [list(row) for row in NEW]
    table[0][8] = "huge"
    cases = [
        (HEADER, "price", [], ""),
        (
            HEADER,
            "level",
            [],
            "line 2: column 'level', the target, must be a class of the model ('high', 'low')",
        ),
        (
            [*HEADER[:8], "Level"],
            "level",
            [],
            "needs the column 'level', which the table lacks; 'level' may be",
        ),
        (
            HEADER,
            "price",
            ["--target", "Price"],
            "--target: {path} has no column 'Price'; did you mean 'price'?",
        ),
        (HEADER, "price", ["--target", "level"], "line 2: column 'level', the target, must be a number, got"),
    ]
    for header, model, options, message in cases:
        path = write_csv(tmp_path / "data.csv", table, header)
        status, _, err = run(capsys, "evaluate", folder / f"{model}.safetensors", path, *options)
        assert status == (2 if message else 0)
        assert message.format(path=path) in err


def test_info_describes_models(folder, tmp_path, capsys):
    status, out, _ = run(capsys, "info", folder / "level.safetensors")
    assert status == 0
    for line in ("TabularClassifier", "level", "high, low", "area      numeric"):
        assert line in out
    lg.Network([4, 3, 2], output="softmax").save(tmp_path / "net.safetensors")
    status, out, _ = run(capsys, "info", tmp_path / "net.safetensors", "--json")
    facts = json.loads(out)
    assert (status, facts["model"], facts["sizes"], facts["parameters"]) == (0, "Network", "4-3-2", 23)
    status, _, err = run(capsys, "info", folder / "new.csv")
    assert status == 2
    assert err.startswith(f"localgrad info: error: {folder / 'new.csv'}: not a model: ")
