"""The core against the pure-Python reference: two implementations that share no line, the same numbers."""

import random

import localgrad as lg
import numpy as np
import pytest
from localgrad import reference

ACTIVATIONS = ["identity", "sigmoid", "tanh", "relu"]
OUTPUTS = [(output, "mse") for output in [*ACTIVATIONS, "softmax"]] + [
    ("sigmoid", "cross_entropy"),
    ("softmax", "cross_entropy"),
]
SIZES, N = [5, 7, 6, 4], 23
RULES = [
    {"learning_rate": 0.3},
    {"learning_rate": 0.1, "momentum": 0.9},
    {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
]


def difference(ours, theirs):
    """Return the largest difference over the largest magnitude."""
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    assert ours.shape == theirs.shape
    return abs(ours - theirs).max() / max(abs(theirs).max(), np.finfo(float).tiny)


def both(sizes=SIZES, **options):
    options = {"seed": 11, **options}
    return lg.Network(sizes, dtype="float64", **options), reference.Network(sizes, **options)


def data(width=SIZES[0], out=SIZES[-1], n=N):
    draw = random.Random(2)
    x = [[draw.gauss(0, 1) for _ in range(width)] for _ in range(n)]
    y = [[draw.random() for _ in range(out)] for _ in range(n)]
    return x, y, [draw.randrange(out) for _ in range(n)]


@pytest.mark.parametrize("init", ["auto", "he", "xavier", "normal", "zeros"])
@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
def test_initial_parameters(init, seed):
    core, ref = both(activation=["relu", "tanh"], init=init, seed=seed)
    assert difference(core.parameters, ref.parameters) <= 1e-14


@pytest.mark.parametrize(("output", "cost"), OUTPUTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_backprop(activation, output, cost):
    core, ref = both(activation=activation, output=output, cost=cost)
    x, y, _ = data()
    for rows in (slice(0, 1), slice(0, 7), slice(None)):
        ours, theirs = core.backprop(x[rows], y[rows]), ref.backprop(x[rows], y[rows])
        assert abs(ours.cost - theirs.cost) <= 1e-12 * abs(theirs.cost)
        for name in ("gradient", "cost_gradient"):
            assert difference(getattr(ours, name), getattr(theirs, name)) <= 1e-12, name
        for name in (
            "weighted_inputs",
            "activations",
            "local_gradients",
            "weight_gradients",
            "bias_gradients",
            "activation_derivatives",
        ):
            for i, (a, b) in enumerate(zip(getattr(ours, name), getattr(theirs, name), strict=True)):
                assert difference(a, b) <= 1e-12, (name, i)
    assert difference(core.predict(x), ref.predict(x)) <= 1e-12


@pytest.mark.parametrize(("output", "cost"), OUTPUTS)
@pytest.mark.parametrize("batch_size", [1, 7, N])
def test_training(output, cost, batch_size):
    core, ref = both(activation="tanh", output=output, cost=cost)
    x, y, _ = data()
    ours = core.fit(x, y, epochs=2, batch_size=batch_size, optimizer=lg.SGD(0.1))
    theirs = ref.fit(x, y, epochs=2, batch_size=batch_size, optimizer=reference.SGD(0.1))
    assert difference(core.parameters, ref.parameters) <= 1e-10
    assert difference(ours["cost"], theirs["cost"]) <= 1e-10


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_rule_and_activation(rule, activation):
    core, ref = both(activation=activation, output="softmax")
    x, _, labels = data()
    # The reference takes the core's optimiser too: it has the same attributes.
    core.fit(x, labels, epochs=2, batch_size=5, optimizer=lg.SGD(**rule))
    ref.fit(x, labels, epochs=2, batch_size=5, optimizer=lg.SGD(**rule))
    assert difference(core.parameters, ref.parameters) <= 1e-10
    ours, theirs = core.evaluate(x, labels), ref.evaluate(x, labels)
    assert ours["accuracy"] == theirs["accuracy"]
    assert abs(ours["cost"] - theirs["cost"]) <= 1e-10 * theirs["cost"]


def test_the_order_of_the_examples():
    # Learning one number with rate 1 and b = 1 ends at the last target: it tells which row came last.
    for seed in range(5):
        core, ref = both([1, 1], init="zeros", seed=seed)
        x, y = [[0.0]] * 1001, [[float(k)] for k in range(1001)]
        for _ in range(3):
            core.fit(x, y, epochs=1, batch_size=1, optimizer=lg.SGD(1.0))
            ref.fit(x, y, epochs=1, batch_size=1, optimizer=reference.SGD(1.0))
            assert core.biases[0][0] == ref.biases[0][0]


@pytest.mark.parametrize("cost", ["mse", "cross_entropy"])
def test_a_single_sigmoid(cost):
    core, ref = both([5, 6, 1], output="sigmoid", cost=cost, activation="relu")
    x, _, labels = data(out=2)
    core.fit(x, labels, epochs=3, batch_size=4)
    ref.fit(x, labels, epochs=3, batch_size=4)
    assert difference(core.parameters, ref.parameters) <= 1e-10
    ours, theirs = core.evaluate(x, labels), ref.evaluate(x, labels)
    assert ours.keys() == theirs.keys() == {"cost", "accuracy"}
    assert ours["accuracy"] == theirs["accuracy"]


def test_float32_agrees_as_far_as_it_can():
    _, ref = both(activation="tanh", output="softmax")
    core = lg.Network(SIZES, activation="tanh", output="softmax", seed=11)
    x, y, _ = data()
    assert difference(core.parameters, ref.parameters) <= np.finfo(np.float32).eps
    assert difference(core.backprop(x, y).gradient, ref.backprop(x, y).gradient) <= 1e-6
