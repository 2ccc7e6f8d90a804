"""Invalid arguments and data raise errors that name them."""

import numpy as np
import pytest
from localgrad.tabular import TabularClassifier, TabularRegressor

X = np.random.default_rng(0).normal(size=(60, 3))
Y = np.arange(60) % 2

BOTH = [
    ({"hidden_layer_sizes": (8, 0)}, ValueError, r"hidden_layer_sizes\[1\] must be at least 1, got 0"),
    ({"activation": "relus"}, ValueError, "activation must be one of .*did you mean 'relu'"),
    ({"learning_rate": 0}, ValueError, "learning_rate must be finite and above 0.0, got 0"),
    ({"epochs": 0}, ValueError, "epochs must be at least 1, got 0"),
    ({"batch_size": 2.5}, TypeError, "batch_size must be an int, got 2.5"),
    ({"bins": -1}, ValueError, "bins must be at least 0, got -1"),
    ({"dropout": 1.0}, ValueError, r"dropout must be in \[0.0, 1.0\), got 1.0"),
    ({"weight_decay": -1}, ValueError, "weight_decay must be finite and at least 0.0, got -1"),
    ({"n_ensemble": 0}, ValueError, "n_ensemble must be at least 1, got 0"),
    ({"validation_fraction": 1.0}, ValueError, "validation_fraction must be in"),
    ({"time_ordered": "yes"}, TypeError, "time_ordered must be a bool"),
    ({"time_limit": 0}, ValueError, "time_limit must be finite and above 0.0, got 0"),
    ({"n_threads": 0}, ValueError, "n_threads must be"),
    ({"verbose": None}, TypeError, "verbose must be"),
]
OF_CLASSIFIER = [
    ({"label_smoothing": 1.0}, ValueError, "label_smoothing must be in"),
    ({"class_weight": "even"}, ValueError, "class_weight must be 'balanced' or a dict, got 'even'"),
    ({"class_weight": {7: 1.0}}, ValueError, r"class_weight keys must be labels in \[0, 1\].*, got 7"),
    ({"calibrate": 1}, TypeError, "calibrate must be a bool"),
]
OF_REGRESSOR = [({"coverage": 1.0}, ValueError, "coverage must be in")]
CASES = [
    *((kind, *case) for kind in (TabularClassifier, TabularRegressor) for case in BOTH),
    *((TabularClassifier, *case) for case in OF_CLASSIFIER),
    *((TabularRegressor, *case) for case in OF_REGRESSOR),
]


@pytest.mark.parametrize(("kind", "arguments", "error", "match"), CASES)
def test_arguments_are_checked(kind, arguments, error, match):
    model = kind(**{"epochs": 1, **arguments})
    with pytest.raises(error, match=match):
        model.fit(X, Y)
    assert not hasattr(model, "ensemble_")


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"sample_weight": -np.ones(60)}, "sample_weight must be at least 0 and not all 0"),
        ({"groups": [1, 2]}, r"groups must have shape \(60,\)"),
        ({"groups": ["a"] * 60}, "groups must have at least 2 different values"),
        ({"eval_set": X}, r"eval_set must be \(X, y\) or \(X, y, sample_weight\)"),
        ({"eval_set": (X[:, :2], Y)}, "features"),
        ({"eval_set": (X, Y + 1)}, r"y must contain the classes \[0, 1\].*, got 2 at row 1"),
    ],
)
def test_arguments_of_fit_are_checked(arguments, match):
    with pytest.raises(ValueError, match=match):
        TabularClassifier(epochs=1).fit(X, Y, **arguments)


@pytest.mark.parametrize(
    ("kind", "y", "match"),
    [
        (
            TabularClassifier,
            ["a", None, "b"] * 20,
            "y must hold strings in all rows or in none, got None at row 1",
        ),
        (
            TabularClassifier,
            [None, "a", "b"] * 20,
            "y must hold strings in all rows or in none, got None at row 0",
        ),
        (TabularClassifier, np.array(["a"] * 60), "y must contain at least 2 classes, got 1 class, 'a'"),
        (TabularClassifier, Y.astype("M8[D]"), "y must hold numbers, booleans or strings"),
        (TabularRegressor, ["1", "a", "2"] * 20, "y must hold numbers, got 'a' at row 1; TabularClassifier"),
        (TabularRegressor, [1e300, -1e300] * 30, "y must have a finite variance, got values from -1e"),
    ],
)
def test_bad_targets_raise_errors(kind, y, match):
    y = np.array(y, object) if None in list(y) else y
    with pytest.raises(ValueError, match=match):
        kind(epochs=1).fit(X, y)


@pytest.mark.parametrize(
    ("values", "match"),
    [
        (np.full((60, 1), np.inf), "X column 'x0' must be finite or missing, got inf at row 0"),
        (np.zeros((60, 1), complex), "Complex data not supported"),
        (np.zeros((60, 1), "m8[s]"), "x0"),
        (np.zeros((60, 1, 1)), "dim"),
    ],
)
def test_bad_tables_raise_errors(values, match):
    with pytest.raises((TypeError, ValueError), match=match):
        TabularClassifier(epochs=1).fit(values, Y)


def test_lazy_and_empty_frames_raise_errors():
    polars = pytest.importorskip("polars")
    with pytest.raises(TypeError, match=r"X must be in memory, got a LazyFrame; call collect\(\) first"):
        TabularClassifier().fit(polars.DataFrame({"a": [1, 2]}).lazy(), [0, 1])
    with pytest.raises(ValueError, match="X must have at least 1 row, got 0"):
        TabularClassifier().fit(polars.DataFrame({"a": []}), [])
