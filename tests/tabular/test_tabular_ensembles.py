"""Ensembles of tables are trained at the same time, each network as if it were trained alone."""

import time

import numpy as np
import pytest
from localgrad.fleet import Fleet
from localgrad.tabular import TabularClassifier, TabularRegressor, recipe
from localgrad.tabular.ensemble import Ensemble
from localgrad.tabular.recipe import CosineLog, Recipe, Rows
from sklearn.exceptions import ConvergenceWarning

SMALL = {"epochs": 6, "hidden_layer_sizes": (32, 32), "bins": 0, "n_ensemble": 3, "random_state": 0}


def data(n=400):
    X = np.random.default_rng(0).normal(size=(n, 4))
    return X, X[:, 0] + X[:, 1] * X[:, 2]


def one_after_the_other(self, networks, rows, held, *arguments):
    """Train the networks of `Recipe.train_fleet` alone, with copies of their rows."""
    *arguments, bests = arguments
    for k, network in enumerate(networks):
        part, validation = rows, held if isinstance(held, Rows) else None
        if not isinstance(held, Rows) and held[k].any():
            part, validation = rows.part(~held[k]), rows.part(held[k])
        self.train(network, part, validation, *arguments, bests[k])


X, Y = data()
CASES = {
    "numbers": (TabularRegressor, {}, {}),
    "weights": (TabularRegressor, {"dropout": 0.1}, {"sample_weight": np.arange(400) % 3}),
    "classes": (TabularClassifier, {"class_weight": "balanced", "calibrate": True}, {}),
    "groups": (TabularClassifier, {}, {"groups": np.arange(400) // 20}),
    "in order": (TabularRegressor, {"time_ordered": True}, {}),
    "evaluation set": (TabularRegressor, {}, {"eval_set": (X[:50], Y[:50], np.arange(50) + 1.0)}),
    "nothing held out": (TabularRegressor, {"validation_fraction": 0}, {}),
    "intervals": (TabularRegressor, {"coverage": 0.8}, {}),
}


@pytest.mark.parametrize(("kind", "arguments", "more"), CASES.values(), ids=CASES)
def test_each_network_is_bit_identical_to_one_that_is_trained_alone(kind, arguments, more, monkeypatch):
    y = Y if kind is TabularRegressor else np.digitize(Y, [-0.5, 0.5])
    together = kind(**SMALL, **arguments).fit(X, y, **more)
    monkeypatch.setattr(Recipe, "train_fleet", one_after_the_other)
    alone = kind(**SMALL, **arguments, n_threads=1).fit(X, y, **more)
    assert len(together.ensemble_.networks) == 3
    for one, other in zip(together.ensemble_.networks, alone.ensemble_.networks, strict=True):
        assert one.parameters.tobytes() == other.parameters.tobytes()
        assert (one.seed, one.epochs, one.history) == (other.seed, other.epochs, other.history)
        assert one.history.best_epoch == other.history.best_epoch
    np.testing.assert_array_equal(together.predict(X), alone.predict(X))
    if "calibrate" in arguments:
        assert together.temperature_ == alone.temperature_ != 1.0
    if "coverage" in arguments:
        np.testing.assert_array_equal(together.predict_interval(X), alone.predict_interval(X))


@pytest.fixture
def one_diverges(monkeypatch):
    """Make the training of the first network diverge in its 4th epoch; the others do not change."""
    fit = Fleet.fit

    def with_rates(self, *arguments, weight_lr_factor, **settings):
        others = [[0.0] * len(one) for one in weight_lr_factor[1:]]
        return fit(self, *arguments, **settings, weight_lr_factor=[weight_lr_factor[0], *others])

    monkeypatch.setattr(Fleet, "fit", with_rates)
    monkeypatch.setattr(recipe, "_BIAS_RATE", 0.0)
    monkeypatch.setattr(recipe, "_SCALE_RATE", 0.0)
    monkeypatch.setattr(CosineLog, "__call__", lambda self, epoch: float(epoch >= 3))


def test_networks_whose_training_diverges_keep_their_best_epoch(one_diverges):
    model = TabularRegressor(**{**SMALL, "learning_rate": 1e20})
    with pytest.warns(ConvergenceWarning, match=r"member 0: epoch 4.*; the parameters of the best epoch are"):
        model.fit(X, Y)
    assert [network.history.stopped for network in model.ensemble_.networks] == ["error", "epochs", "epochs"]
    assert np.isfinite(model.predict(X)).all()


def test_networks_that_diverge_again_after_resuming_are_kept(one_diverges, tmp_path):
    predictions = []
    for resume in (None, tmp_path / "run"):
        model = TabularRegressor(**{**SMALL, "learning_rate": 1e20})
        with pytest.warns(ConvergenceWarning, match="member 0: epoch 4"):
            model.fit(X, Y, checkpoint=tmp_path / "run", resume=resume)
        predictions.append(model.predict(X))
        assert len(model.ensemble_.networks) == 3
    np.testing.assert_array_equal(*predictions)


def test_training_that_diverges_before_the_end_of_an_epoch_is_an_error(monkeypatch):
    monkeypatch.setattr(CosineLog, "__call__", lambda self, epoch: 1.0)
    with pytest.raises(FloatingPointError, match="member 0: epoch 1"):
        TabularRegressor(**{**SMALL, "learning_rate": 1e30}).fit(X, Y)


def test_networks_without_a_finished_epoch_are_dropped_after_ctrl_c(monkeypatch):
    def interrupted(self, x, y, rows, validation, **arguments):
        for k in (0, 2):
            self[k].fit(x[rows[k]], y[rows[k]], epochs=2)
        raise KeyboardInterrupt

    monkeypatch.setattr(Fleet, "fit", interrupted)
    model = TabularClassifier(**SMALL, calibrate=True)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y > 0)
    assert [network.epochs for network in model.ensemble_.networks] == [2, 2]
    assert model.ensemble_.places == [0, 2]
    # Each network predicts the rows that it has held out itself.
    masks = [np.arange(400) % 3 == k for k in range(3)]
    inputs = model._preprocessing.encode(model._preprocessing.read(X))
    found, some = model.ensemble_.predict_held_out(inputs, masks, 1)
    np.testing.assert_array_equal(some, ~masks[1])
    expected = model.ensemble_.networks[1].predict(inputs)[masks[2]]
    np.testing.assert_allclose(found[masks[2][some]], expected, rtol=1e-6)


def test_the_networks_of_an_ensemble_share_the_time():
    start = time.monotonic()
    model = TabularRegressor(**{**SMALL, "epochs": 10**6}, time_limit=1.0).fit(X, Y)
    assert time.monotonic() - start < 15  # on a busy machine
    epochs = [network.epochs for network in model.ensemble_.networks]
    assert len(epochs) == 3
    assert max(epochs) - min(epochs) <= 1
    assert model.ensemble_.networks[0].history["learning_rate"][-1] < 0.01


def test_the_arrays_of_an_ensemble_are_not_copied(monkeypatch):
    seen = []
    monkeypatch.setattr(Fleet, "fit", lambda self, x, y, **arguments: seen.append((x, y)))
    rows = Rows(np.ones((60, 2), np.float32), np.ones(60), None)
    Ensemble().train(TabularRegressor(**SMALL)._recipe(None), rows, [np.arange(60) < 9] * 2, [1, 2], None)
    assert seen[0][0] is rows.X
    assert seen[0][1] is rows.y


@pytest.mark.parametrize("verbose", [1, 2])
def test_progress_is_shown_for_all_networks(verbose, capsys):
    TabularRegressor(**SMALL, verbose=verbose).fit(X, Y)
    lines = capsys.readouterr().out.splitlines()
    assert all("val_cost" in line for line in lines)
    assert lines[-1].startswith("epoch 6/6")
    assert len(lines) == 6 or verbose == 1
