"""The core's gradients agree with differences of its costs, for every activation, cost and penalty."""

import itertools

import localgrad as lg
import numpy as np
import pytest
from lengths import mostly_slow
from network_cases import ACTIVATIONS, COSTS, EVERY_PAIR, OUTPUTS, PAIRS, relative_error, some_data, widened
from pairwise import covering

PENALTIES = {
    "none": {},
    "l1": {"l1": [0.01, 0.0, 0.1]},
    "l2": {"l2": [0.0, 0.3, 0.1]},
    "both": {"l1": 0.03, "l2": 0.2, "penalize_biases": True},
}
CASES = covering(
    ACTIVATIONS, OUTPUTS, COSTS, list(PENALTIES), [False, True], fits=lambda row: row[1:3] in PAIRS
)


def network(sizes, hidden, output, cost, seed, scale):
    net = lg.Network(
        sizes, activation=hidden, output=output, cost=cost, init="normal", dtype="float64", seed=seed
    )
    net.parameters *= scale
    return net


def switches(net, x, y):
    """Return numbers that are 0 where an activation or a cost, or its slope, has a kink."""
    t = net.backprop(x, y)
    a = t.activations[-1]
    y = np.tile(y, a.shape[1] // y.shape[1])  # for each head
    of_cost = [a - y, abs(a - y) - 1, abs(a - y) - 0.3, 1 - a * y]
    of_units = [shifted for z in t.weighted_inputs for shifted in (z, abs(z) - 1, abs(z) - 3)]
    return np.concatenate([array.ravel() for array in (*of_cost, *of_units)])


def penalty(net, l1=0.0, l2=0.0, penalize_biases=False):
    """Return the sum of l1 |w| + l2 w² / 2."""
    total = 0.0
    strengths = (np.broadcast_to(strength, len(net.weights)) for strength in (l1, l2))
    for w, b, one, two in zip(net.weights, net.biases, *strengths, strict=True):
        total += one * abs(w).sum() + two * (w**2).sum() / 2
        if penalize_biases:
            total += one * abs(b).sum() + two * (b**2).sum() / 2
    return total


def differences(net, x, y, weights=None, h=1e-5, **penalties):
    """Return central differences of cost and penalty, one for each parameter."""

    def objective(parameters):
        net.parameters = parameters
        return net.evaluate(x, y, sample_weight=weights)["cost"] + penalty(net, **penalties)

    point = net.parameters.copy()
    slopes = np.empty_like(point)
    for k, unit in enumerate(np.eye(point.size)):
        slopes[k] = (objective(point + h * unit) - objective(point - h * unit)) / (2 * h)
    net.parameters = point
    return slopes


def assert_close_by_layer(net, gradient, expected):
    """Compare layer by layer: errors in the first layer would be small compared with the last."""
    end = 0
    for w, b in zip(net.weights, net.biases, strict=True):
        start, middle, end = end, end + w.size, end + w.size + b.size
        assert relative_error(gradient[start:middle], expected[start:middle]) <= 1e-6
        assert relative_error(gradient[middle:end], expected[middle:end]) <= 1e-6


@pytest.mark.parametrize(("hidden", "output", "cost", "penalties", "weighted"), mostly_slow(CASES))
def test_gradients_of_all_parameters_of_a_small_network(hidden, output, cost, penalties, weighted):
    """Check the gradient of backprop and the step of SGD on cost and penalty."""
    sizes, h = widened([3, 5, 2, 4], cost, output), 1e-5
    for n in (1, 5):
        x, y = some_data(n, sizes, cost=cost, output=output)
        for seed in itertools.count():  # until no kink is close and every layer has a gradient
            net = network(sizes, hidden, output, cost, seed, scale=0.7)
            t = net.backprop(x, y)
            far = abs(switches(net, x, y)).min() > 100 * h and abs(net.parameters).min() > 10 * h
            if far and all(abs(g).max() > 1e-3 for g in t.weight_gradients):
                break
        assert_close_by_layer(net, t.gradient, differences(net, x, y))

    weights = np.array([0.5, 3.0, 0.0, 1.0, 2.0]) if weighted else None
    if weighted:
        assert_close_by_layer(
            net, net.backprop(x, y, sample_weight=weights).gradient, differences(net, x, y, weights)
        )
    expected = differences(net, x, y, weights, **PENALTIES[penalties])
    before = net.parameters.copy()
    rule = {"epochs": 1, "batch_size": None, "optimizer": lg.SGD(0.25)}
    history = net.fit(x, y, sample_weight=weights, **rule, **PENALTIES[penalties])
    assert_close_by_layer(net, (before - net.parameters) / 0.25, expected)
    net.parameters = before
    assert history["cost"][0] == pytest.approx(net.evaluate(x, y, sample_weight=weights)["cost"], rel=1e-12)


@pytest.mark.parametrize(("hidden", "output", "cost"), mostly_slow(EVERY_PAIR, 8))
def test_gradients_in_a_random_direction_of_a_large_network(hidden, output, cost):
    sizes, h = widened([200, 130, 97, 10], cost, output), 1e-5
    x, y = some_data(50, sizes, cost=cost, output=output)
    net = network(sizes, hidden, output, cost, seed=0, scale=0.1)
    t, point = net.backprop(x, y), net.parameters.copy()
    for seed in itertools.count():  # until the step crosses no kink and changes the cost
        step = np.random.default_rng(seed).normal(size=point.size)
        step *= h / np.linalg.norm(step)
        net.parameters = point + step
        above, sides_above = net.evaluate(x, y)["cost"], np.sign(switches(net, x, y))
        net.parameters = point - step
        below, sides_below = net.evaluate(x, y)["cost"], np.sign(switches(net, x, y))
        net.parameters = point
        steep = abs(t.gradient @ step) > 0.5 * h * np.linalg.norm(t.gradient) / point.size**0.5
        if steep and (sides_above == sides_below).all():
            break
    assert t.gradient @ step == pytest.approx((above - below) / 2, rel=1e-6, abs=0)
