"""Training on values and slopes: the gradient of its cost, and what does not change its bits."""

import os
import signal
import threading

import localgrad as lg
import numpy as np
import pytest
from localgrad import reference
from network_cases import relative_error, some_data
from test_agreement import both, largest_error_of_parameters

RNG = np.random.default_rng(8)
# Every activation with a second derivative, one without, and one or two outputs, which are computed apart.
CASES = {
    "tanh": ([3, 5, 4, 3], {"activation": "tanh"}),
    "one output": ([2, 7, 1], {"activation": "sigmoid"}),
    "no hidden layer": ([3, 2], {"output": "tanh"}),
    "sigmoid outputs": ([2, 4, 3], {"activation": "silu", "output": "sigmoid", "cost": "cross_entropy"}),
    "softplus outputs": ([2, 4, 4, 2], {"activation": "mish", "output": "softplus"}),
    "relu": ([3, 6, 2], {"activation": "relu"}),
    "gelu": ([1, 6, 5, 3], {"activation": "gelu"}),
    "many inputs": ([20, 3, 1], {"activation": "tanh", "learn_input_scale": True}),
    "many inputs, no hidden layer": ([20, 3], {"output": "sigmoid"}),
    "elu": ([2, 3, 3], {"activation": "elu", "cost": "huber"}),
    "input scales": ([3, 5, 2], {"activation": "tanh", "learn_input_scale": True}),
    "input_scale": ([3, 5, 2], {"activation": "softsign", "input_scale": 0.5}),
    "poisson": ([2, 4, 1], {"activation": "gelu_tanh", "cost": "poisson"}),
    "standardize": ([3, 5, 2], {"activation": "tanh", "standardize": True, "learn_input_scale": True}),
}


def some_slopes(n, sizes, seed=3):
    return np.random.default_rng(seed).normal(size=(n, sizes[-1], sizes[0]))


def total_cost(net, x, y, slopes, weight):
    """Return the cost in the network's units, by its definition."""
    jacobian = net.jacobian(x).reshape(slopes.shape)
    cost = net.evaluate(x, y)["cost"]
    return cost + weight * 0.5 * ((jacobian - slopes) ** 2).sum(axis=(1, 2)).mean()


@pytest.mark.parametrize("name", CASES)
def test_training_agrees_with_the_reference(name):
    sizes, options = CASES[name]
    core, model = both(sizes, scale=0.5, **options)
    x, y = some_data(13, sizes, 1, options.get("cost", "mse"), options.get("output", "identity"))
    x = 2 * x + 1
    slopes, weights = some_slopes(13, sizes), np.arange(1.0, 14.0)
    settings = {"epochs": 3, "batch_size": 5, "slope_weight": 0.7}
    ours = core.fit(
        x, y, y_slope=slopes, sample_weight=weights, optimizer=lg.SGD(0.05, momentum=0.5), **settings
    )
    theirs = model.fit(
        x.tolist(),
        y.tolist(),
        y_slope=slopes.tolist(),
        sample_weight=weights.tolist(),
        optimizer=reference.SGD(0.05, momentum=0.5),
        **settings,
    )
    assert largest_error_of_parameters(core, model) <= 1e-10
    assert relative_error(ours["cost"], theirs["cost"]) <= 1e-10


@pytest.mark.parametrize("name", [name for name in CASES if name not in ("relu", "standardize")])
def test_the_gradient_is_that_of_the_cost(name):
    sizes, options = CASES[name]
    net, _ = both(sizes, scale=0.5, **options)
    x, y = some_data(9, sizes, 1, options.get("cost", "mse"), options.get("output", "identity"))
    slopes, before = some_slopes(9, sizes), net.parameters.copy()
    expected, h = [], 1e-5
    for p in range(len(before)):
        costs = []
        for step in (h, -h):
            net.parameters[...] = before
            net.parameters[p] += step
            costs.append(total_cost(net, x, y, slopes, 0.7))
        expected.append((costs[0] - costs[1]) / (2 * h))
    net.parameters[...] = before
    cost = total_cost(net, x, y, slopes, 0.7)
    history = net.fit(
        x, y, y_slope=slopes, slope_weight=0.7, epochs=1, batch_size=None, optimizer=lg.SGD(1.0)
    )
    assert history["cost"][0] == pytest.approx(cost, rel=1e-12)
    assert relative_error(before - net.parameters, np.array(expected)) <= 1e-8


def test_a_standardizing_network_compares_slopes_in_its_own_units():
    sizes = [3, 5, 2]
    x, y = some_data(20, sizes, 1)
    x, y, slopes = 3 * x + 1, 50 * y - 20, some_slopes(20, sizes)
    net = lg.Network(sizes, activation="tanh", standardize=True, dtype="float64", seed=1)
    net.fit(x, y, y_slope=slopes, epochs=2, batch_size=7, optimizer=lg.SGD(0.05))
    x_std, y_std = x.std(axis=0), y.std(axis=0)
    plain = lg.Network(sizes, activation="tanh", dtype="float64", seed=1)
    plain.fit(
        (x - x.mean(axis=0)) / x_std,
        (y - y.mean(axis=0)) / y_std,
        y_slope=slopes * x_std / y_std[:, None],
        epochs=2,
        batch_size=7,
        optimizer=lg.SGD(0.05),
    )
    assert relative_error(net.parameters, plain.parameters) <= 1e-12


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "clip", [{}, {"clip_norm": 0.5}, {"max_norm": 1.0, "weight_lr_factor": [0, 1, 1]}], ids=str
)
@pytest.mark.parametrize(
    ("sizes", "n", "batch_size"), [([3, 4, 5, 2], 50, 20), ([3, 4, 5, 2], 1500, None), ([70, 5, 4, 1], 30, 9)]
)
def test_the_number_of_threads_does_not_change_a_bit(sizes, n, batch_size, clip, dtype):
    x, y = some_data(n, sizes, 1)
    found = set()
    for n_threads in (1, 2, 3, 7):
        net = lg.Network(sizes, activation="tanh", dtype=dtype, seed=1, learn_input_scale=True)
        net.fit(
            x, y, y_slope=some_slopes(n, sizes), epochs=3, batch_size=batch_size, n_threads=n_threads, **clip
        )
        found.add(net.parameters.tobytes())
    assert len(found) == 1


def test_many_rows_that_are_split_into_chunks_have_the_same_gradient():
    sizes = [3, 4, 2]
    x, y = some_data(1500, sizes, 1)
    slopes, net = some_slopes(1500, sizes), lg.Network(sizes, activation="tanh", dtype="float64", seed=1)
    assert net.plan(batch_size=1500).split == "chunks"
    start, steps = net.parameters.copy(), []
    for first in range(0, 1500, 100):
        part = slice(first, first + 100)
        net.parameters[...] = start
        net.fit(x[part], y[part], y_slope=slopes[part], epochs=1, batch_size=None, optimizer=lg.SGD(1.0))
        steps.append(net.parameters - start)
    net.parameters[...] = start
    net.fit(x, y, y_slope=slopes, epochs=1, batch_size=None, optimizer=lg.SGD(1.0))
    assert relative_error(net.parameters - start, np.mean(steps, axis=0)) <= 1e-12


def test_a_frozen_layer_does_not_change_and_the_others_have_the_same_gradient():
    sizes = [3, 4, 5, 2]
    x, y = some_data(20, sizes, 1)
    settings = {"y_slope": some_slopes(20, sizes), "epochs": 1, "optimizer": lg.SGD(0.1)}
    net, frozen = (lg.Network(sizes, activation="tanh", seed=1) for _ in range(2))
    start = net.parameters.copy()
    net.fit(x, y, **settings)
    frozen.fit(x, y, weight_lr_factor=[0, 0, 1], bias_lr_factor=[0, 0, 1], **settings)
    first = 3 * 4 + 4 + 4 * 5 + 5
    assert (frozen.parameters[:first] == start[:first]).all()
    assert (frozen.parameters[first:] == net.parameters[first:]).all()
    assert (net.parameters[:first] != start[:first]).all()


def test_resumed_training_has_the_same_bits(tmp_path):
    sizes = [2, 5, 1]
    x, y = some_data(30, sizes, 1)
    settings = {"y_slope": some_slopes(30, sizes)[:, 0], "slope_weight": 0.5, "batch_size": 8}
    settings |= {"validation": 0.25}
    whole, part, rest = (lg.Network(sizes, activation="tanh", seed=1) for _ in range(3))
    history = whole.fit(x, y, epochs=6, **settings)
    part.fit(x, y, epochs=3, checkpoint=tmp_path / "half", **settings)
    resumed = rest.fit(x, y, epochs=6, resume=tmp_path / "half", **settings)
    assert (rest.parameters == whole.parameters).all()
    assert resumed == history


@pytest.mark.parametrize(
    ("split", "sizes", "n"), [("rows", [20, 700, 700, 2], 300), ("chunks", [200, 20, 20, 2], 5000)]
)
def test_ctrl_c_stops_in_the_middle_of_a_long_mini_batch(split, sizes, n):
    x, y = some_data(n, sizes, 1)
    slopes = np.broadcast_to(np.float32(0), (n, 2, sizes[0]))
    net = lg.Network(sizes, activation="tanh", seed=1)
    assert (net.plan(batch_size=n).split == "chunks") == (split == "chunks")
    start = net.parameters.copy()
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        net.fit(x, y, y_slope=slopes, epochs=100, batch_size=None)
    assert net.epochs == 0
    assert (net.parameters == start).all()
    net.fit(x[:8], y[:8], y_slope=slopes[:8], epochs=1)
    assert (net.parameters != start).any()


def test_held_out_rows_keep_their_own_slopes():
    sizes = [2, 5, 1]
    x, y = some_data(30, sizes, 1)
    slopes = some_slopes(30, sizes)
    settings = {"epochs": 2, "shuffle": False, "batch_size": 8}
    net, other = (lg.Network(sizes, activation="tanh", seed=1) for _ in range(2))
    history = net.fit(x, y, y_slope=slopes, validation=0.2, **settings)
    other.fit(x[:24], y[:24], y_slope=slopes[:24], **settings)
    assert (net.parameters == other.parameters).all()
    assert history["val_cost"][-1] == net.evaluate(x[24:], y[24:])["cost"]


def test_slopes_can_be_fitted_with_a_custom_cost():
    def half_squares(a, y):
        return 0.5 * ((a - y) ** 2).sum(axis=1), a - y

    sizes = [2, 5, 3]
    x, y = some_data(30, sizes, 1)
    found = []
    for cost in ("mse", half_squares):
        net = lg.Network(sizes, activation="tanh", cost=cost, dtype="float64", seed=1)
        net.fit(x, y, y_slope=some_slopes(30, sizes), epochs=3)
        found.append(net.parameters)
    assert relative_error(found[1], found[0]) <= 1e-12


def test_slopes_help_if_there_are_few_examples():
    x = np.linspace(-3, 3, 7)[:, None]
    dense = np.linspace(-3, 3, 200)[:, None]
    errors = []
    for slopes in ({}, {"y_slope": 2 * np.cos(2 * x)}):
        net = lg.Network([1, 32, 32, 1], activation="tanh", seed=0)
        net.fit(x, np.sin(2 * x), epochs=3000, batch_size=None, **slopes)
        errors.append(np.abs(net.predict(dense) - np.sin(2 * dense)).max())
    assert errors[1] < 0.2 * errors[0]


@pytest.mark.parametrize("kind", ["int32", "float32", "strided", "lists"])
def test_slopes_of_any_kind_of_array_are_read(kind):
    sizes = [2, 5, 3]
    x, y = some_data(30, sizes, 1)
    slopes = np.random.default_rng(1).integers(-3, 4, (30, 3, 2))
    given = {
        "int32": slopes.astype(np.int32),
        "float32": slopes.astype(np.float32),
        "strided": np.repeat(slopes, 2, axis=0)[::2],
        "lists": slopes.tolist(),
    }
    found = []
    for one in (slopes.astype(float), given[kind]):
        net = lg.Network(sizes, activation="tanh", seed=1)
        net.fit(x, y, y_slope=one, epochs=2)
        found.append(net.parameters)
    assert (found[0] == found[1]).all()
