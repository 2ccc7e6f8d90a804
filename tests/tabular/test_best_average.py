"""The callback that averages the parameters of epochs and keeps the best."""

import numpy as np
import pytest
from localgrad import AdamW, History, Network
from localgrad.callbacks import Callback, Training
from localgrad.tabular import TabularRegressor
from localgrad.tabular.averages import BestAverage
from localgrad.tabular.rows import Rows


class Record(Callback):
    """Records the parameters after each epoch."""

    def __init__(self):
        self.parameters = []

    def on_epoch_end(self, training):
        self.parameters.append(training.network.parameters.copy())


def data(weighted):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 3)).astype(np.float32)
    y = (X[:, 0] + 0.5 * rng.normal(size=90)).astype(np.float32)
    weights = rng.uniform(size=90) if weighted else None
    rows = Rows(X, y, weights)
    first = np.arange(90) < 60
    return rows.part(first), rows.part(~first)


def fit(network, rows, held, callbacks, **options):
    return network.fit(
        rows.X,
        rows.y,
        batch_size=8,
        optimizer=AdamW(0.05),
        validation=tuple(one for one in held if one is not None),
        callbacks=callbacks,
        **options,
    )


def network():
    return Network([3, 16, 1], activation="tanh", seed=0)


@pytest.mark.parametrize("newest", [0.5, 0.125])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_average_with_the_lowest_cost_is_kept(weighted, newest):
    rows, held = data(weighted)
    best, record = BestAverage(held, newest, None), Record()
    history = fit(network(), rows, held, [best, record], epochs=12)
    averages = record.parameters[:1]
    for epoch, last in enumerate(record.parameters[1:], 2):
        share = max(newest, min(0.5, 8 / epoch))  # at first at least the last eighth of the epochs
        averages.append(share * last + (1 - share) * averages[-1])
    other, costs = network(), []
    for other.parameters in averages:
        costs.append(other.evaluate(held.X, held.y, sample_weight=held.weights)["cost"])
    epoch = int(np.argmin(costs))
    assert history.best_epoch == best.best.epoch == epoch + 1
    np.testing.assert_allclose(best.best.parameters, averages[epoch], rtol=1e-5, atol=1e-7)


def test_training_is_the_same_as_without_averages():
    rows, held = data(weighted=False)
    averaged, plain = network(), network()
    fit(averaged, rows, held, [BestAverage(held, 0.5, None)], epochs=4)
    fit(plain, rows, held, [], epochs=4)
    np.testing.assert_array_equal(averaged.parameters, plain.parameters)


def test_a_resumed_fit_keeps_the_same_parameters(tmp_path):
    rows, held = data(weighted=False)
    whole, first, second = (BestAverage(held, 0.5, None) for _ in range(3))
    fit(network(), rows, held, [whole], epochs=9)
    fit(network(), rows, held, [first], epochs=4, checkpoint=tmp_path / "last")
    fit(network(), rows, held, [second], epochs=9, resume=tmp_path / "last")
    np.testing.assert_array_equal(second.best.parameters, whole.best.parameters)
    assert second.best.epoch == whole.best.epoch


class Scripted:
    """A network whose evaluation returns given values."""

    def __init__(self, values):
        self.parameters, self.values = np.zeros(1, np.float32), iter(values)

    def evaluate(self, *_args, **_options):
        return dict(zip(["cost", "accuracy"], next(self.values), strict=False))


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ([(0.9, 0.5), (0.5, 0.8), (0.7, 0.8)], [1, 2, 2]),  # the lowest cost
        ([(0.9, 0.5), (0.5, 0.8), (0.7, 0.9), (0.7, 0.8)], [1, 2, 3, 2]),  # the last if it is more accurate
        ([(0.5, 0.9), (0.4, 0.5)], [1, 2]),  # not an earlier one that is more accurate
        ([(0.5, 0.9), (0.5, 0.9)], [1, 2]),  # the last of equal ones
        ([(0.9,), (0.5,), (0.7,)], [1, 2, 2]),  # numbers, which have no accuracy
    ],
)
def test_the_best_epoch(values, kept):
    best, history = BestAverage(Rows(None, None, None), 0.5, None), History()
    assert best.best is None
    training = Training(Scripted(values), history, 0, len(values))
    for epoch in kept:
        history["cost"] = [*history.get("cost", []), 0.0]
        best.on_epoch_end(training)
        assert history.best_epoch == best.best.epoch == epoch


@pytest.mark.parametrize(
    ("values", "stopped"),
    [
        ([(0.9,), (0.5,), (0.7,), (0.6,)], [False, False, False, True]),  # no better after the second epoch
        ([(0.9,), (0.5,), (0.4,), (0.6,)], [False, False, False, False]),
        ([(0.9, 0.1), (0.5, 0.2), (0.7, 0.1), (0.6, 0.1)], [False, False, False, False]),  # classes
    ],
)
def test_training_of_numbers_stops_after_a_cycle_without_improvement(values, stopped):
    best, history = BestAverage(Rows(None, None, None), 0.5, None, since=2, until=4), History()
    training = Training(Scripted(values), history, 0, 9)
    found = []
    for _ in values:
        history["cost"] = [*history.get("cost", []), 0.0]
        found.append(best.on_epoch_end(training) == "early_stopping")
    assert found == stopped


def test_a_resumed_fit_does_not_train_on_after_it_has_stopped(tmp_path):
    rows, held = data(weighted=False)
    kept = []
    for resume in (None, tmp_path / "last"):
        best = BestAverage(held, 0.5, None, since=9, until=9)
        history = fit(network(), rows, held, [best], epochs=20, checkpoint=tmp_path / "last", resume=resume)
        assert history.stopped == "early_stopping"
        kept.append(best.best.parameters)
    np.testing.assert_array_equal(*kept)


def test_numbers_that_cannot_be_predicted_take_three_of_four_cycles():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(300, 4)), rng.normal(size=300)
    history = TabularRegressor(random_state=0).fit(X, y).ensemble_.networks[0].history
    assert (len(history["cost"]), history.stopped) == (30, "early_stopping")
    assert history.best_epoch <= 13
