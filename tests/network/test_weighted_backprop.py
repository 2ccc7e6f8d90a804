"""`backprop` with weights returns the means Σ w_i c_i / Σ w_i of the costs and gradients of the examples."""

import localgrad as lg
import numpy as np
import pytest

RNG = np.random.default_rng(4)
X = RNG.normal(size=(70, 5))
Y = RNG.normal(size=(70, 3))
W = RNG.uniform(0, 3, 70)
W[3] = 0


def quartic(a, y):
    return ((a - y) ** 4).sum(axis=1), 4 * (a - y) ** 3


def network(widths=(8,), **options):
    return lg.Network([5, *widths, 3], **{"seed": 2, "dtype": "float64", **options})


def arrays(t):
    return [t.gradient, *t.weight_gradients, *t.bias_gradients]


@pytest.mark.parametrize("cost", ["mse", quartic])
@pytest.mark.parametrize("widths", [(), (8,), (40, 17)])
@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_the_result_is_the_weighted_mean_of_single_examples(cost, widths, n_threads):
    net = network(widths, cost=cost)
    t = net.backprop(X, Y, sample_weight=W, n_threads=n_threads)
    own = [net.backprop(x, y) for x, y in zip(X, Y, strict=True)]
    assert t.cost == pytest.approx(np.average([one.cost for one in own], weights=W), rel=1e-13)
    assert t.cost == pytest.approx(net.evaluate(X, Y, sample_weight=W)["cost"], rel=1e-14)
    for k, ours in enumerate(arrays(t)):
        theirs = np.average([arrays(one)[k] for one in own], axis=0, weights=W)
        np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("cost", ["mse", quartic])
def test_values_of_single_examples_have_no_weight(dtype, cost):
    net = network(dtype=dtype, cost=cost)
    plain, weighted = net.backprop(X, Y), net.backprop(X, Y, sample_weight=W)
    for name in ("weighted_inputs", "activations", "local_gradients", "activation_derivatives"):
        for one, other in zip(getattr(plain, name), getattr(weighted, name), strict=True):
            assert one.tobytes() == other.tobytes()
    assert plain.cost_gradient.tobytes() == weighted.cost_gradient.tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_result_does_not_depend_on_threads_or_a_common_power_of_2(dtype):
    net = network((40, 17), dtype=dtype)
    t = net.backprop(X, Y, sample_weight=W, n_threads=1)
    for w, n_threads in ((W, 2), (W, 3), (4 * W, 1), (W[:, np.newaxis], 1)):
        again = net.backprop(X, Y, sample_weight=w, n_threads=n_threads)
        assert (again.cost, again.gradient.tobytes()) == (t.cost, t.gradient.tobytes())


def test_equal_weights_have_no_effect_and_a_weight_of_2_counts_twice():
    net = network()
    assert (
        net.backprop(X, Y, sample_weight=[0.3] * 70).gradient.tobytes()
        == net.backprop(X, Y).gradient.tobytes()
    )
    twice = net.backprop(np.r_[X, X[:9]], np.r_[Y, Y[:9]])
    t = net.backprop(X, Y, sample_weight=1 + (np.arange(70) < 9))
    assert t.cost == pytest.approx(twice.cost, rel=1e-14)
    np.testing.assert_allclose(t.gradient, twice.gradient, rtol=1e-11, atol=1e-14)


def test_a_single_example_may_have_a_weight():
    net = network()
    t = net.backprop(X[0], Y[0], sample_weight=0.5)
    assert t.gradient.tobytes() == net.backprop(X[0], Y[0]).gradient.tobytes()


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (np.zeros(70), "sample_weight must be above 0 for at least 1 example"),
        (W[1:], r"sample_weight must have shape \(70,\), got \(69,\)"),
        (
            np.where(np.arange(70) == 8, -1, W),
            "sample_weight must be finite and at least 0, got -1.0 at row 8",
        ),
    ],
)
def test_invalid_weights_raise(weights, words):
    with pytest.raises(ValueError, match=words):
        network().backprop(X, Y, sample_weight=weights)
