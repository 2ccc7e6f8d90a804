"""The penguins of the tutorial: the learning curve, and predicted against actual weights."""

import warnings
from pathlib import Path

from localgrad import plot
from localgrad.cli.tables.charts import draw_learning_curves
from localgrad.cli.tables.split import test_rows
from localgrad.tabular import TabularRegressor
from pyarrow import compute, csv

from pictures.style import figure

_FILE = Path(__file__).parents[2] / "examples" / "penguins.csv"
_TARGET = "Body Mass (g)"
_IGNORED = ("studyName", "Sample Number", "Individual ID", "Comments")


def draw(folder: Path) -> None:
    """Train as the command of the tutorial does, and draw what its option `--plot` draws."""
    table = csv.read_csv(_FILE)
    table = table.filter(compute.is_valid(table[_TARGET]))
    y = table[_TARGET].to_numpy().astype(float)
    X = table.drop_columns([_TARGET])
    held = test_rows(y, 0.2, 0, classes=False)
    kinds = dict.fromkeys(_IGNORED, "identifier")
    model = TabularRegressor(columns=kinds, n_ensemble=8, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the columns
        model.fit(X.filter(~held), y[~held])
    with figure(folder / "penguins.svg", 3.2) as drawn:
        curves, predictions = drawn.subplots(1, 2)
        draw_learning_curves(curves, model)
        plot.predictions(y[held], model.predict(X.filter(held)), name="mass (g)", ax=predictions)
        predictions.grid(alpha=0.3)
