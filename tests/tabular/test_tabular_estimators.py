"""Training and predictions of both estimators."""

import _thread
import threading
import time
import tracemalloc
import weakref

import numpy as np
import pandas as pd
import pytest
from localgrad.tabular import TabularClassifier, TabularRegressor, preprocessing, recipe, trials
from sklearn.exceptions import ConvergenceWarning

SMALL = {"epochs": 16, "hidden_layer_sizes": (32, 32), "n_threads": 1, "random_state": 0}


def mixed(n=400):
    """A table with columns of all kinds, and a number that depends on each of them."""
    rng = np.random.default_rng(0)
    word = rng.choice(["red", "green", "blue"], n)
    day = np.datetime64("2024-01-01") + rng.integers(0, 365, n)
    frame = pd.DataFrame(
        {
            "id": [f"row {i}" for i in range(n)],
            "number": rng.normal(size=n),
            "word": word,
            "yes": rng.random(n) > 0.5,
            "day": day,
            "same": 3,
        }
    )
    july = frame["day"].dt.month == 7
    y = frame["number"] + (frame["word"] == "red") + 2.0 * frame["yes"] - 3.0 * july
    frame.loc[::7, "number"] = np.nan
    y[::7] = 5.0
    return frame, y.to_numpy()


def inputs_of(model, X):
    return model._preprocessing.encode(model._preprocessing.read(X))


def test_a_mixed_table_is_learned():
    X, y = mixed()
    model = TabularRegressor(random_state=0).fit(X[:300], y[:300])
    assert model.score(X[300:], y[300:]) > 0.8
    labels = np.where(y > 1, "high", "low")
    classifier = TabularClassifier(random_state=0).fit(X[:300], labels[:300])
    assert classifier.score(X[300:], labels[300:]) > 0.85
    assert classifier.classes_.tolist() == ["high", "low"]


def test_new_rows_may_have_missing_values_and_unseen_categories():
    X, y = mixed()
    model = TabularRegressor(**SMALL).fit(X, y)
    row = X[:1].assign(word="purple", yes=None, day=None, number=None)
    assert np.isfinite(model.predict(row)).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"number": "much"}, "X column 'number' must hold numbers, as in fit, got 'much' at row 0"),
        ({"number": np.inf}, "X column 'number' must be finite or missing, got inf at row 0"),
        ({"day": "soon"}, "X column 'day' must hold dates, as in fit, got 'soon' at row 0"),
        ({"day": 3.5}, "X column 'day' must hold dates, as in fit, got numbers"),
        ({"yes": ["true", "often"]}, "X column 'yes' must hold booleans, as in fit, got 'often' at row 1"),
        ({"yes": [1, 2]}, "X column 'yes' must hold booleans, as in fit, got 2.0 at row 1"),
        ({"yes": np.datetime64("2024-01-01")}, "X column 'yes' must hold booleans, as in fit, got dates"),
    ],
)
def test_values_of_another_kind_raise_errors(change, message):
    X, y = mixed()
    model = TabularRegressor(**SMALL).fit(X, y)
    with pytest.raises(ValueError, match=message):
        model.predict(X[:2].assign(**change))


@pytest.mark.parametrize("values", [[1, 0, 0, None], ["True", "false", "FALSE", "?"], [True, "0", 0.0, "NA"]])
def test_booleans_may_be_numbers_and_texts(values):
    X, y = mixed()
    X["yes"] = X["yes"].where(X.index % 5 > 0, None).astype(object)
    model = TabularRegressor(**SMALL).fit(X, y)
    new = X[:4].assign(yes=pd.Series([True, False, False, None], dtype=object))
    other = new.assign(yes=pd.Series(values, dtype=object))
    np.testing.assert_array_equal(model.predict(other), model.predict(new))


def test_marks_of_missing_numbers_and_dates_are_missing():
    X, y = mixed()
    model = TabularRegressor(**SMALL).fit(X, y)
    gaps, marks = (X[:3].assign(number=mark, day=mark) for mark in (None, "N/A"))
    np.testing.assert_array_equal(model.predict(marks), model.predict(gaps))


def test_other_columns_raise_errors():
    X, y = mixed()
    model = TabularRegressor(**SMALL).fit(X, y)
    for other in (X.drop(columns="word"), X.rename(columns={"word": "noun"}), X[X.columns[::-1]]):
        with pytest.raises(ValueError, match="feature names"):
            model.predict(other)


@pytest.mark.parametrize("kind", [TabularClassifier, TabularRegressor])
def test_the_same_random_state_gives_the_same_predictions(kind):
    X, y = mixed()
    y = y > 1 if kind is TabularClassifier else y
    one, other = (kind(**SMALL).fit(X, y).predict(X) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    third = kind(**{**SMALL, "random_state": 1, "epochs": 1}).fit(X, y)
    assert third.ensemble_.networks[0].seed != kind(**SMALL).fit(X, y).ensemble_.networks[0].seed


def test_an_ensemble_averages_its_networks():
    X, y = mixed()
    model = TabularRegressor(**SMALL, n_ensemble=3).fit(X, y)
    inputs = inputs_of(model, X)
    outputs = [network.predict(inputs)[:, 0] for network in model.ensemble_.networks]
    assert len({network.seed for network in model.ensemble_.networks}) == 3
    expected = model._targets.decode(np.mean(outputs, axis=0))
    np.testing.assert_allclose(model.predict(X), expected, atol=1e-6)


@pytest.mark.parametrize("epochs", [16, 128])
def test_parameters_are_averaged_in_long_trainings(epochs):
    X, y = mixed()
    settings = {**SMALL, "epochs": epochs}
    model = TabularRegressor(**settings).fit(X[50:], y[50:], eval_set=(X[:50], y[:50]))
    network = model.ensemble_.networks[0]
    history = network.history
    kept = network.evaluate(inputs_of(model, X[:50]), model._targets.encode(y[:50]))["cost"]
    own = history["val_cost"][history.best_epoch - 1]
    assert (abs(kept - own) < 1e-6) == (epochs == 16)
    assert kept <= min(history["val_cost"]) + (1e-6 if epochs == 16 else 0.01)


def test_calibration_lowers_the_log_loss():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1500, 2))
    y = rng.random(1500) < 1 / (1 + np.exp(-20 * X[:, 0]))
    plain, calibrated = (
        TabularClassifier(**SMALL, calibrate=calibrate, label_smoothing=0.4).fit(X[:1000], y[:1000])
        for calibrate in (False, True)
    )

    def loss(model):
        return -np.log(model.predict_proba(X[1000:])[np.arange(500), y[1000:].astype(int)]).mean()

    assert plain.temperature_ == 1.0
    assert calibrated.temperature_ < 0.9  # label smoothing makes probabilities too cautious
    assert loss(calibrated) < loss(plain) - 0.01
    np.testing.assert_array_equal(plain.predict(X), calibrated.predict(X))


def test_intervals_cover_their_share():
    rng = np.random.default_rng(0)
    X = rng.uniform(size=(4000, 2))
    y = X[:, 0] + (0.1 + X[:, 1]) * rng.normal(size=4000)
    model = TabularRegressor(**SMALL, coverage=0.8).fit(X[:2000], y[:2000])
    low, high = model.predict_interval(X[2000:]).T
    assert (low <= high).all()
    covered = np.mean((low <= y[2000:]) & (y[2000:] <= high))
    assert covered == pytest.approx(0.8, abs=0.06)
    assert np.corrcoef(high - low, X[2000:, 1])[0, 1] > 0.8  # wider where the noise is larger
    with pytest.raises(ValueError, match="requires a regressor fitted with coverage="):
        TabularRegressor(**SMALL).fit(X, y).predict_interval(X)


def test_class_weight_balances_classes():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 1))
    y = rng.random(1000) < 0.1 + 0.1 * (X[:, 0] > 0)
    plain, balanced = (
        TabularClassifier(**SMALL, class_weight=weight).fit(X, y) for weight in (None, "balanced")
    )
    assert plain.predict(X).mean() < 0.05
    assert 0.3 < balanced.predict(X).mean() < 0.7
    by_hand = TabularClassifier(**SMALL, class_weight={True: 50.0}).fit(X, y)
    assert by_hand.predict(X).all()


def test_sample_weights_select_rows():
    X = np.concatenate([np.linspace(0, 1, 300)] * 2)[:, np.newaxis]
    y = np.repeat([0.0, 10.0], 300)
    model = TabularRegressor(**SMALL).fit(X, y, sample_weight=np.repeat([1.0, 9.0], 300))
    assert model.predict(X).mean() == pytest.approx(9, abs=0.5)


def test_predictions_need_little_memory():
    X = np.arange(400.0)[:, np.newaxis]
    arguments = {**SMALL, "epochs": 1, "hidden_layer_sizes": (4,)}
    model = TabularRegressor(**arguments, bins=400).fit(X, X[:, 0])
    many = np.tile(X, (500, 1))
    tracemalloc.start()
    found = model.predict(many)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 120e6  # all inputs together would have 320 MB
    np.testing.assert_array_equal(found, np.tile(model.predict(X), 500))


def test_an_evaluation_set_chooses_the_epoch():
    X, y = mixed()
    model = TabularRegressor(**SMALL).fit(X[:300], y[:300], eval_set=(X[300:], y[300:]))
    network = model.ensemble_.networks[0]
    errors = model._targets.encode(y[300:]) - network.predict(inputs_of(model, X[300:]))[:, 0]
    assert np.mean(errors**2) / 2 == pytest.approx(min(network.history["val_cost"]), rel=1e-4)


def test_the_last_rows_in_order_of_time_are_held_out():
    X = np.random.default_rng(0).permutation(100)[:, np.newaxis]
    y = np.repeat([0.0, 100.0], [85, 15])
    model = TabularRegressor(**SMALL, time_ordered=True).fit(X, y)
    assert abs(model.predict(X)).max() < 60  # without having seen a target of 100


def test_a_time_limit_ends_training():
    X, y = mixed()
    start = time.monotonic()
    model = TabularRegressor(**{**SMALL, "epochs": 10**6}, n_ensemble=2, time_limit=1.0).fit(X, y)
    assert time.monotonic() - start < 15  # on a busy machine
    assert [len(network.history["cost"]) < 10**6 for network in model.ensemble_.networks] == [True, True]


def test_the_learning_rate_has_fallen_when_time_is_up(monkeypatch):
    now = 100.0
    monkeypatch.setattr(recipe.time, "monotonic", lambda: now)
    schedule, limited = recipe.CosineLog(10, None), recipe.CosineLog(10, 4.0)
    peaks = [10 * (2 ** (k + 0.5) - 1) / 15 for k in range(4)]
    np.testing.assert_allclose([schedule(epoch) for epoch in peaks], 1.0)
    np.testing.assert_allclose([schedule(epoch) for epoch in (0, 10, 11)], 0.0, atol=1e-12)
    assert limited(5) == schedule(5)
    now = 103.0
    assert limited(5) == schedule(7.5)


def test_a_time_limit_leaves_time_for_intervals():
    X, y = mixed()
    model = TabularRegressor(**{**SMALL, "epochs": 10**6}, coverage=0.8, time_limit=2.0).fit(X, y)
    assert len(model._intervals.network.history["cost"]) > 1


def test_a_tiny_time_limit_trains_one_network():
    X, y = mixed()
    model = TabularRegressor(n_ensemble=5, time_limit=1e-6, random_state=0).fit(X, y)
    assert len(model.ensemble_.networks) == 1
    assert np.isfinite(model.predict(X)).all()


def test_ctrl_c_keeps_the_best_so_far():
    X, y = mixed()
    model = TabularRegressor(epochs=100_000, random_state=0)
    timer = threading.Timer(1.0, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    timer.join()
    history = model.ensemble_.networks[0].history
    assert 1 <= history.best_epoch <= len(history["val_cost"])
    assert np.isfinite(model.predict(X)).all()


@pytest.mark.parametrize("call", [2, 3])  # the second trial, the first network after the trials
def test_ctrl_c_keeps_the_network_of_a_finished_trial(call, monkeypatch):
    X = np.random.default_rng(0).normal(size=(800, 1))
    train = recipe.Recipe.train
    networks = []

    def interrupted(self, network, *arguments):
        networks.append(network)
        if len(networks) == call:
            raise KeyboardInterrupt
        train(self, network, *arguments)

    monkeypatch.setattr(recipe.Recipe, "train", interrupted)
    model = TabularRegressor(**SMALL)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, X[:, 0])
    (kept,) = model.ensemble_.networks
    assert kept in networks[: call - 1]
    assert kept.history["val_cost"]
    assert np.isfinite(model.predict(X)).all()


def test_a_diverging_trial_is_not_chosen(monkeypatch):
    X = np.random.default_rng(0).normal(size=(800, 1))
    train = recipe.Recipe.train
    calls = []

    def diverging(self, *arguments):
        calls.append(self)
        if len(calls) == 1:
            raise FloatingPointError
        train(self, *arguments)

    monkeypatch.setattr(recipe.Recipe, "train", diverging)
    model = TabularRegressor(**SMALL).fit(X, X[:, 0])
    assert model._preprocessing.encoders[0].edges


def test_a_table_is_prepared_in_one_way_at_a_time(monkeypatch):
    X = np.random.default_rng(0).normal(size=(800, 1))
    encode = preprocessing.Preprocessing.encode
    made = []

    def recorded(self, table):
        assert all(one() is None for one in made)
        inputs = encode(self, table)
        made.append(weakref.ref(inputs))
        return inputs

    monkeypatch.setattr(preprocessing.Preprocessing, "encode", recorded)
    TabularRegressor(**SMALL).fit(X, X[:, 0])
    assert len(made) > 1


def test_tables_with_bins_have_a_limited_size():
    assert trials.bins_for(10**5, 8) == 48
    assert trials.bins_for(10**6, 10) == 26
    assert trials.bins_for(10**7, 10) == 0
    assert trials.bins_for(10**5, 0) == 0


def test_a_diverging_training_keeps_the_best_epoch(monkeypatch):
    X, y = mixed()
    model = TabularRegressor(**{**SMALL, "learning_rate": 1e20})
    monkeypatch.setattr(recipe.CosineLog, "__call__", lambda self, epoch: float(epoch >= 3))
    with pytest.warns(ConvergenceWarning, match="the parameters of the best epoch are kept"):
        model.fit(X, y)
    assert np.isfinite(model.predict(X)).all()


def test_few_rows_are_all_trained_on():
    model = TabularClassifier(random_state=0).fit([["a"], ["b"], ["c"]], [1, 2, 3])
    assert model.predict([["a"], ["b"], ["c"]]).tolist() == [1, 2, 3]
    assert "val_cost" not in model.ensemble_.networks[0].history


def test_held_out_rows_are_required_before_training(monkeypatch):
    monkeypatch.setattr(recipe.Recipe, "train", None)
    with pytest.raises(ValueError, match="calibrate=True requires held-out rows, got none"):
        TabularClassifier(calibrate=True).fit([["a"], ["b"]], [1, 2])
    with pytest.raises(ValueError, match="coverage requires held-out rows, got none"):
        TabularRegressor(coverage=0.5, validation_fraction=0).fit([[1], [2]] * 30, [1, 2] * 30)


def test_a_failed_fit_leaves_the_estimator_as_it_was(monkeypatch):
    X, y = mixed()
    model = TabularRegressor(**SMALL).fit(X, y)
    expected = model.predict(X)
    with pytest.raises(ValueError, match="y must"):
        model.fit(X[["number"]], np.full(len(y), "a"))
    monkeypatch.setattr(recipe.Recipe, "train", lambda *arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        model.fit(X[["number"]], y)
    np.testing.assert_array_equal(model.predict(X), expected)
    new = TabularRegressor()
    with pytest.raises(ZeroDivisionError):
        new.fit(X, y)
    assert vars(new) == vars(TabularRegressor())


def test_ctrl_c_during_the_training_of_intervals_keeps_the_networks(monkeypatch):
    X, y = mixed()

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("localgrad.tabular.intervals.Intervals.train", interrupted)
    model = TabularRegressor(**SMALL, coverage=0.8)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    assert np.isfinite(model.predict(X)).all()
    with pytest.raises(ValueError, match="without Ctrl-C"):
        model.predict_interval(X)


def test_tables_without_usable_columns_predict_the_mean():
    model = TabularRegressor(epochs=32, random_state=0).fit([[1.0]] * 60, [0.0, 1.0] * 30)
    assert model.predict([[1.0]])[0] == pytest.approx(0.5, abs=0.1)


def test_bins_are_used_where_they_help():
    X = np.random.default_rng(0).uniform(-1, 1, (2000, 2))
    smooth = TabularRegressor(random_state=0, n_threads=1).fit(X, X @ [1.0, 2.0])
    assert smooth._preprocessing.encoders[0].edges == ()
    steps = np.digitize(X[:, 0], np.linspace(-1, 1, 20)) % 2.0
    jagged = TabularRegressor(random_state=0, n_threads=1).fit(X, steps)
    assert len(jagged._preprocessing.encoders[0].edges) > 40
    assert TabularRegressor(bins=8, epochs=1).fit(X, steps)._preprocessing.encoders[0].width == 9


def test_a_prediction_does_not_depend_on_other_rows():
    rng = np.random.default_rng(0)
    codes = rng.choice(["1.10", "1.1", "2024-01-01", "x"], 100)
    X = pd.DataFrame(
        {"code": codes, "yes": (rng.random(100) > 0.5).astype(object), "count": rng.choice(["1.0", "2"], 100)}
    )
    X.loc[::9, "yes"] = None
    y = np.unique(codes, return_inverse=True)[1] + rng.random(100)
    model = TabularRegressor(**SMALL, columns={"count": "categorical"}).fit(X, y)
    single = [model.predict(X[i : i + 1])[0] for i in range(100)]
    np.testing.assert_array_equal(model.predict(X), single)


def test_a_missing_text_is_not_the_text_none():
    words = np.array([None, "None"] * 30, object)
    X = pd.DataFrame({"word": pd.Series(words, dtype=object)})
    model = TabularRegressor(**SMALL).fit(X, [1.0] * 60)
    assert model._preprocessing.encoders[0].missing
    assert model.columns_[0].kind == "categorical"
