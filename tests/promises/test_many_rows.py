"""Means over a million rows have a relative error below 1e-5 everywhere, although float32 is summed."""

import localgrad as lg
import numpy as np
import pytest

N = 1_000_000
VALUE = 0.1  # not exact in binary: added one by one, a million of them are 0.96 % too large
ROUNDED = float(np.float32(VALUE))


def largest_relative_error(mean, wanted=ROUNDED):
    """Return the largest relative error."""
    return np.abs(np.asarray(mean, np.float64) / wanted - 1).max()


def ones(width=1, value=1.0):
    return np.full((N, width), value, np.float32)


def absolute(a, y):
    return np.abs(a - y).sum(axis=1).astype(np.float64), np.sign(a - y)


def gradient(net, X, y, **options):
    """Return the gradient that one step of fit on the full batch uses."""
    before = net.parameters.astype(np.float64)
    net.fit(X, y, epochs=1, batch_size=None, optimizer=lg.SGD(1.0), **options)
    return before - net.parameters


@pytest.mark.parametrize("width", [1, 2, 5])
@pytest.mark.parametrize("inputs", [1, 9])
def test_gradients_of_backprop_are_accurate(width, inputs):
    net = lg.Network([inputs, width], init="zeros")
    assert largest_relative_error(net.backprop(ones(inputs), ones(width, -VALUE)).gradient) < 1e-5


@pytest.mark.parametrize("cost", ["mse", lambda a, y: (((a - y) ** 2).sum(axis=1) / 2, a - y)])
@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("options", [{}, {"clip_norm": 100.0}, {"max_norm": 100.0}, {"l2": 1e-30}], ids=str)
def test_gradients_of_fit_are_accurate(options, width, cost):
    """Rows are summed in chunks; with a custom cost, by rows."""
    net = lg.Network([1, width], init="zeros", cost=cost)
    assert largest_relative_error(gradient(net, ones(), ones(width, -VALUE), **options)) < 1e-5


@pytest.mark.parametrize("n_threads", [1, 2])
def test_gradients_of_hidden_layers_are_accurate(n_threads):
    """All units are equal: the gradient of one row is the mean over all of them."""
    sizes = [3, 8, 8, 2]
    init = [np.full(shape, 0.25) for shape in ((8, 3), (8, 8), (2, 8))], [np.full(m, 0.1) for m in sizes[1:]]
    x, y = [[VALUE, 0.3, 0.7]], [[0.3, 0.7]]
    expected = lg.Network(sizes, init=init, dtype="float64").backprop(x, y).gradient
    X, Y = (np.repeat(np.asarray(rows, np.float32), N, axis=0) for rows in (x, y))
    net = lg.Network(sizes, init=init)
    assert largest_relative_error(net.backprop(X, Y, n_threads=n_threads).gradient, expected) < 2e-5
    assert largest_relative_error(gradient(net, X, Y, n_threads=n_threads), expected) < 2e-5


@pytest.mark.parametrize("sizes", [[300, 400, 3], [40, 400, 200, 1], [600, 500]])
def test_gradients_of_wide_layers_are_accurate(sizes):
    """Threads share the units instead of the rows; 10,000 rows are enough to show a drift."""
    n = 10_000
    net = lg.Network(sizes, activation="identity", seed=0)
    x, y = np.full((1, sizes[0]), VALUE), np.full((1, sizes[-1]), 5.0)
    twin = lg.Network(sizes, activation="identity", dtype="float64")
    twin.parameters = net.parameters
    expected = twin.backprop(x, y).gradient
    X, Y = (np.repeat(rows.astype(np.float32), n, axis=0) for rows in (x, y))
    for got in (net.backprop(X, Y).gradient, gradient(net.copy(), X, Y)):
        error = np.abs(got - expected)
        assert (error <= 2e-5 * abs(expected) + 1e-6 * abs(expected).max()).all()


def test_sample_weights_and_class_weights_are_accurate():
    net = lg.Network([1, 1], init="zeros", cost=absolute)
    weights = np.full(N, VALUE)
    weights[: N // 2] *= 3
    mean = 2 * ROUNDED
    before = net.evaluate(ones(), ones(1, -1.0), sample_weight=weights)["cost"]
    step = gradient(net, ones(), ones(1, -1.0), sample_weight=weights)
    # The mean of the weights may be rounded to 1.
    assert min(largest_relative_error(step, mean), largest_relative_error(step, 1.0)) < 1e-5
    assert min(largest_relative_error(before, mean), largest_relative_error(before, 1.0)) < 1e-5

    labels = np.zeros(N, np.int64)
    labels[: N // 10] = 1
    net = lg.Network([1, 1], init="zeros", output="sigmoid", cost="cross_entropy")
    step = gradient(net, ones(), labels, class_weight="balanced")
    assert np.abs(step).max() < 1e-5  # 900,000 rows of weight 1/1.8 and 100,000 of weight 5


def test_costs_and_metrics_are_accurate():
    net = lg.Network([1, 2], init="zeros")
    X, Y = ones(), ones(2, VALUE)
    cost = ROUNDED**2
    assert largest_relative_error(net.backprop(X, Y).cost, cost) < 1e-6
    assert largest_relative_error(net.evaluate(X, Y)["cost"], cost) < 1e-6
    history = net.fit(X, Y, epochs=1, batch_size=None, validation=(X, Y), metrics=["rmse", "mae", "mse"])
    assert largest_relative_error(history["cost"][0], cost) < 1e-6
    a = np.zeros((N, 2), np.float32)
    for name, wanted in (("rmse", ROUNDED), ("mae", ROUNDED), ("mse", ROUNDED**2)):
        assert largest_relative_error(getattr(lg.metrics, name)(Y, a), wanted) < 1e-6
        assert len(history[f"val_{name}"]) == 1


def test_the_result_does_not_depend_on_the_number_of_threads():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3_000, 7)).astype(np.float32)
    for sizes, cost in (([7, 9, 2], "mse"), ([7, 9, 2], absolute), ([7, 400, 300, 3], "mse")):
        y = rng.normal(size=(len(X), sizes[-1])).astype(np.float32)
        nets = [lg.Network(sizes, cost=cost, seed=1) for _ in range(4)]
        traces = []
        for net, n_threads in zip(nets, (1, 2, 3, 7), strict=True):
            net.fit(X, y, epochs=2, batch_size=1700, optimizer=lg.Adam(), n_threads=n_threads)
            traces.append(net.backprop(X, y, n_threads=n_threads).gradient.tobytes())
        assert len({net.parameters.tobytes() for net in nets}) == 1
        assert len(set(traces)) == 1


def test_lbfgs_is_accurate():
    pytest.importorskip("scipy")
    net = lg.Network([1, 2], init="zeros")
    net.fit(ones(), ones(2, VALUE), epochs=3, optimizer=lg.LBFGS())
    assert largest_relative_error(net.predict([[1.0]])) < 1e-5
