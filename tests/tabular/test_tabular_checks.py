"""scikit-learn's own checks of estimators, and its tools for inspecting them."""

import numpy as np
import pytest
from localgrad.tabular import TabularClassifier, TabularRegressor
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

ESTIMATORS = [
    TabularClassifier(epochs=16, hidden_layer_sizes=(32, 32)),
    TabularRegressor(epochs=16, hidden_layer_sizes=(32, 32)),
]


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(ESTIMATORS)
def test_check_estimator(estimator, check):
    check(estimator)


def problem(n=300):
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (n, 3))
    return X, 2 * X[:, 0] + X[:, 1] ** 2


def test_permutation_importance_and_partial_dependence():
    X, y = problem()
    model = TabularRegressor(random_state=0).fit(X, y)
    importances = permutation_importance(model, X, y, n_repeats=2, random_state=0).importances_mean
    assert importances[0] > importances[1] > 10 * abs(importances[2])
    found = partial_dependence(model, X, [0], grid_resolution=5)
    slope = np.ptp(found["average"][0]) / np.ptp(found["grid_values"][0])
    assert slope == pytest.approx(2, abs=0.4)


def test_cross_validation_and_grid_search():
    X, y = problem()
    model = TabularRegressor(epochs=16, random_state=0)
    assert cross_val_score(model, X, y, cv=3).min() > 0.9
    search = GridSearchCV(model, {"epochs": [1, 16]}, cv=2).fit(X, y)
    assert search.best_params_ == {"epochs": 16}
