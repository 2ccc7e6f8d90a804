"""The core's gradients against differences of its costs, for every activation and cost."""

import itertools

import localgrad as lg
import numpy as np
import pytest
from network_cases import COMBINATIONS, relative_error, some_data


def network(sizes, hidden, output, cost, seed, scale):
    net = lg.Network(
        sizes, activation=hidden, output=output, cost=cost, init="normal", dtype="float64", seed=seed
    )
    net.parameters *= scale
    return net


def signs(net, x, y):
    return [np.sign(z) for z in net.backprop(x, y).weighted_inputs]


def slope(net, x, y, point, step):
    """(C(p + s) - C(p - s)) / 2, and whether a z changes its sign on the way: there might be a kink at 0."""
    net.parameters = point + step
    above, signs_above = net.evaluate(x, y)["cost"], signs(net, x, y)
    net.parameters = point - step
    below, signs_below = net.evaluate(x, y)["cost"], signs(net, x, y)
    net.parameters = point
    kink = any((one != other).any() for one, other in zip(signs_above, signs_below, strict=True))
    return (above - below) / 2, kink


@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize(("hidden", "output", "cost"), COMBINATIONS)
def test_every_parameter_of_a_small_network(hidden, output, cost, n):
    sizes, h = [3, 5, 2, 4], 1e-5
    x, y = some_data(n, sizes)
    for seed in itertools.count():  # until no z is near 0 and something flows through every layer
        net = network(sizes, hidden, output, cost, seed, scale=0.7)
        t = net.backprop(x, y)
        far_from_kinks = min(abs(z).min() for z in t.weighted_inputs) > 100 * h
        if far_from_kinks and all(g.any() for g in t.weight_gradients):
            break
    point = net.parameters.copy()
    differences = [slope(net, x, y, point, h * unit)[0] / h for unit in np.eye(point.size)]
    net.parameters = differences
    for i in range(3):  # layer by layer, for the last would hide an error in the first
        assert relative_error(t.weight_gradients[i], net.weights[i]) <= 1e-6
        assert relative_error(t.bias_gradients[i], net.biases[i]) <= 1e-6


@pytest.mark.parametrize(("hidden", "output", "cost"), COMBINATIONS)
def test_a_random_direction_on_a_large_network(hidden, output, cost):
    sizes, h = [200, 130, 97, 10], 1e-5
    x, y = some_data(50, sizes)
    net = network(sizes, hidden, output, cost, seed=0, scale=0.1)
    t, point = net.backprop(x, y), net.parameters.copy()
    for seed in itertools.count():  # until the way meets no kink
        step = np.random.default_rng(seed).normal(size=point.size)
        step *= h / np.linalg.norm(step)
        difference, kink = slope(net, x, y, point, step)
        if not kink:
            break
    assert t.gradient @ step == pytest.approx(difference, rel=1e-6, abs=0)
