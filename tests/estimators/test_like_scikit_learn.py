"""The estimators compute what scikit-learn's of the same name compute."""

import warnings

import numpy as np
import pytest
import sklearn.neural_network as theirs
from localgrad import sklearn as ours
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_iris, make_multilabel_classification, make_regression
from sklearn.exceptions import ConvergenceWarning

IRIS, SPECIES = load_iris(return_X_y=True)
X, Y = make_regression(150, 5, n_targets=2, noise=1.0, random_state=0)
Y /= 50
LABELED, SEVERAL = make_multilabel_classification(100, 5, n_classes=3, random_state=0)
COUNTS = np.random.default_rng(0).poisson(2.0, 150)
WEIGHTS = np.random.default_rng(1).uniform(0.5, 2.0, 150)

CASES = {
    "classes": ("MLPClassifier", IRIS, SPECIES, {}),
    "two classes": ("MLPClassifier", IRIS, SPECIES == 1, {}),
    "several labels": ("MLPClassifier", LABELED, SEVERAL, {}),
    "numbers": ("MLPRegressor", X, Y[:, 0], {}),
    "several numbers": ("MLPRegressor", X, Y, {}),
    "counts": ("MLPRegressor", X, COUNTS, {"loss": "poisson"}),
}
# Without mini-batches the order of the examples has no effect, and scikit-learn's numbers can be compared.
SOLVERS = {
    "adam": {"epsilon": 1e-20},  # its place in the formula differs
    "sgd": {"solver": "sgd", "learning_rate_init": 0.01},
    "momentum": {"solver": "sgd", "nesterovs_momentum": False, "momentum": 0.5},
    "inverse scaling": {"solver": "sgd", "learning_rate": "invscaling", "momentum": 0.0, "power_t": 0.3},
    "scaled momentum": {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 0.01},
    "adaptive": {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.1, "n_iter_no_change": 2},
    "early stopping": {"early_stopping": True, "epsilon": 1e-20},
    "lbfgs": {"solver": "lbfgs", "max_iter": 10},
}


def both(name, data, targets, arguments, **fit):
    """Fit both estimators."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return [
            getattr(module, name)((10,), batch_size=len(data), random_state=3, **arguments).fit(
                data, targets, **fit
            )
            if name == "MLPClassifier"
            else getattr(module, name)(
                hidden_layer_sizes=(10,), batch_size=len(data), random_state=3, **arguments
            ).fit(data, targets, **fit)
            for module in (ours, theirs)
        ]


@pytest.mark.filterwarnings("ignore:Got `batch_size`")
@pytest.mark.parametrize("activation", ["relu", "logistic"])
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("case", CASES)
def test_same_numbers_without_mini_batches(case, solver, activation):
    if (case, solver) == ("several numbers", "lbfgs"):
        pytest.skip("the gradient of scikit-learn is not that of its loss")
    name, data, targets, arguments = CASES[case]
    settings = {"max_iter": 30, "alpha": 0.5, "activation": activation} | SOLVERS[solver]
    a, b = both(name, data, targets, arguments | settings)
    for one, other in zip(a.coefs_ + a.intercepts_, b.coefs_ + b.intercepts_, strict=True):
        assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    assert_allclose(a.loss_, b.loss_, rtol=1e-6)
    assert_allclose(a.predict(data), b.predict(data), rtol=1e-5, atol=1e-5)
    for attribute in ("n_iter_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"):
        assert getattr(a, attribute) == getattr(b, attribute), attribute
    if solver != "lbfgs":
        assert a.t_ == b.t_
        assert_allclose(a.loss_curve_, b.loss_curve_, rtol=1e-6)
        for attribute in ("best_loss_", "validation_scores_", "best_validation_score_"):
            one, other = getattr(a, attribute), getattr(b, attribute)
            assert (one is None) == (other is None), attribute
            if other is not None:
                assert_allclose(one, other, rtol=1e-5, err_msg=attribute)
    if name == "MLPClassifier":
        assert_array_equal(a.classes_, b.classes_)
        assert_allclose(a.predict_proba(data), b.predict_proba(data), atol=1e-5)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("case", ["classes", "two classes", "numbers", "counts"])
def test_same_numbers_with_sample_weights(case, solver):
    name, data, targets, arguments = CASES[case]
    settings = {"max_iter": 20, "alpha": 0.5, "solver": solver, "epsilon": 1e-20}
    a, b = both(name, data, targets, arguments | settings, sample_weight=WEIGHTS)
    assert_allclose(a.coefs_[0], b.coefs_[0], rtol=1e-5, atol=1e-6)
    assert_allclose(a.loss_, b.loss_, rtol=1e-6)


@pytest.mark.parametrize("rate", [{"learning_rate": "invscaling"}, {"learning_rate": "adaptive", "tol": 1.0}])
def test_partial_fit_changes_the_rate_in_the_same_way(rate):
    settings = {"solver": "sgd", "learning_rate_init": 0.1, "batch_size": len(IRIS), "n_iter_no_change": 2}
    a, b = (module.MLPClassifier((8,), random_state=0, **settings, **rate) for module in (ours, theirs))
    for _ in range(15):
        for one in (a, b):
            one.partial_fit(IRIS, SPECIES, classes=[0, 1, 2])
    assert_allclose(a.coefs_[0], b.coefs_[0], rtol=1e-9)
    assert_allclose(a.loss_curve_, b.loss_curve_, rtol=1e-9)


@pytest.mark.parametrize("rate", ["invscaling", "adaptive"])
def test_momentum_is_the_same_after_resuming(rate, tmp_path):
    path = tmp_path / "state"
    settings = {"solver": "sgd", "learning_rate": rate, "tol": 1.0, "n_iter_no_change": 2, "random_state": 0}

    def fit(epochs, **more):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return ours.MLPClassifier((8,), max_iter=epochs, **settings, **more).fit(IRIS, SPECIES)

    fit(6, checkpoint=path, checkpoint_every=1)
    assert_array_equal(fit(12, resume=path).network_.parameters, fit(12).network_.parameters)
