"""`Network.lr_finder` tries learning rates on a copy of the network."""

import localgrad as lg
import numpy as np
import pytest
from localgrad._training.sweep import _run_away

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 4))
Y = np.sin(X[:, :2])


def network(**options):
    return lg.Network([4, 8, 2], **{"activation": "tanh", "seed": 1, "dtype": "float64", **options})


def test_rates_and_costs_are_those_of_one_training_run():
    net = network()
    found = net.lr_finder(
        X, Y, optimizer="sgd", lowest=1e-3, highest=0.1, steps=20, shuffle=False, batch_size=30
    )
    rates = np.geomspace(1e-3, 0.1, 20)
    np.testing.assert_allclose(found.learning_rates, rates, rtol=1e-12)
    by_hand, costs = net.copy(), []
    starts = [*range(0, 200, 30)] * 3  # seven mini-batches per epoch, the last with 20 rows
    for rate, start in zip(rates, starts[:20], strict=True):
        t = by_hand.backprop(X[start : start + 30], Y[start : start + 30])
        costs.append(t.cost)
        by_hand.parameters -= rate * t.gradient
    np.testing.assert_allclose(found.costs, costs, rtol=1e-9)


@pytest.mark.parametrize(
    "rule", [None, lg.SGD(5.0), lg.SGD(0), lg.SGD(3, momentum=0.9), lg.Adam(7), lg.Lion()]
)
def test_the_network_and_its_history_are_not_changed(rule):
    net = network()
    net.fit(X, Y, epochs=1)
    before = net.parameters.tobytes(), net.epochs, net.history
    found = net.lr_finder(X, Y, optimizer=rule)
    assert (net.parameters.tobytes(), net.epochs, net.history) == before
    assert found.costs.shape == found.learning_rates.shape == found.smoothed.shape
    assert found.costs.dtype == found.learning_rates.dtype == np.float64
    assert np.isfinite(found.costs).all()
    assert found.suggestion in found.learning_rates


def test_the_learning_rate_of_the_optimizer_is_ignored():
    one, other = (network().lr_finder(X, Y, optimizer=lg.Adam(rate)) for rate in (0.0, 10.0))
    np.testing.assert_array_equal(one.costs, other.costs)


def test_it_stops_when_the_cost_grows_too_large():
    found = network().lr_finder(X, Y, highest=1e6, steps=200)
    assert len(found.costs) < 200
    assert found.learning_rates[-1] < 100
    assert found.learning_rates[0] == pytest.approx(1e-6)


def test_it_stops_when_the_cost_becomes_infinite():
    net = lg.Network([4, 8, 2], activation="identity", seed=1)
    found = net.lr_finder(X, Y, lowest=1e-3, highest=1e36, steps=3)
    assert len(found.costs) == 2
    assert np.isfinite(found.costs).all()


@pytest.mark.parametrize("level", [0.0, 0.05, 0.5, 5.0])
def test_it_continues_when_the_cost_crosses_zero(level):
    noise = np.random.default_rng(0).normal(size=120)
    costs = level + 0.1 * noise
    costs[60:100] -= np.linspace(0, 2 * level + 0.5, 40)  # as the cost of a density does
    costs[100:] += 3.0 ** np.arange(20)
    assert 100 < _run_away(costs) < 110


@pytest.mark.parametrize("seed", range(4))
def test_the_suggestion_is_where_the_cost_falls(seed):
    net = lg.Network([4, 16, 1], activation="relu", cost="poisson", seed=seed)
    counts = np.random.default_rng(seed).poisson(np.exp(0.3 * X[:, 0] + 1.5))
    found = net.lr_finder(X, counts, optimizer=lg.Adam())
    at = np.flatnonzero(found.learning_rates == found.suggestion)[0]
    high, low = np.median(found.smoothed[:20]), found.smoothed.min()
    assert low + 0.1 * (high - low) < found.smoothed[at] < high


def test_the_suggestion_is_a_rate_that_trains_well():
    net = network()
    found = net.lr_finder(X, Y, batch_size=50, steps=120)
    assert 0.01 < found.suggestion < 5
    ours = net.copy().fit(X, Y, batch_size=50, optimizer=lg.SGD(found.suggestion))["cost"][-1]
    slow = net.copy().fit(X, Y, batch_size=50, optimizer=lg.SGD(found.suggestion / 100))["cost"][-1]
    assert ours < 0.5 * slow


def test_a_constant_cost_has_no_suggestion():
    net = lg.Network([1, 1], init="zeros", dtype="float64")
    found = net.lr_finder([[0.0]], [0.0], steps=5)  # the cost is 0 from the start
    assert found.suggestion is None
    assert found.costs.tolist() == [0.0] * 5
    assert "no suggestion" in repr(found)


def test_fewer_rates_than_mini_batches_are_accepted():
    found = network().lr_finder(X, Y, batch_size=1, steps=3)
    assert len(found.costs) == 3


def test_weights_and_penalties_are_used():
    plain = network().lr_finder(X, Y)
    weights = np.where(np.arange(200) < 100, 1.0, 3.0)
    weighted = network().lr_finder(X, Y, sample_weight=weights)
    assert weighted.costs[0] != plain.costs[0]
    assert (network().lr_finder(X, Y, sample_weight=weights * 2.0**-140).costs == weighted.costs).all()
    for option in ({"l2": 1.0}, {"weight_decay": 1.0}, {"clip_norm": 0.1}, {"max_norm": 0.5}):
        assert (network().lr_finder(X, Y, **option).costs[:50] != plain.costs[:50]).any()


def test_the_first_cost_must_be_finite():
    with pytest.raises(FloatingPointError, match="cost became"):
        lg.Network([4, 2], seed=1).lr_finder(np.full((5, 4), 1e30), np.ones((5, 2)))


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"lowest": 0}, ValueError, ["lowest", "above 0", "0"]),
        ({"lowest": "a"}, TypeError, ["lowest", "number", "'a'"]),
        ({"highest": np.inf}, ValueError, ["highest", "finite", "inf"]),
        ({"lowest": 2.0, "highest": 1.0}, ValueError, ["highest", "lowest", "2.0", "1.0"]),
        ({"steps": 1}, ValueError, ["steps", "2", "1"]),
        ({"steps": 10.0}, TypeError, ["steps", "int", "10.0"]),
        ({"batch_size": 0}, ValueError, ["batch_size", "1", "0"]),
        ({"optimizer": lg.Rprop()}, ValueError, ["optimizer", "learning rate", "Rprop"]),
        ({"optimizer": lg.LBFGS()}, ValueError, ["optimizer", "mini-batches", "LBFGS"]),
        ({"optimizer": "adma"}, ValueError, ["optimizer", "'adma'"]),
        ({"l2": -1}, ValueError, ["l2", "0", "-1"]),
        ({"sample_weight": [1.0]}, ValueError, ["sample_weight", "(200,)", "(1,)"]),
        ({"shuffle": 1}, TypeError, ["shuffle", "bool", "1"]),
    ],
)
def test_invalid_arguments_raise(options, error, words):
    with pytest.raises(error) as caught:
        network().lr_finder(X, Y, **options)
    for word in words:
        assert word in str(caught.value)


def test_plot_marks_the_suggestion():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    from matplotlib import pyplot

    found = network().lr_finder(X, Y)
    ax = found.plot()
    assert ax.get_xscale() == "log"
    assert any(f"{found.suggestion:.2g}" in line.get_label() for line in ax.get_lines())
    own = pyplot.figure().add_subplot()
    assert found.plot(own) is own
    pyplot.close("all")
