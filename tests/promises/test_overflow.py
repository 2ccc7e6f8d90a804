"""Gradients, weights and errors whose squares overflow or underflow while the numbers themselves do not."""

import math

import localgrad as lg
import numpy as np
import pytest
from localgrad import reference
from network_cases import OPTIMIZERS

DTYPES = ["float32", "float64"]


def largest(dtype):
    return float(np.finfo(dtype).max)


def absolute(a, y):
    return np.abs(a - y).sum(axis=1).astype(np.float64), np.sign(a - y)


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("cost", ["mae", absolute], ids=["built-in", "custom"])
@pytest.mark.parametrize(("rows", "sizes"), [(1, [2, 1]), (7, [2, 3]), (2000, [2, 3])])
def test_clip_norm_limits_the_step_for_gradients_of_any_size(rows, sizes, cost, dtype, n_threads):
    """A gradient up to the largest float, summed by rows and in chunks."""
    for size in (1e3, 1e19, 1e30, largest(dtype) / 8, 0.99 * largest(dtype)):
        for bound in (1.0, 1e-3, 1e-20):
            net = lg.Network(sizes, init="zeros", cost=cost, dtype=dtype)
            X = np.full((rows, 2), size, dtype)
            X[:, 1] /= 2
            y = np.full((rows, sizes[1]), -1.0)
            options = {"epochs": 1, "batch_size": None, "clip_norm": bound, "n_threads": n_threads}
            net.fit(X, y, optimizer=lg.SGD(1.0), **options)
            step = net.weights[0].astype(np.float64) / bound
            along = np.array([-2.0, -1.0]) / math.sqrt(5 * sizes[1])
            np.testing.assert_allclose(step, np.tile(along, (sizes[1], 1)), rtol=2e-3)


@pytest.mark.parametrize("dtype", DTYPES)
def test_clip_norm_of_hidden_layers_agrees_with_float64(dtype):
    """Inputs are as large as 1e30."""
    options = {"activation": "relu", "cost": "mae", "seed": 2}
    nets = [lg.Network([3, 5, 2], dtype=d, **options) for d in (dtype, "float64")]
    nets[1].parameters = nets[0].parameters
    X = np.abs(np.random.default_rng(1).normal(size=(6, 3))).astype(np.float32)
    for size in (1.0, 1e15, 1e30):
        for net in nets:
            net.fit(
                X * np.float32(size),
                np.zeros((6, 2)),
                epochs=2,
                batch_size=4,
                optimizer=lg.Adam(),
                clip_norm=0.1,
            )
        eps = 100 * float(np.finfo(dtype).eps)
        np.testing.assert_allclose(nets[0].parameters, nets[1].parameters, rtol=eps, atol=eps)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [1e-30, 1e-3, 1e20, 1e37])
@pytest.mark.parametrize("sizes", [[3, 1], [3, 2], [3, 4], [700, 3]])
def test_max_norm_limits_weights_of_any_size(sizes, size, dtype):
    w = np.random.default_rng(0).normal(size=(sizes[1], sizes[0])) * size / 10
    net = lg.Network(sizes, init=([w], [np.zeros(sizes[1])]), dtype=dtype)
    bound = size / 20
    net.fit(np.zeros((1, sizes[0])), np.zeros((1, sizes[1])), epochs=1, max_norm=bound)
    norms = np.linalg.norm(w, axis=1, keepdims=True)
    expected = w * np.minimum(1, bound / norms) / size
    np.testing.assert_allclose(net.weights[0] / size, expected, rtol=1e-5)


@pytest.mark.parametrize("sizes", [[5, 1], [5, 3], [5, 20]])
def test_max_norm_can_be_far_below_the_weights(sizes):
    """The factor, for example 1e-40, is subnormal."""
    for dtype, bound, size in (
        ("float32", 1e-25, 1e15),
        ("float32", 1e-22, 1e18),
        ("float64", 1e-200, 1e120),
    ):
        weights = np.arange(1.0, 6.0) * np.ones((sizes[1], 1)) * size
        net = lg.Network(sizes, init=([weights], [np.zeros(sizes[1])]), dtype=dtype)
        net.fit(np.zeros((1, 5)), np.zeros((1, sizes[1])), epochs=1, max_norm=bound)
        np.testing.assert_allclose(
            net.weights[0].astype(np.float64) / bound, weights / size / 55**0.5, rtol=1e-6
        )


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("cost", ["mae", absolute], ids=["built-in", "custom"])
@pytest.mark.parametrize(("rows", "sizes"), [(1, [2, 1]), (300, [2, 3]), (2000, [2, 3]), (2000, [2, 1])])
def test_clip_norm_does_not_change_small_gradients(rows, sizes, cost, n_threads):
    """If all numbers are normal and no sum overflows, nothing is scaled, so no bit changes."""
    weights = np.array([1.1, 1.3, 1.7])[np.arange(rows) % 3]
    steps = []
    for unit in (1.0, 16 * float(np.finfo(np.float32).tiny)):  # a power of 2 does not affect rounding
        X = np.full((rows, 2), 1.2345678, np.float32)
        built_in = cost == "mae"  # either the inputs or the slopes of the cost are small
        net = lg.Network(
            sizes,
            init="zeros",
            cost=cost if built_in else lambda a, y, u=unit: tuple(u * part for part in cost(a, y)),
        )
        net.fit(
            X * np.float32(unit) if built_in else X,
            np.full((rows, sizes[1]), -1.0),
            sample_weight=weights,
            epochs=1,
            batch_size=None,
            optimizer=lg.SGD(1.0),
            clip_norm=1e3,
            n_threads=n_threads,
        )
        steps.append(net.weights[0].astype(np.float64) / unit)
    assert steps[0].tolist() == steps[1].tolist()


def test_norms_of_the_reference_do_not_overflow():
    one = reference.Network([2, 1], init="zeros", cost="mae")
    one.fit([[1e308, 1.5e308]], [[-1.0]], epochs=1, optimizer=reference.SGD(1.0), clip_norm=1.0)
    assert one.weights[0][0] == pytest.approx([-1 / math.sqrt(3.25), -1.5 / math.sqrt(3.25)])
    init = [[[3e307, 4e307]]], [[0.0]]
    one = reference.Network([2, 1], init=init)
    one.fit([[0.0, 0.0]], [[0.0]], epochs=1, max_norm=10.0)
    assert one.weights[0][0] == pytest.approx([6.0, 8.0])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["adam", "amsgrad", "nadam", "rmsprop", "rmsprop centered", "adagrad"])
def test_an_optimizer_state_that_overflows_raises(name, dtype):
    """Otherwise the parameter would never change again."""
    rule = OPTIMIZERS[name]
    for kind in (lg.Network, reference.Network):
        if kind is reference.Network and dtype == "float32":
            continue
        given = {"dtype": dtype} if kind is lg.Network else {}
        net = kind([1, 1], init="zeros", cost="mae", **given)
        with pytest.raises(FloatingPointError):
            net.fit([[largest(dtype) / 2]], [[-1.0]], epochs=1, optimizer=rule)
        assert list(np.ravel(net.weights[0])) == [0.0]
        clipped = kind([1, 1], init="zeros", cost="mae", **given)
        clipped.fit([[largest(dtype) / 2]], [[-1.0]], epochs=1, optimizer=rule, clip_norm=1.0)
        assert clipped.weights[0][0][0] < 0


def test_the_message_names_the_optimizer_state():
    net = lg.Network([1, 1], init="zeros", cost="mae")
    with pytest.raises(FloatingPointError, match="the state of the optimizer became infinite"):
        net.fit([[1e30]], [[-1.0]], epochs=1, optimizer=lg.Adagrad())


@pytest.mark.parametrize("dtype", DTYPES)
def test_gaussian_nll_with_a_tiny_variance(dtype):
    far = 1 if dtype == "float32" else 8
    init = [[[0.0], [0.0]]], [[0.0, -100.0 * far]]
    net = lg.Network([1, 2], cost="gaussian_nll", init=init, dtype=dtype)
    model = reference.Network([1, 2], cost="gaussian_nll", init=init)
    for one in (net, model):
        assert one.evaluate([[0.0]], [0.0])["cost"] == pytest.approx(-50 * far)
        t = one.backprop([[0.0]], [0.0])
        assert list(t.local_gradients[0][0]) == [0.0, 0.5]
        assert list(t.cost_gradient[0]) == [0.0, 0.5]
        assert t.cost == pytest.approx(-50 * far)
    net.fit([[0.0]], [0.0], epochs=100, optimizer=lg.SGD(1.0))  # s decreases by 1/2 in each epoch
    assert net.biases[0].tolist() == pytest.approx([0.0, -100 * far - 50])
    assert net.evaluate([[0.0]], [0.0])["cost"] == pytest.approx(-50 * far - 25)
    with pytest.raises(FloatingPointError, match="the cost became inf"):
        net.fit([[0.0]], [1.0], epochs=1)  # any error is huge relative to a standard deviation of e^-75


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200, 1e308])
def test_metrics_of_numbers_of_any_size(scale):
    y, a = np.array([1.0, -0.5, 0.25, 1.5]), np.array([1.0, 0.5, 0.0, 1.0])
    for weights in (None, [1.0, 2.0, 3.0, 4.0]):
        kept = {"sample_weight": weights}
        for metric in (lg.metrics.rmse, lg.metrics.mae, lg.metrics.pinball):
            expected = metric(y, a, **kept)
            assert metric(y * scale, a * scale, **kept) / scale == pytest.approx(expected)
        assert lg.metrics.r2(y * scale, a * scale, **kept) == pytest.approx(lg.metrics.r2(y, a, **kept))
    wide = np.full(4, 3e38, np.float32)
    assert lg.metrics.rmse(wide, -wide) == pytest.approx(6e38)
    assert lg.metrics.mse(wide, -wide) == pytest.approx(3.6e77)
