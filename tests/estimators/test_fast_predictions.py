"""Arrays that the core reads in place skip scikit-learn's checks; results and errors are the same."""

import warnings

import numpy as np
import pytest
from localgrad.sklearn import MLPClassifier, MLPRegressor
from numpy.testing import assert_array_equal

X = np.random.default_rng(0).normal(size=(30, 3))
Y = np.arange(30) % 3


@pytest.fixture(params=[MLPClassifier, MLPRegressor])
def model(request):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return request.param(hidden_layer_sizes=(5,), max_iter=3, random_state=0).fit(X, Y)


@pytest.mark.parametrize("rows", [1, 30])
def test_same_results(model, rows):
    part = X[:rows]
    for other in (
        part.tolist(),
        np.asfortranarray(part),
        np.repeat(part, 2, axis=0)[::2],
        part.astype(object),
    ):
        assert_array_equal(model.predict(part), model.predict(other))
        if hasattr(model, "predict_proba"):
            assert_array_equal(model.predict_proba(part), model.predict_proba(other))


def test_the_checks_are_skipped(model, monkeypatch):
    monkeypatch.setattr("localgrad.sklearn.fitted.validate_data", None)
    assert len(model.predict(X[:1])) == 1
    with pytest.raises(TypeError):
        model.predict(X[:1].tolist())


@pytest.mark.parametrize(
    "bad", [X[:0], X[0], X[:, :2], X[np.newaxis], np.full((1, 3), np.nan), np.full((2, 3), -np.inf)]
)
def test_same_errors(model, bad):
    messages = []
    for data in (bad, np.asarray(bad, object)):
        with pytest.raises(ValueError) as raised:
            model.predict(data)
        messages.append(str(raised.value).partition("array=")[0])
    assert messages[0] == messages[1]


@pytest.mark.parametrize(("n_threads", "error"), [(0, ValueError), (-1, ValueError), (1.5, TypeError)])
def test_invalid_number_of_threads(model, n_threads, error):
    model.set_params(n_threads=n_threads)
    with pytest.raises(error, match="n_threads must be"):
        model.predict(X[:1])


def test_names_of_features_are_checked():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["a", "b", "c"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = MLPRegressor(hidden_layer_sizes=(5,), max_iter=3).fit(frame, Y)
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        model.predict(X[:1])
