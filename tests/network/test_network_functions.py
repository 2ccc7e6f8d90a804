"""Activations and costs: spelling of names, targets and labels, costs and accuracies by hand."""

import math

import localgrad as lg
import numpy as np
import pytest
from localgrad import reference

SPELLINGS = [  # the name as a user may write it, the name that the network returns
    ("relu", "relu"),
    ("leaky_relu", "leaky_relu"),
    ("leaky_relu(0.01)", "leaky_relu"),
    ("leaky_relu(1e-2)", "leaky_relu"),
    ("leaky_relu(0.2)", "leaky_relu(0.2)"),
    ("leaky_relu(.20)", "leaky_relu(0.2)"),
    ("leaky_relu( 0.2 )", "leaky_relu(0.2)"),
    ("leaky_relu(0)", "leaky_relu(0)"),
    ("elu(1)", "elu"),
    ("elu(0.1)", "elu(0.1)"),
    ("elu(2.5)", "elu(2.5)"),
]


@pytest.mark.parametrize(("spelling", "normalized"), SPELLINGS)
def test_names_of_activations_are_normalized(spelling, normalized, tmp_path):
    net = lg.Network([2, 3, 3, 2], activation=["tanh", spelling], output=spelling)
    assert net.activation == ("tanh", normalized)
    assert net.output == normalized
    net.save(tmp_path / "net")
    again = lg.load(tmp_path / "net")
    assert (again.activation, again.output) == (net.activation, net.output)
    assert again.predict([1.0, 2.0]).tobytes() == net.predict([1.0, 2.0]).tobytes()
    assert (net.copy().activation, net.copy().output) == (net.activation, net.output)


@pytest.mark.parametrize(
    ("spelling", "normalized"),
    [
        ("huber(1.0)", "huber"),
        ("huber(0.5)", "huber(0.5)"),
        ("cross_entropy(0)", "cross_entropy"),
        ("cross_entropy(0.1)", "cross_entropy(0.1)"),
        ("binary_cross_entropy(0.25)", "binary_cross_entropy(0.25)"),
        ("quantile", "quantile"),
        ("quantile(0.5)", "quantile"),
        ("quantile(.1,0.5,0.90)", "quantile(0.1, 0.5, 0.9)"),
    ],
)
def test_names_of_costs_are_normalized(spelling, normalized, tmp_path):
    output = "sigmoid" if "entropy" in spelling else "identity"
    net = lg.Network([2, 3], output=output, cost=spelling)
    assert net.cost == normalized
    assert normalized in repr(net)
    net.save(tmp_path / "net")
    assert lg.load(tmp_path / "net").cost == normalized


def test_the_graph_shows_parameters_after_a_semicolon():
    net = lg.Network([2, 3, 6], activation="leaky_relu(0.2)", cost="quantile(0.1, 0.5, 0.9)")
    nodes = net.graph().nodes
    assert nodes["a^2"]["formula"] == "leaky_relu(z^2; 0.2)"
    assert nodes["c"]["formula"] == "quantile(a^3, y; 0.1, 0.5, 0.9)"
    assert nodes["y"]["shape"] == (2,)
    assert nodes["a^3"]["shape"] == (6,)


def linear(outputs, **options):
    """Return a network whose outputs z equal its inputs."""
    eye, zero = np.eye(outputs), np.zeros(outputs)
    return lg.Network([outputs] * 2, init=([eye], [zero]), **{"dtype": "float64", **options})


A = np.array([[0.5, -2.0], [1.5, 0.25]])
Y = np.array([[1.0, 1.0], [-0.5, 0.25]])
E = Y - A


def test_outputs_are_grouped_by_quantile():
    net = linear(6, cost="quantile(0.1, 0.5, 0.9)")
    a, y = np.arange(6.0) / 5, np.array([0.5, -1.0])
    e = np.tile(y, 3) - a  # the first quantile of all targets, then the second, ...
    q = np.repeat([0.1, 0.5, 0.9], 2)
    assert net.evaluate(a, y)["cost"] == pytest.approx(np.maximum(q * e, (q - 1) * e).sum())
    trace = net.backprop(a, y)
    np.testing.assert_allclose(trace.cost_gradient, np.where(e > 0, -q, 1 - q))
    np.testing.assert_allclose(trace.local_gradients[0], trace.cost_gradient)
    one = lg.Network([2, 3], cost="quantile(0.1, 0.5, 0.9)")
    one.fit(np.zeros((5, 2)), np.arange(5.0), epochs=1)  # a single target needs no axis
    assert one.backprop([0, 0], 3.0).local_gradients[0].shape == (3,)


def test_quantiles_are_learned():
    x, y = np.zeros((1000, 1)), np.random.default_rng(0).permutation(1000) / 1000
    net = lg.Network([1, 3], cost="quantile(0.1, 0.5, 0.9)", seed=0)
    net.fit(x, y, epochs=60, optimizer=lg.SGD(0.1), schedule=lg.schedules.Polynomial())
    np.testing.assert_allclose(net.predict([0.0]), [0.1, 0.5, 0.9], atol=0.03)


def test_gaussian_nll_outputs_are_means_and_log_variances():
    net = linear(4, cost="gaussian_nll")
    mu, s, y = np.array([1.0, 2.0]), np.array([0.5, -0.5]), np.array([0.0, 3.0])
    x = np.concatenate([mu, s])
    expected = 0.5 * (s + (y - mu) ** 2 * np.exp(-s)).sum()
    assert net.evaluate(x, y)["cost"] == pytest.approx(expected)
    slopes = np.concatenate([(mu - y) * np.exp(-s), 0.5 - 0.5 * (y - mu) ** 2 * np.exp(-s)])
    np.testing.assert_allclose(net.backprop(x, y).cost_gradient, slopes)
    one = lg.Network([1, 2], cost="gaussian_nll", dtype="float64", seed=0)
    target = np.random.default_rng(0).normal(3, 0.5, 400)
    one.fit(np.zeros((400, 1)), target, epochs=300, batch_size=None, optimizer=lg.SGD(0.2))
    mean, log_variance = one.predict([0.0])
    assert mean == pytest.approx(target.mean(), abs=1e-3)
    assert math.exp(log_variance) == pytest.approx(target.var(), rel=1e-2)


def test_multi_label_accuracy():
    net = linear(3, output="sigmoid", cost="binary_cross_entropy")
    z = np.array([[1.0, -1.0, 2.0], [-1.0, -1.0, 1.0]])
    y = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert net.evaluate(z, y)["accuracy"] == pytest.approx(4 / 6)
    assert net.evaluate(z, y, sample_weight=[3, 1])["accuracy"] == pytest.approx((3 * 1 / 3 + 1) / 4)
    one = linear(1, output="sigmoid", cost="binary_cross_entropy")
    assert one.evaluate([[1.0], [-1.0]], [1, 1])["accuracy"] == 0.5  # labels, since there is a single output


def test_hinge_accepts_labels():
    net = linear(3, cost="hinge")
    z = np.array([[0.5, -2.0, 0.0], [0.1, 0.2, 0.3]])
    rows = np.array([[1.0, -1.0, -1.0], [-1.0, 1.0, -1.0]])
    by_label, by_row = net.evaluate(z, np.array([0, 1])), net.evaluate(z, rows)
    assert by_label == by_row
    assert by_label["cost"] == pytest.approx(np.maximum(0, 1 - rows * z).sum(1).mean())
    assert by_label["accuracy"] == 0.5
    trace = net.backprop(z, np.array([0, 1]))
    np.testing.assert_array_equal(trace.cost_gradient, np.where(1 - rows * z > 0, -rows, 0.0))
    np.testing.assert_array_equal(trace.cost_gradient, net.backprop(z, rows).cost_gradient)
    one = linear(1, cost="hinge")
    assert one.evaluate([[0.3], [-0.3], [0.3]], [1, 0, 0])["accuracy"] == pytest.approx(2 / 3)
    assert one.evaluate([[0.3]], [0])["cost"] == pytest.approx(1.3)
    assert one.backprop([0.3], 0).cost_gradient.tolist() == [1.0]


@pytest.mark.parametrize(
    ("output", "cost"),
    [("identity", "hinge"), ("sigmoid", "cross_entropy(0.1)"), ("sigmoid", "binary_cross_entropy")],
)
def test_booleans_are_labels_for_a_single_output(output, cost):
    z, y = np.array([[0.3], [-0.3], [0.4]]), np.array([1, 0, 0])
    for network in (lg.Network, lg.reference.Network):
        net = network([1, 1], init=([[[1.0]]], [[0.0]]), output=output, cost=cost)
        assert net.evaluate(z.tolist(), (y > 0).tolist()) == net.evaluate(z.tolist(), y.tolist())
    net = lg.Network([1, 1], output=output, cost=cost, seed=0)
    other = net.copy()
    options = {"class_weight": {1: 3.0}, "epochs": 3, "batch_size": 2}
    net.fit(z, y > 0, validation=(z, y > 0), **options)
    other.fit(z, y, validation=(z, y), **options)
    assert net.history == other.history
    assert net.backprop(z[0], True).cost == net.backprop(z[0], 1).cost


@pytest.mark.parametrize("cost", ["mae", "huber(0.5)", "log_cosh"])
def test_regression_has_no_accuracy(cost):
    assert list(linear(2, cost=cost).evaluate(A, Y)) == ["cost"]
    assert list(linear(2, cost=cost, output="softmax").evaluate(A, [0, 1])) == ["cost", "accuracy"]


OUT_OF_RANGE = [
    ("softmax", "cross_entropy", -0.5, "between 0 and 1"),
    ("sigmoid", "cross_entropy(0.1)", 1.5, "between 0 and 1"),
    ("sigmoid", "binary_cross_entropy", -1.0, "between 0 and 1"),
    ("identity", "hinge", 2.0, "between -1 and 1"),
    ("softplus", "poisson", -1.0, "at least 0"),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("output", "cost", "number", "range_"), OUT_OF_RANGE)
def test_targets_outside_the_range_of_the_cost_raise(output, cost, number, range_, dtype):
    net = lg.Network([3, 2], output=output, cost=cost, dtype=dtype, seed=0)
    before = net.parameters.copy()
    y = np.full((5, 2), 0.5)
    y[3, 1] = number
    message = rf"y must be {range_} for the cost '.*', got {number:g} at row 3, column 1"
    for call in (net.fit, net.evaluate, net.backprop):
        with pytest.raises(ValueError, match=message):
            call(np.ones((5, 3)), y)
    assert (net.parameters == before).all()
    with pytest.raises(ValueError, match="for this cost"):
        reference.Network([3, 2], output=output, cost=cost).evaluate(np.ones((5, 3)).tolist(), y.tolist())
