"""The callback that averages the parameters of epochs and keeps the best."""

import numpy as np
import pytest
from localgrad import AdamW, Network
from localgrad.callbacks import Callback
from localgrad.tabular.recipe import BestAverage, Rows


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


def fit(network, rows, held, callbacks, rate=0.05, **options):
    return network.fit(
        rows.X,
        rows.y,
        batch_size=8,
        optimizer=AdamW(rate),
        validation=tuple(one for one in held if one is not None),
        callbacks=callbacks,
        **options,
    )


def network():
    return Network([3, 16, 1], activation="tanh", seed=0)


@pytest.mark.parametrize(
    ("rate", "weighted", "kept"),
    [(0.5, False, "average"), (0.5, True, "average"), (0.001, False, "last")],
)
def test_the_parameters_or_average_with_the_lowest_cost_are_kept(rate, weighted, kept):
    rows, held = data(weighted)
    best, record = BestAverage(held, None), Record()
    history = fit(network(), rows, held, [best, record], rate=rate, epochs=12)
    average, candidates = record.parameters[0], []
    for last in record.parameters:
        average = 0.5 * last + 0.5 * average
        candidates.append([last, average])
    other = network()

    def cost(parameters):
        other.parameters = parameters
        return other.evaluate(held.X, held.y, sample_weight=held.weights)["cost"]

    costs = np.array([[cost(one) for one in pair] for pair in candidates])
    epoch, which = np.unravel_index(costs.argmin(), costs.shape)
    assert ["last", "average"][which] == kept
    assert history.best_epoch == epoch + 1
    np.testing.assert_allclose(best.best.parameters, candidates[epoch][which], rtol=1e-5, atol=1e-7)


def test_training_is_the_same_as_without_averages():
    rows, held = data(weighted=False)
    averaged, plain = network(), network()
    fit(averaged, rows, held, [BestAverage(held, None)], epochs=4)
    fit(plain, rows, held, [], epochs=4)
    np.testing.assert_array_equal(averaged.parameters, plain.parameters)


def test_a_resumed_fit_keeps_the_same_parameters(tmp_path):
    rows, held = data(weighted=False)
    whole, first, second = (BestAverage(held, None) for _ in range(3))
    fit(network(), rows, held, [whole], epochs=9)
    fit(network(), rows, held, [first], epochs=4, checkpoint=tmp_path / "last")
    fit(network(), rows, held, [second], epochs=9, resume=tmp_path / "last")
    np.testing.assert_array_equal(second.best.parameters, whole.best.parameters)
    assert second.best.epoch == whole.best.epoch


def test_the_last_epoch_is_kept_if_it_is_more_accurate_than_that_of_the_lowest_cost():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(400, 2)).astype(np.float32)
    y = ((X[:, 0] > 0) ^ (rng.random(400) < 0.2)).astype(np.int64)
    kept = []
    for seed in range(8):
        net = Network([2, 32, 2], output="softmax", seed=seed)
        best = BestAverage(Rows(X[200:], y[200:], None), None)
        history = net.fit(
            X[:200],
            y[:200],
            epochs=20,
            batch_size=8,
            optimizer=AdamW(0.03),
            validation=(X[200:], y[200:]),
            callbacks=[best],
        )
        state = best.state()
        last, lowest = state["last_accuracy"], state["lowest_accuracy"]
        assert best.best.epoch == (20 if last > lowest else state["lowest_epoch"]) == history.best_epoch
        net.parameters = best.best.parameters
        assert net.evaluate(X[200:], y[200:])["accuracy"] == max(last, lowest)
        kept.append(last > lowest)
    assert any(kept)
    assert not all(kept)
