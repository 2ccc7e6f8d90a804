"""An estimator written by an earlier version, which every later version must read."""

import datetime
from pathlib import Path

import numpy as np
from localgrad.tabular import TabularRegressor, load

FILE = Path(__file__).parent / "golden" / "regressor.safetensors"
EXPECTED = np.array(  # predictions and both limits
    [
        [0.93274478, 1.04803498, 1.13602404, 1.23273915, 1.29271594, 1.49539385],
        [-0.12113401, -0.15895466, -0.23522896, -0.26192967, -0.41703316, -0.3724974],
        [2.93714331, 2.9736931, 3.04624204, 3.0838843, 3.23680917, 3.29569958],
    ]
)


def data():
    """Rows with a number, a word, a boolean, a date and a name, most of which may be missing."""
    rows = [
        [i % 7 / 2, "abc"[i % 3], i % 2 == 0, datetime.date(2024, 1 + i % 12, 1 + i % 28), f"row {i}"]
        for i in range(60)
    ]
    for i in range(5, 60, 5):
        rows[i][i % 4] = None
    return rows, [row[0] or 0.5 for row in rows]


def test_the_estimator_can_be_loaded():
    model = load(FILE)
    kinds = ["numeric", "categorical", "boolean", "date", "identifier"]
    assert [column.kind for column in model.columns_] == kinds
    assert len(model.ensemble_.networks) == 2
    rows = data()[0]
    np.testing.assert_allclose(model.predict(rows[:6]), EXPECTED[0], rtol=1e-4)
    np.testing.assert_allclose(model.predict_interval(rows[:6]), EXPECTED[1:].T, rtol=1e-4)


if __name__ == "__main__":  # rewrites the file
    FILE.parent.mkdir(exist_ok=True)
    small = {"hidden_layer_sizes": (4,), "epochs": 8, "bins": 3, "n_ensemble": 2, "coverage": 0.8}
    estimator = TabularRegressor(**small, random_state=0).fit(*data())
    estimator.save(FILE)
    rows = data()[0][:6]
    print(repr(np.vstack([estimator.predict(rows), estimator.predict_interval(rows).T])))
