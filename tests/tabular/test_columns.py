"""Kinds of columns are detected in arrays and data frames, with a reason, and can be set."""

import datetime

import numpy as np
import pandas as pd
import pytest
from localgrad.tabular import TabularRegressor
from localgrad.tabular.columns import detect
from localgrad.tabular.table import Table
from localgrad.tabular.values import values_of
from localgrad.warnings import ColumnWarning

N = 60
RNG = np.random.default_rng(0)
WORDS = np.array(["red", "green", "blue"])[RNG.integers(0, 3, N)]
DAYS = pd.date_range("2024-01-01", periods=N, freq="D")

# values, kind, a part of the reason
CASES = {
    "numbers": (RNG.normal(size=N), "numeric", "numbers"),
    "integers": (np.arange(N), "numeric", "numbers"),
    "gaps": (pd.Series([1, None, 3] * 20, dtype="Int64"), "numeric", "numbers"),
    "only a number and gaps": ([1.0, None] * 30, "numeric", "numbers"),
    "numbers as text": ([str(i / 2) for i in range(N)], "numeric", "numbers"),
    "numbers with marks": (
        ["1", "2.5", "?", "NA", "n/a", "nan", "NULL", "None", "-", "3"] * 6,
        "numeric",
        "",
    ),
    "numbers and a mark": ([1.0, "?", 2.0] * 20, "numeric", "numbers"),
    "dates with marks": (["2024-01-01", "?", "2024-01-02"] * 20, "date", "dates"),
    "marks": (["?", "-"] * 30, "categorical", "text, 2 different values"),
    "codes": ([f"0{i % 5}" for i in range(N)], "categorical", "5 different"),
    "words": (WORDS, "categorical", "text, 3 different values"),
    "words and gaps": ([None, "a"] * 30, "categorical", "1 different value"),
    "declared": (
        pd.Series(RNG.integers(0, 4, N)).astype("category"),
        "categorical",
        "declared as categories",
    ),
    "booleans": (RNG.random(N) > 0.5, "boolean", "booleans"),
    "booleans and gaps": (pd.Series([True, None, False] * 20, dtype="boolean"), "boolean", "booleans"),
    "dates": (DAYS, "date", "dates"),
    "dates as text": (DAYS.strftime("%Y-%m-%d"), "date", "dates"),
    "dates with a zone": (DAYS.tz_localize("Europe/Berlin"), "date", "dates"),
    "python dates": ([datetime.date(2024, 1, 1 + i % 28) for i in range(N)], "date", "dates"),
    "names": ([f"person {i}" for i in range(N)], "identifier", "60 different values in 60 rows"),
    "customer_id": (RNG.permutation(N), "identifier", "name of an identifier"),
    "Unnamed: 0": (np.arange(N), "identifier", "name of an identifier"),
    "PAID": (np.arange(N), "numeric", "numbers"),
    "customerID": (np.arange(N), "identifier", "name of an identifier"),
    "group_id": (RNG.integers(0, 5, N), "numeric", "numbers"),
    "one value": (["x"] * N, "constant", "the value 'x' only"),
    "nothing": ([None] * N, "constant", "only missing values"),
}


@pytest.mark.parametrize("name", CASES)
def test_detected_kinds(name):
    values, kind, reason = CASES[name]
    table = Table.read(pd.DataFrame({name: values}))
    (column,) = detect(table.names, table.columns, {})
    assert (column.name, column.kind) == (name, kind)
    assert reason in column.reason


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_data_frames_of_other_libraries_give_the_same_predictions(library):
    module = pytest.importorskip(library)
    data = {
        "number": [1.0, None, 3.0, 4.5] * 12,
        "count": [1, 2, None, 4] * 12,
        "word": ["a", "b", None, "c"] * 12,
        "yes": [True, False, True, None] * 12,
        "day": [datetime.date(2024, 1 + i % 12, 5) for i in range(48)],
    }
    y = np.arange(48.0)
    plain = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in data.items()})
    expected = TabularRegressor(epochs=2, random_state=0).fit(plain, y)
    frame = module.table(data) if library == "pyarrow" else module.DataFrame(data)
    model = TabularRegressor(epochs=2, random_state=0).fit(frame, y)
    kinds = ["numeric", "numeric", "categorical", "boolean", "date"]
    assert [column.kind for column in model.columns_] == kinds
    np.testing.assert_array_equal(model.predict(frame), expected.predict(plain))


def test_kinds_can_be_set_by_name_and_number():
    X = pd.DataFrame({"a": [1, 2, 3, 4] * 5, "b": [1, 2, 3, 4] * 5, "c": [1, 2, 3, 4] * 5})
    model = TabularRegressor(columns={"a": "categorical", 1: "identifier"}, epochs=1).fit(X, range(20))
    assert [column.kind for column in model.columns_] == ["categorical", "identifier", "numeric"]
    assert model.columns_[0].reason == "as requested"


@pytest.mark.parametrize(
    ("columns", "error", "match"),
    [
        ({"z": "numeric"}, ValueError, "columns keys must be names or numbers of columns of X, got 'z'"),
        ({"a": "numbers"}, ValueError, r"columns\['a'\] must be one of .*'numeric'.*got 'numbers'"),
        (["a"], TypeError, "columns must be a dict of names and kinds"),
        (
            {"a": "numeric"},
            ValueError,
            "X column 'a' must hold numbers, as columns requests, got 'x' at row 0",
        ),
        ({True: "numeric"}, TypeError, "columns keys must be names or numbers of columns of X, got True"),
    ],
)
def test_wrong_kinds_raise_errors(columns, error, match):
    X = pd.DataFrame({"a": ["x", "y"] * 5})
    with pytest.raises(error, match=match):
        TabularRegressor(columns=columns, epochs=1).fit(X, range(10))


def test_labels_take_precedence_over_numbers():
    X = pd.DataFrame({1: [1, 2, 3, 4] * 5, 0: [1, 2, 3, 4] * 5})
    model = TabularRegressor(columns={1: "categorical"}, epochs=1).fit(X, range(20))
    assert [column.kind for column in model.columns_] == ["categorical", "numeric"]


def test_errors_name_rows_of_the_table():
    X = pd.DataFrame({"a": ["2"] * 20 + ["1"] * 20 + ["x"]})
    with pytest.raises(ValueError, match="got 'x' at row 40"):
        TabularRegressor(columns={"a": "numeric"}).fit(X, [0.0] * 41, sample_weight=[0.0] * 9 + [1.0] * 32)


def test_categories_that_are_equal_as_numbers_are_not_merged():
    X = pd.DataFrame({"code": ["1.10", "1.1", "2"] * 20})
    model = TabularRegressor(columns={"code": "categorical"}, epochs=1).fit(X, [0.0] * 60)
    assert model._preprocessing.encoders[0].names == ("1.1", "1.10", "2")


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1", "-2.5", "+3e4", ".5", "6.", " 7 ", "NA", ""], "number"),
        (["1", "02"], "text"),
        (["1", "1_2"], "text"),
        (["1", "0x2"], "text"),
        (["1", "1e999"], "text"),
        (["1", "inf"], "text"),
        (["2024-01-01", "2024-01-01 12:30", "?"], "date"),
        (["2024-01-01", "1"], "text"),
    ],
)
def test_text_is_read_as_numbers_or_dates_if_all_of_it_can_be(texts, kind):
    assert values_of(np.array(texts, object), "X").kind == kind


@pytest.mark.filterwarnings("always")
def test_blemished_numbers_and_dates_are_reported():
    X = pd.DataFrame(
        {
            "size": ["7", *map(str, range(28)), "about 9"],
            "day": ["soon", *DAYS[:29].strftime("%Y-%m-%d")],
            "zip": ["01234", *map(str, range(10001, 10030))],
            "name": [f"a {i}" for i in range(30)],
            "other": [f"b {i}" for i in range(30)],
            "known": [f"c {i}" for i in range(30)],
        }
    )
    with pytest.warns(ColumnWarning) as caught:
        TabularRegressor(columns={"known": "identifier"}, epochs=1).fit(X, range(30))
    size, day, rest = [str(one.message) for one in caught]
    assert (
        "'size' is read as text and ignored, because not all values are numbers, got 'about 9' at row 29"
        in size
    )
    assert "'day' is read as text and ignored, because not all values are dates, got 'soon' at row 0" in day
    assert "ignored, because nearly every row has its own text: 'zip', 'name', 'other'; columns=" in rest


def test_columns_print_as_a_table():
    X = pd.DataFrame({"id": range(30), "size": [0.5, 1.5] * 15})
    model = TabularRegressor(epochs=1).fit(X, range(30))
    assert repr(model.columns_) == (
        "id    identifier  integers, different in each row, and the name of an identifier\n"
        "size  numeric     numbers"
    )
