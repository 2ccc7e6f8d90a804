"""Estimators know how many rows chose the best epoch."""

import numpy as np
import pytest
from localgrad.tabular import TabularRegressor, load

X = np.random.default_rng(0).normal(size=(200, 2))


@pytest.mark.parametrize(
    ("options", "number"),
    [
        ({"validation_fraction": 0.25}, 50),
        ({"validation_fraction": 0.25, "n_ensemble": 2}, 50),
        ({"validation_fraction": 0}, 0),
        ({"validation_fraction": 0.1, "time_ordered": True}, 20),
    ],
)
def test_held_out_rows_are_counted(options, number, tmp_path):
    model = TabularRegressor(epochs=1, random_state=0, **options).fit(X, X[:, 0])
    assert model.validation_rows_ == number
    model.save(tmp_path / "model.safetensors")
    assert load(tmp_path / "model.safetensors").validation_rows_ == number


def test_equal_rows_are_all_counted():
    model = TabularRegressor(epochs=1, validation_fraction=0.5, random_state=0)
    model.fit(np.repeat(X[:50], 4, axis=0), np.repeat(X[:50, 0], 4))
    assert model.validation_rows_ == 100


def test_rows_of_the_validation_data_are_counted():
    model = TabularRegressor(epochs=1, random_state=0).fit(X, X[:, 0], eval_set=(X[:30], X[:30, 0]))
    assert model.validation_rows_ == 30
