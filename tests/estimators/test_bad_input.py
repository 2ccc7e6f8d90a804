"""Invalid arguments and data raise errors that name them, in both estimators."""

import warnings

import numpy as np
import pytest
from localgrad.sklearn import MLPClassifier, MLPRegressor
from sklearn.exceptions import NotFittedError

X = np.random.default_rng(0).normal(size=(20, 3))
Y = np.arange(20) % 2

SETTINGS = [
    ({"hidden_layer_sizes": 0}, ValueError, "hidden_layer_sizes must be at least 1, got 0"),
    ({"hidden_layer_sizes": (5, -1)}, ValueError, r"hidden_layer_sizes\[1\] must be at least 1, got -1"),
    ({"hidden_layer_sizes": "10"}, TypeError, "hidden_layer_sizes must be an int"),
    ({"hidden_layer_sizes": (2.5,)}, TypeError, r"hidden_layer_sizes\[0\] must be an int, got 2.5"),
    ({"activation": "relus"}, ValueError, "activation must be one of .*did you mean 'relu'"),
    ({"activation": ["relu", "tanh"]}, ValueError, "activation"),
    ({"activation": 3}, TypeError, "activation"),
    ({"solver": "newton"}, ValueError, "solver must be one of 'lbfgs', 'sgd', 'adam', got 'newton'"),
    ({"alpha": -1}, ValueError, "alpha must be finite and at least 0.0, got -1"),
    ({"alpha": "0"}, TypeError, "alpha must be a number"),
    ({"batch_size": 0}, ValueError, "batch_size must be at least 1, got 0"),
    ({"batch_size": "all"}, ValueError, "batch_size must be one of 'auto', got 'all'"),
    ({"batch_size": 2.0}, TypeError, "batch_size must be an int"),
    ({"learning_rate": "fast"}, ValueError, "learning_rate must be one of"),
    ({"learning_rate_init": 0}, ValueError, "learning_rate_init must be finite and above 0.0, got 0"),
    ({"power_t": np.nan}, ValueError, "power_t must be finite"),
    ({"max_iter": 0}, ValueError, "max_iter must be at least 1, got 0"),
    ({"max_iter": 1.5}, TypeError, "max_iter must be an int, got 1.5"),
    ({"shuffle": "no"}, TypeError, "shuffle must be a bool"),
    ({"random_state": "seed"}, ValueError, "random_state must be an int .*, got 'seed'"),
    ({"tol": -1e-4}, ValueError, "tol must be finite and at least 0.0"),
    ({"verbose": None}, TypeError, "verbose"),
    ({"warm_start": 1}, TypeError, "warm_start must be a bool"),
    ({"momentum": 1.1}, ValueError, "momentum must be in"),
    ({"nesterovs_momentum": "yes"}, TypeError, "nesterovs_momentum must be a bool"),
    ({"early_stopping": 0}, TypeError, "early_stopping must be a bool"),
    ({"validation_fraction": 1.0}, ValueError, "validation_fraction must be in"),
    (
        {"early_stopping": True, "validation_fraction": 0.05},
        ValueError,
        "validation set is too small|test_size",
    ),
    ({"beta_1": 1.0}, ValueError, "beta_1 must be in"),
    ({"beta_2": -0.1}, ValueError, "beta_2 must be in"),
    ({"epsilon": 0}, ValueError, "epsilon must be finite and above 0.0"),
    ({"n_iter_no_change": 0}, ValueError, "n_iter_no_change must be at least 1"),
    ({"n_iter_no_change": 1.5}, TypeError, "n_iter_no_change must be an int"),
    ({"max_fun": 0}, ValueError, "max_fun must be at least 1"),
    ({"optimizer": "adamant"}, ValueError, "optimizer must be one of"),
    ({"optimizer": 0.1}, TypeError, "optimizer must be an object"),
    ({"schedule": 3}, TypeError, "schedule must be"),
    ({"init": "big"}, ValueError, "init must be one of"),
    ({"dropout": 1.0}, ValueError, "dropout must be"),
    ({"input_noise": -1.0}, ValueError, "input_noise must be"),
    ({"l1": -1.0}, ValueError, "l1 must be"),
    ({"l2": [1.0]}, ValueError, "l2 must be a number or have length 2"),
    ({"l2": "1"}, TypeError, "l2 must be"),
    ({"max_norm": 0.0}, ValueError, "max_norm must be"),
    ({"weight_lr_factor": -1.0}, ValueError, "weight_lr_factor must be"),
    ({"metrics": "nothing"}, ValueError, "nothing"),
    ({"callbacks": 3}, TypeError, "callbacks must be a sequence"),
    ({"time_limit": 0}, ValueError, "time_limit must be"),
    ({"n_threads": 0}, ValueError, "n_threads must be at least 1"),
    ({"checkpoint": 3}, TypeError, "checkpoint must be"),
    ({"checkpoint_every": 0}, ValueError, "checkpoint_every must be at least 1"),
    ({"progress": 2}, TypeError, "progress must be a bool"),
    ({"dtype": "float16"}, ValueError, "dtype must be"),
]

DATA = [
    ((X[:5], Y), {}, ValueError, "inconsistent numbers of samples"),
    ((X[0], Y), {}, ValueError, "Expected 2D array"),
    ((X[:0], Y[:0]), {}, ValueError, "0 sample"),
    ((np.full((20, 3), np.nan), Y), {}, ValueError, "NaN"),
    ((np.full((20, 3), "a"), Y), {}, ValueError, "could not convert|dtype"),
    ((X, None), {}, ValueError, "y"),
    ((X, Y), {"sample_weight": np.ones(5)}, ValueError, "sample_weight"),
    ((X, Y), {"sample_weight": -np.ones(20)}, ValueError, "sample_weight must be at least 0, got -1"),
    ((X, Y), {"sample_weight": np.zeros(20)}, ValueError, "[Ss]ample.weight"),
    ((X, Y), {"eval_set": (X,)}, ValueError, "eval_set must be"),
    ((X, Y), {"eval_set": X}, ValueError, "eval_set must be"),
    ((X, Y), {"eval_set": (X[:, :2], Y)}, ValueError, "2 features, but .* is expecting 3"),
    ((X, Y), {"eval_set": [(X, Y), (X, Y)]}, ValueError, r"eval_set must be a single \(X, y\), got 2"),
]


def fitted(estimator, *data, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return estimator.fit(*data, **options)


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize(("settings", "error", "text"), SETTINGS, ids=lambda value: str(value)[:40])
def test_invalid_settings(kind, settings, error, text):
    with pytest.raises(error, match=text):
        fitted(kind(**{"max_iter": 2, **settings}), X, Y)


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize(("data", "options", "error", "text"), DATA, ids=range(len(DATA)))
def test_invalid_data(kind, data, options, error, text):
    with pytest.raises(error, match=text):
        fitted(kind(max_iter=2), *data, **options)


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_invalid_data_for_a_fitted_estimator(kind):
    model = fitted(kind(max_iter=2), X, Y)
    for data, text in (
        (X[:, :2], "2 features, but .* is expecting 3"),
        (X[0], "2D array"),
        (np.where(X[0, 0] == X, np.inf, X), "infinity"),
    ):
        with pytest.raises(ValueError, match=text):
            model.predict(data)
    with pytest.raises(ValueError, match="early_stopping"):
        model.set_params(early_stopping=True).partial_fit(X, Y)


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_unknown_keywords(kind):
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'max_iters'.*did you mean 'max_iter'"):
        kind(max_iters=3)
    with pytest.raises(ValueError, match="Invalid parameter 'epochs'"):
        kind().set_params(epochs=3)


@pytest.mark.parametrize(
    ("settings", "targets", "error", "text"),
    [
        ({"cost": "gini"}, Y, ValueError, "cost must be one of"),
        ({"class_weight": "even"}, Y, ValueError, "class_weight must be 'balanced' or a dict, got 'even'"),
        ({"class_weight": {2: 1.0}}, Y, ValueError, "class_weight keys must be labels in .*, got 2"),
        ({"class_weight": {1: -1.0}}, Y, ValueError, r"class_weight\[1\] must be"),
        ({"class_weight": [1, 2]}, Y, TypeError, "class_weight must be 'balanced' or a dict"),
        (
            {"class_weight": "balanced"},
            np.eye(20, 3),
            ValueError,
            "class_weight does not support several labels",
        ),
        ({}, X[:, 0], ValueError, "Unknown label type"),
        ({}, np.arange(40).reshape(20, 2), ValueError, "multiclass-multioutput"),
    ],
)
def test_invalid_classes(settings, targets, error, text):
    with pytest.raises(error, match=text):
        fitted(MLPClassifier(max_iter=2, **settings), X, targets)


@pytest.mark.parametrize(
    ("loss", "targets", "error", "text"),
    [
        ("cubes", Y, ValueError, "loss must be one of 'squared_error', 'mse', .*, got 'cubes'"),
        ("cross_entropy", Y, ValueError, "loss must be one of .*, got 'cross_entropy'"),
        (None, Y, TypeError, "loss must be one of .*, got None"),
        ((64, 64), Y, TypeError, r"loss must be one of .*, got \(64, 64\)"),
        ("poisson", -1.0 - Y, ValueError, "y must be at least 0 for the cost .poisson., got -1 at row 0"),
        ("squared_error", np.full(20, "a"), TypeError, "y must hold real numbers"),
    ],
)
def test_invalid_targets_of_a_regressor(loss, targets, error, text):
    with pytest.raises(error, match=text):
        fitted(MLPRegressor(loss, max_iter=2), X, targets)


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_weights_of_the_validation_set_must_not_all_be_0(kind):
    model = kind(max_iter=2, early_stopping=True, random_state=0)
    with pytest.raises(ValueError, match="above 0 for at least 1 example of the validation set, got 0"):
        fitted(model, X, Y, sample_weight=np.eye(20)[3])


@pytest.mark.parametrize(
    ("coefs", "intercepts", "text"),
    [
        ([np.ones((3, 2)), np.ones((2, 1))], None, "intercepts_ must have length 2, .* got 0"),
        (
            [np.ones((4, 2)), np.ones((2, 1))],
            [np.ones(2), [1]],
            r"coefs_\[0\] must have shape \(3, 2\), got \(4, 2\)",
        ),
    ],
)
def test_invalid_assigned_parameters(coefs, intercepts, text):
    model = MLPRegressor(hidden_layer_sizes=2)
    model.coefs_ = coefs
    if intercepts:
        model.intercepts_ = intercepts
    with pytest.raises(ValueError, match=text):
        model.partial_fit(X, Y)
    model = fitted(MLPRegressor(hidden_layer_sizes=2, max_iter=2), X, Y)
    before = model.network_.parameters.copy()
    with pytest.raises(ValueError, match=r"coefs_\[1\] must have shape \(2, 1\), got \(1, 2\)"):
        model.coefs_ = [np.ones((3, 2)), np.ones((1, 2))]
    assert (model.network_.parameters == before).all()


CHANGED = [
    (
        {"hidden_layer_sizes": (7,)},
        r"hidden_layer_sizes must be \(100,\), as in the previous fit, got \(7,\)",
    ),
    ({"activation": "tanh"}, "activation must be .*'relu'.*, as in the previous fit, got .*'tanh'"),
    ({"dropout": 0.5}, "dropout must be .*, as in the previous fit"),
    ({"standardize": True}, "standardize must be False, as in the previous fit, got True"),
]


@pytest.mark.parametrize(
    ("kind", "change", "text"),
    [(kind, *case) for kind in (MLPClassifier, MLPRegressor) for case in CHANGED]
    + [
        (MLPRegressor, {"loss": "huber(2)"}, "loss must be 'mse', as in the previous fit, got 'huber"),
        (
            MLPClassifier,
            {"cost": "cross_entropy(0.1)"},
            "cost must be 'cross_entropy', as in the previous fit",
        ),
    ],
)
def test_continued_training_requires_the_same_network(kind, change, text):
    model = fitted(kind(max_iter=2, warm_start=True, random_state=0), X, Y).set_params(**change)
    before = model.network_.parameters.copy()
    for method in (model.fit, model.partial_fit):
        with pytest.raises(ValueError, match=text):
            method(X, Y)
    assert (model.network_.parameters == before).all()


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_an_invalid_first_fit_leaves_an_unfitted_estimator(method):
    model = MLPClassifier(max_iter=2, dropout=2.0, random_state=0)
    classes = {"classes": [0, 1, 2]} if method == "partial_fit" else {}
    with pytest.raises(ValueError, match="dropout must be"):
        getattr(model, method)(X, Y, **classes)
    assert not hasattr(model, "classes_")
    with pytest.raises(NotFittedError):
        model.predict(X)
    model.set_params(dropout=0.0).partial_fit(X[:, :2], Y, classes=[0, 1])
    assert model.n_features_in_ == 2


def test_an_invalid_second_fit_keeps_the_fitted_estimator():
    three = np.arange(20) % 3
    model = fitted(MLPClassifier(max_iter=2, random_state=0), X, three)
    before = model.predict_proba(X)
    with pytest.raises(ValueError, match="dropout must be"):
        model.set_params(dropout=2.0).fit(X[:, :2], Y)
    assert model.classes_.tolist() == [0, 1, 2]
    assert (model.predict_proba(X) == before).all()
