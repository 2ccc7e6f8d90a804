"""What the estimators do beyond scikit-learn's, and in its surroundings."""

import copy
import os
import pickle
import signal
import threading
import warnings

import joblib
import localgrad as lg
import numpy as np
import pytest
from localgrad.sklearn import MLPClassifier, MLPRegressor
from localgrad.sklearn.training import threads
from numpy.testing import assert_allclose, assert_array_equal
from programs import run
from scipy.sparse import csr_array, csr_matrix
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris, make_regression
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.inspection import permutation_importance
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

IRIS, SPECIES = load_iris(return_X_y=True)
IRIS = StandardScaler().fit_transform(IRIS)
NAMES = np.array(["setosa", "versicolor", "virginica"])[SPECIES]
X, Y = make_regression(120, 4, noise=1.0, random_state=0)
Y /= 50

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_labels_are_strings_everywhere():
    model = MLPClassifier(
        early_stopping=True,
        class_weight={"setosa": 2.0},
        random_state=0,
        max_iter=20,
        learning_rate_init=0.01,
    )
    model.fit(IRIS, NAMES, eval_set=(IRIS, NAMES))
    assert set(model.predict(IRIS)) <= set(NAMES)
    assert model.score(IRIS, NAMES) == model.history_["val_accuracy"][np.argmax(model.validation_scores_)]
    again = MLPClassifier(random_state=0).partial_fit(IRIS, NAMES, classes=np.unique(NAMES))
    assert_array_equal(again.classes_, np.unique(NAMES))


def test_network_and_views():
    model = MLPRegressor(max_iter=3, hidden_layer_sizes=(5,), random_state=0).fit(X, Y)
    assert isinstance(model.network_, lg.Network)
    assert [w.shape for w in model.coefs_] == [(4, 5), (5, 1)]
    before = model.predict(X)
    model.coefs_[1][...] *= 2
    model.intercepts_[1] = model.intercepts_[1] * 2
    assert_allclose(model.predict(X), 2 * before)
    model.coefs_ = [np.zeros_like(w) for w in model.coefs_]
    assert_allclose(model.predict(X), model.intercepts_[1][0])
    assert type(pickle.loads(pickle.dumps(model.coefs_))) is list


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_type_follows_the_data(dtype):
    model = MLPRegressor(max_iter=2, random_state=0).fit(X.astype(dtype), Y)
    assert model.network_.dtype == dtype
    assert model.predict(X).dtype == dtype
    other = np.float64 if dtype == np.float32 else np.float32
    assert MLPRegressor(max_iter=2, dtype=other).fit(X.astype(dtype), Y).network_.dtype == other
    assert MLPRegressor(max_iter=2).fit((10 * X).astype(np.int8), Y).network_.dtype == np.float64


def test_arguments_of_localgrad_reach_the_network():
    class Epochs(lg.callbacks.Callback):
        seen = 0

        def on_epoch_end(self, training):
            Epochs.seen = training.epoch

    model = MLPClassifier(
        (8, 6),
        activation=["gelu", "logistic"],
        optimizer=lg.Lion(0.01),
        schedule=lg.schedules.Polynomial(),
        cost="cross_entropy(0.1)",
        dropout=(0.1, 0.2),
        input_noise=0.1,
        init="he",
        init_gain=0.5,
        learn_input_scale=True,
        l1=1e-3,
        max_norm=2.0,
        weight_lr_factor=[1.0, 1.0, 0.5],
        metrics=["f1"],
        callbacks=[Epochs()],
        max_iter=5,
        n_threads=1,
        random_state=0,
    ).fit(IRIS, NAMES, eval_set=(IRIS, NAMES, np.ones(150)))
    net = model.network_
    assert net.activation == ("gelu", "sigmoid")
    assert (net.cost, net.dropout, net.init, net.input_noise) == ("cross_entropy(0.1)", (0.1, 0.2), "he", 0.1)
    assert net.input_scales is not None
    assert {"cost", "f1", "val_cost", "val_f1", "learning_rate"} <= set(model.history_)
    assert Epochs.seen == 5
    assert max(np.linalg.norm(w, axis=1).max() for w in net.weights) < 2.01


@pytest.mark.parametrize(
    ("loss", "outputs"), [("mae", 1), ("huber(0.5)", 1), ("quantile(0.1, 0.9)", 2), ("gaussian_nll", 2)]
)
def test_losses_of_localgrad(loss, outputs):
    model = MLPRegressor(loss, max_iter=50, learning_rate_init=0.01, random_state=0).fit(X, Y)
    assert model.n_outputs_ == outputs
    predictions = model.predict(X)
    if loss.startswith("quantile"):
        assert predictions.shape == (120, 2)
        assert (predictions[:, 0] < predictions[:, 1]).mean() > 0.9
    else:
        assert predictions.shape == (120,)
        assert model.score(X, Y) > 0.9


@pytest.mark.parametrize("labels", [NAMES, NAMES == "setosa"])
def test_hinge_has_no_probabilities(labels):
    model = MLPClassifier(cost="hinge", solver="lbfgs", random_state=0).fit(IRIS, labels)
    assert model.score(IRIS, labels) > 0.95
    assert not hasattr(model, "predict_proba")
    assert not hasattr(MLPClassifier(), "decision_function")
    assert model.out_activation_ == "identity"
    margins = model.decision_function(IRIS)
    found = margins.argmax(axis=1) if margins.ndim == 2 else (margins > 0).astype(int)
    assert_array_equal(model.classes_[found], model.predict(IRIS))
    calibrated = CalibratedClassifierCV(clone(model), cv=2).fit(IRIS, labels)
    assert calibrated.score(IRIS, labels) > 0.9


def test_class_weight():
    y = np.where(np.arange(150) < 15, "rare", "usual")
    data = np.random.default_rng(0).normal(size=(150, 2)) + (y == "rare")[:, np.newaxis]
    recall = {}
    for weight in (None, "balanced", {"rare": 9.0}):
        model = MLPClassifier(class_weight=weight, solver="lbfgs", alpha=1.0, random_state=0).fit(data, y)
        recall[str(weight)] = (model.predict(data)[:15] == "rare").mean()
    assert recall["None"] < 0.6 < recall["balanced"]
    assert recall["{'rare': 9.0}"] > 0.6
    one = MLPClassifier(class_weight={"rare": 9.0}, max_iter=5, random_state=0).fit(data, y)
    other = MLPClassifier(max_iter=5, random_state=0).fit(data, y, np.where(y == "rare", 9.0, 1.0))
    assert_array_equal(one.coefs_[0], other.coefs_[0])


@pytest.mark.parametrize("kind", [csr_array, csr_matrix])
@pytest.mark.parametrize("early", [False, True])
def test_sparse_rows_give_the_same_bits(kind, early):
    data = np.where(np.abs(IRIS) > 0.5, IRIS, 0.0)
    dense, sparse = (
        MLPClassifier(max_iter=5, random_state=0, early_stopping=early).fit(rows, NAMES)
        for rows in (data, kind(data))
    )
    assert_array_equal(dense.network_.parameters, sparse.network_.parameters)
    assert_array_equal(dense.predict_proba(data), sparse.predict_proba(kind(data)))


def test_predictions_follow_the_trained_cost():
    model = MLPRegressor(max_iter=2, random_state=0).fit(X, np.abs(Y))
    assert_array_equal(model.predict(X), clone(model).fit(X, np.abs(Y)).set_params(loss="poisson").predict(X))
    classes = MLPClassifier(max_iter=2, random_state=0).fit(IRIS, NAMES == "setosa")
    before = classes.predict(IRIS)
    assert_array_equal(classes.set_params(cost="hinge").predict(IRIS), before)
    assert hasattr(classes, "predict_proba")
    assert MLPRegressor("pinball(0.1, 0.9)", max_iter=2).fit(X, Y).predict(X).shape == (120, 2)


def test_validation_score_of_several_quantiles():
    targets = np.stack([Y, -Y], axis=1)
    model = MLPRegressor("quantile(0.4, 0.6)", early_stopping=True, random_state=0).fit(X, targets)
    assert model.predict(X).shape == (120, 4)
    assert model.best_validation_score_ > 0.5


def test_partial_fit_is_not_available_for_lbfgs():
    for settings in ({"solver": "lbfgs"}, {"optimizer": "lbfgs"}, {"optimizer": lg.LBFGS()}):
        assert not hasattr(MLPRegressor(**settings), "partial_fit")
    assert hasattr(MLPRegressor(solver="lbfgs", optimizer="lion"), "partial_fit")


def test_subclass():
    class Own(MLPClassifier):
        def __init__(self, hidden_layer_sizes=(5,), rate=0.1):
            self.rate = rate
            super().__init__(hidden_layer_sizes, learning_rate_init=rate, max_iter=5)

    model = clone(Own(rate=0.02)).fit(IRIS, NAMES)
    assert model.get_params() == {"hidden_layer_sizes": (5,), "rate": 0.02}
    assert (model.learning_rate_init, model.network_.sizes) == (0.02, (4, 5, 3))


def test_warm_start_continues():
    model = MLPRegressor(max_iter=3, warm_start=True, random_state=0).fit(X, Y)
    model.fit(X, Y)
    assert len(model.loss_curve_) == 6
    assert (model.n_iter_, model.t_) == (3, 720)
    assert model.loss_curve_[3] < model.loss_curve_[0]


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_partial_fit_equals_fit(solver):
    settings = {"solver": solver, "random_state": 0, "batch_size": 50, "tol": 0.0}
    one = MLPRegressor(max_iter=4, **settings).fit(X, Y)
    other = MLPRegressor(**settings)
    for _ in range(4):
        other.partial_fit(X, Y)
    assert_array_equal(one.network_.parameters, other.network_.parameters)
    assert_allclose(one.loss_curve_, other.loss_curve_, rtol=1e-12)


def test_last_mini_batch_has_the_penalty_of_scikit_learn():
    from sklearn.neural_network import MLPRegressor as Theirs

    settings = {
        "hidden_layer_sizes": 7,
        "solver": "sgd",
        "shuffle": False,
        "batch_size": 50,
        "alpha": 2.0,
        "max_iter": 10,
        "random_state": 1,
    }
    one, other = MLPRegressor(**settings).fit(X, Y), Theirs(**settings).fit(X, Y)
    for a, b in zip(one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_, strict=True):
        assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    assert_allclose(one.loss_curve_, other.loss_curve_, rtol=1e-4)  # the penalty is interpolated


def test_assigned_parameters_are_the_start_of_partial_fit():
    model = MLPRegressor(hidden_layer_sizes=2, learning_rate_init=1e-12, alpha=0)
    model.coefs_ = [np.ones((4, 2)), np.ones((2, 1))]
    model.intercepts_ = [np.zeros(2), np.zeros(1)]
    model.partial_fit(X, Y)
    assert_allclose(model.coefs_[0], 1, atol=1e-9)
    assert_array_equal(clone(model).fit(X, Y).coefs_[0] == 1, False)


def test_checkpoint_and_resume(tmp_path):
    settings = {"early_stopping": True, "random_state": 0, "batch_size": 20, "tol": 0.0}
    whole = MLPRegressor(max_iter=10, **settings).fit(X, Y)
    path = tmp_path / "half"
    MLPRegressor(max_iter=4, checkpoint=path, **settings).fit(X, Y)
    rest = MLPRegressor(max_iter=10, resume=path, **settings).fit(X, Y)
    assert_array_equal(whole.network_.parameters, rest.network_.parameters)
    assert whole.loss_curve_ == rest.loss_curve_
    assert whole.validation_scores_ == rest.validation_scores_
    assert (whole.n_iter_, whole.t_) == (rest.n_iter_, rest.t_)


def test_ctrl_c_keeps_what_was_trained():
    def interrupt(epoch, logs):
        if epoch == 3:
            os.kill(os.getpid(), signal.SIGINT)

    model = MLPClassifier(random_state=0, callbacks=[interrupt])
    with pytest.raises(KeyboardInterrupt):
        model.fit(IRIS, NAMES)
    assert model.history_.stopped == "interrupted"
    assert len(model.loss_curve_) == model.n_iter_ >= 2
    assert model.predict(IRIS).shape == (150,)


def test_time_limit():
    model = MLPRegressor(time_limit=1e-9, random_state=0).fit(X, Y)
    assert model.history_.stopped == "time_limit"
    assert model.n_iter_ <= 1


def test_copies():
    model = MLPClassifier(max_iter=5, random_state=0).fit(IRIS, NAMES)
    for twin in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert_array_equal(twin.predict_proba(IRIS), model.predict_proba(IRIS))
        twin.partial_fit(IRIS, NAMES)
        assert not np.array_equal(twin.coefs_[0], model.coefs_[0])
    assert len(pickle.dumps(model)) < 4 * model.network_.parameters.nbytes  # no training data
    with pytest.raises(NotFittedError):
        clone(model).predict(IRIS)


def test_joblib(tmp_path):
    model = MLPRegressor(max_iter=5, random_state=0, optimizer=lg.AdamW(0.01)).fit(X, Y)
    joblib.dump(model, tmp_path / "model")
    again = joblib.load(tmp_path / "model")
    assert_array_equal(again.predict(X), model.predict(X))
    again.partial_fit(X, Y)


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_searches(backend):
    with joblib.parallel_backend(backend, n_jobs=2):
        search = GridSearchCV(
            make_pipeline(StandardScaler(), MLPClassifier(max_iter=10, random_state=0)),
            {"mlpclassifier__alpha": [1e-4, 1.0], "mlpclassifier__activation": ["relu", ["tanh"]]},
            cv=3,
        ).fit(IRIS, NAMES)
        scores = cross_val_score(MLPRegressor(solver="lbfgs", random_state=0), X, Y, cv=3)
    assert search.best_score_ > 0.5
    assert min(scores) > 0.9


def test_threads_of_joblib_do_not_compete():
    run_in = joblib.Parallel(n_jobs=2, backend="threading")
    assert run_in(joblib.delayed(threads)(None) for _ in range(4)) == [1] * 4
    assert run_in(joblib.delayed(threads)(2) for _ in range(4)) == [2] * 4
    assert threads(None) is None


def test_other_tools():
    model = MLPClassifier(solver="lbfgs", random_state=0).fit(IRIS, NAMES)
    found = permutation_importance(model, IRIS, NAMES, n_repeats=2, random_state=0)
    assert found.importances_mean.argmax() in (2, 3)
    calibrated = CalibratedClassifierCV(MLPClassifier(max_iter=20, random_state=0), cv=2).fit(IRIS, NAMES)
    assert calibrated.predict_proba(IRIS).shape == (150, 3)
    assert "MLPClassifier" in model._repr_html_()


def test_metadata_routing():
    import sklearn

    with sklearn.config_context(enable_metadata_routing=True):
        model = MLPRegressor(max_iter=3, random_state=0).set_fit_request(sample_weight=True, eval_set=True)
        weights = np.linspace(0, 1, 120)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        pipe = make_pipeline(scaler, model).fit(X, Y, sample_weight=weights, eval_set=(X, Y))
    expected = clone(model).fit(StandardScaler().fit_transform(X), Y, weights, eval_set=(X, Y))
    assert pipe[-1].history_ == expected.history_
    assert "val_cost" in pipe[-1].history_


def test_feature_names():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=list("abcd"))
    model = MLPRegressor(max_iter=3, random_state=0).fit(frame, Y)
    assert_array_equal(model.feature_names_in_, list("abcd"))
    assert model.network_.feature_names == tuple("abcd")
    assert_allclose(model.predict(frame), MLPRegressor(max_iter=3, random_state=0).fit(X, Y).predict(X))
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[list("dcba")])
    with pytest.warns(UserWarning, match="valid feature names"):
        model.predict(X)


def test_diverging_loss():
    with pytest.raises(ValueError, match="non-finite parameter weights"):
        MLPRegressor(solver="sgd", learning_rate_init=1e6, random_state=0).fit(X, Y)
    model = MLPRegressor(solver="sgd", learning_rate_init=1e6, early_stopping=True, random_state=0)
    with pytest.warns(ConvergenceWarning, match="became infinite or NaN"):
        model.fit(X, Y)
    assert np.isnan(model.validation_scores_[-1])
    assert np.isfinite(model.predict(X)).all()


def test_verbose_prints(capsys):
    MLPRegressor(max_iter=2, verbose=True, early_stopping=True, random_state=0).fit(X, Y)
    printed = capsys.readouterr().out
    assert "Iteration 2, loss = " in printed
    assert "Validation score: " in printed


def test_callbacks_of_scikit_learn():
    pytest.importorskip("sklearn.callback")
    calls = []

    class Record:
        def setup(self, estimator, context):
            calls.append("setup")

        def teardown(self, estimator, context):
            calls.append("teardown")

        def on_fit_task_begin(self, estimator, context):
            calls.append(("begin", context.task_name))

        def on_fit_task_end(self, estimator, context, *, X, y, fitted_estimator):
            calls.append(("end", context.task_name, round(fitted_estimator.score(X, y), 2)))
            return context.task_name == "epoch" and context.task_id == 2

    model = MLPClassifier(random_state=0, learning_rate_init=0.01).set_callbacks(Record()).fit(IRIS, NAMES)
    assert (model.n_iter_, model.history_.stopped) == (3, "callback")
    assert calls[:3] == ["setup", ("begin", "fit"), ("begin", "epoch")]
    assert [call[:2] for call in calls[3:-2]] == [("end", "epoch"), ("begin", "epoch")] * 2 + [
        ("end", "epoch")
    ]
    assert calls[-2:] == [("end", "fit", round(model.score(IRIS, NAMES), 2)), "teardown"]


def test_callbacks_of_scikit_learn_end_after_a_diverging_loss():
    pytest.importorskip("sklearn.callback")
    calls = []

    class Record:
        def setup(self, estimator, context): ...

        def teardown(self, estimator, context): ...

        def on_fit_task_begin(self, estimator, context):
            calls.append(("begin", context.task_name))

        def on_fit_task_end(self, estimator, context):
            calls.append(("end", context.task_name))

    model = MLPRegressor(solver="sgd", learning_rate_init=1e6, early_stopping=True, random_state=0)
    with pytest.warns(ConvergenceWarning, match="became infinite or NaN"):
        model.set_callbacks(Record()).fit(X, Y)
    assert calls.count(("begin", "epoch")) == calls.count(("end", "epoch"))
    assert calls[-1] == ("end", "fit")


def test_two_fits_at_once():
    models = [MLPRegressor(max_iter=20, random_state=k) for k in range(2)]
    workers = [threading.Thread(target=model.fit, args=(X, Y)) for model in models]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for one in workers:
            one.start()
        for one in workers:
            one.join()
    assert_array_equal(models[1].coefs_[0], MLPRegressor(max_iter=20, random_state=1).fit(X, Y).coefs_[0])


def test_import_without_scikit_learn():
    code = """
import sys
sys.modules["sklearn"] = None
import localgrad
try:
    import localgrad.sklearn
except ImportError as error:
    print(error)
"""
    assert 'pip install "localgrad[sklearn]"' in run(code).stdout
