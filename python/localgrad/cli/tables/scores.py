"""Scores of predictions, and those of simple methods to compare with."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    log_loss,
    mean_absolute_error,
    r2_score,
    root_mean_squared_error,
)

from localgrad.tabular import TabularClassifier
from localgrad.tabular.preprocessing import Preprocessing
from localgrad.tabular.table import Table

Scores: TypeAlias = dict[str, float | None]

_LINEAR_ROWS = 20_000  # on which the linear model is trained at most, so that it takes seconds
_ITERATIONS = 300
_FEW = 30  # test rows
_NAMES = {
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
    "log_loss": "log loss",
    "balanced_accuracy": "balanced accuracy",
}


def of_classes(classes: NDArray[Any], y: NDArray[Any], probabilities: NDArray[np.float64]) -> Scores:
    """Return the scores of predicted probabilities."""
    predicted = classes[probabilities.argmax(axis=1)]
    with warnings.catch_warnings():
        # A class that is predicted, but does not occur in y.
        warnings.filterwarnings("ignore", "y_pred contains classes not in y_true")
        warnings.filterwarnings("ignore", "A single label was found")
        return {
            "accuracy": float(accuracy_score(y, predicted)),
            "balanced_accuracy": float(balanced_accuracy_score(y, predicted)),
            "log_loss": float(log_loss(y, probabilities, labels=classes)),
        }


def of_numbers(y: NDArray[np.float64], predicted: NDArray[np.float64]) -> Scores:
    """Return the scores of predicted numbers; R² is None for a single row."""
    return {
        "rmse": float(root_mean_squared_error(y, predicted)),
        "mae": float(mean_absolute_error(y, predicted)),
        "r2": float(r2_score(y, predicted)) if len(y) > 1 else None,
    }


def scores_of(model: Any, y: NDArray[Any], outputs: NDArray[np.float64]) -> Scores:
    """Return the scores of probabilities of a classifier, or predictions of a regressor."""
    if isinstance(model, TabularClassifier):
        return of_classes(model.classes_, y, outputs)
    return of_numbers(y, outputs)


def baselines(model: Any, X: Any, y: NDArray[Any], X_test: Any, y_test: NDArray[Any]) -> dict[str, Scores]:
    """Return the scores of a constant prediction and of a linear model, trained on the same rows."""
    classifies = isinstance(model, TabularClassifier)
    empty, empty_test = np.zeros((len(y), 1)), np.zeros((len(y_test), 1))
    constant = DummyClassifier(strategy="prior") if classifies else DummyRegressor()
    linear = LogisticRegression(max_iter=_ITERATIONS) if classifies else Ridge()
    if len(y) > _LINEAR_ROWS:
        some = np.random.default_rng(0).choice(len(y), _LINEAR_ROWS, replace=False)
        if classifies:  # at least one row of each class
            some = np.union1d(some, np.unique(y, return_index=True)[1])
        some = np.sort(some)
        X, y_linear = X.take(some), y[some]
    else:
        y_linear = y
    table = Table.read(X)
    preprocessing = Preprocessing.fit(table, model.columns_, 0)
    read: Callable[[Any], Any] = lambda X: preprocessing.encode(preprocessing.read(X))  # noqa: E731
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = {
            "most frequent class" if classifies else "mean of the target": (
                constant.fit(empty, y),
                empty_test,
            ),
            "linear model": (linear.fit(preprocessing.encode(table), y_linear), read(X_test)),
        }
    return {name: _scores(fitted, inputs, y_test) for name, (fitted, inputs) in found.items()}


def _scores(fitted: Any, inputs: NDArray[Any], y: NDArray[Any]) -> Scores:
    if hasattr(fitted, "predict_proba"):
        return of_classes(fitted.classes_, y, fitted.predict_proba(inputs))
    return of_numbers(y, fitted.predict(inputs))


def print_caution(scores: Mapping[str, Scores], rows: int) -> None:
    """Say if there are few test rows, and which of the simple methods are better than the model."""
    if rows < _FEW:
        print(f"caution: with fewer than {_FEW} rows, these scores may differ much from those of other rows")
    own = next(iter(scores.values()))
    measure = "rmse" if "rmse" in own else "log_loss"
    if better := [name for name, one in scores.items() if _value(one, measure) < _value(own, measure)]:
        print(f"the network is not the best here: the {_NAMES[measure]} of {' and '.join(better)} is lower")


def _value(scores: Scores, name: str) -> float:
    value = scores[name]
    return float("inf") if value is None else value


def score_table(scores: Mapping[str, Scores]) -> str:
    """Return a table with a row for each method.

    Examples
    --------
    >>> print(score_table({"model": {"rmse": 1.0, "r2": None}}))
           RMSE  R²
    model     1   -
    """
    names = list(next(iter(scores.values())))
    cells = [["", *(_NAMES.get(name, name) for name in names)]]
    cells += [[method, *(_shown(one[name]) for name in names)] for method, one in scores.items()]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in cells
    ]
    return "\n".join(lines)


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
