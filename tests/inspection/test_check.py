"""`check` finds errors in the core, the reference and custom costs, and none elsewhere."""

import localgrad as lg
import localgrad.verification.checking as checking
import numpy as np
import pytest
from lengths import mostly_slow
from network_cases import ACTIVATIONS, PAIRS, some_data, some_labels, takes_labels, widened

RNG = np.random.default_rng(2)


def architectures(count):
    """Return random networks with every pair of output and cost, and options."""
    cases = []
    for k in range(count):
        rng = np.random.default_rng(k)
        output, cost = PAIRS[k % len(PAIRS)]
        hidden = int(rng.integers(0, 4))
        sizes = widened([int(m) for m in rng.integers(2, 10, hidden + 2)], cost, output)
        options = {
            "activation": [str(ACTIVATIONS[(k + i) % len(ACTIVATIONS)]) for i in range(hidden)],
            "input_scale": [1.0, -0.5][k % 2],
            "learn_input_scale": k % 3 == 0,
            "dropout": 0.5 if hidden and k % 4 == 0 else 0.0,
            "standardize": k % 5 == 0 and not cost.startswith("poisson"),
        }
        cases.append((k, sizes, output, cost, options))
    return cases


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("k", "sizes", "output", "cost", "options"), mostly_slow(architectures(100), 4))
def test_random_architectures_pass(k, sizes, output, cost, options, dtype):
    net = lg.Network(sizes, output=output, cost=cost, dtype=dtype, seed=k, **options)
    x, y = some_data(20, sizes, seed=k, cost=cost, output=output)
    if takes_labels(output, cost) and k % 2:
        y = some_labels(20, sizes)
    for epochs in (0, 5):
        net.fit(x, y, epochs=epochs, optimizer=lg.Adam(0.01))
        before = net.parameters.tobytes()
        result = lg.check(net, x, y, verbose=0)
        assert result.ok, str(result)
        assert net.parameters.tobytes() == before
        compared = [one for one in result.comparisons if one.reference is not None]
        assert len(compared) == len(result.comparisons)
        derivatives = [one for one in result.comparisons if one.quantity[0] in "∂δ"]
        assert sum(one.differences is not None for one in derivatives) > len(derivatives) // 2


def network(**options):
    return lg.Network([4, 6, 3], **{"activation": "tanh", "seed": 0, "dtype": "float64", **options})


X, Y = RNG.normal(size=(20, 4)), RNG.normal(size=(20, 3))


def quartic(a, y):
    return ((a - y) ** 4).sum(axis=1), 4 * (a - y) ** 3


def in_float32(a, y):
    costs, gradient = quartic(a.astype(np.float32), y.astype(np.float32))
    return costs, gradient


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("output", ["identity", "softmax", "sigmoid"])
def test_correct_custom_costs_pass(output, dtype):
    result = lg.check(network(cost=quartic, output=output, dtype=dtype), X, Y, verbose=0)
    assert result.ok, str(result)
    assert result["∇_a c", 3].differences <= 1e-7


def test_a_custom_cost_in_float32_passes():
    result = lg.check(network(cost=in_float32), X, Y, tolerance=1e-5, verbose=0)
    assert result.ok, str(result)


@pytest.mark.parametrize("sizes", [[4, 6, 3], [4, 6, 5, 3]])
@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_rows_of_zeros_in_a_new_network_pass(sizes, activation):
    net = lg.Network(sizes, activation=activation, dtype="float64", seed=1)
    x, y = np.vstack([np.zeros(4), X[:7]]), Y[:8]
    result = lg.check(net, x, y, verbose=0)
    assert result.ok, str(result)
    assert result.corners == (0,)
    assert "not compared with central differences, because several units are at a kink: rows 0" in str(result)
    only = lg.check(net, x[:1], y[:1], verbose=0)
    assert only.ok
    assert only.elements["inputs"] == (0, 4)
    assert all(one.differences is None for one in only.comparisons)


def test_a_wrong_gradient_of_a_custom_cost_is_named():
    def wrong(a, y):
        costs, gradient = quartic(a, y)
        return costs, gradient * [1, 1, 1.001]

    result = lg.check(network(cost=wrong), X, Y, verbose=0)
    assert not result.ok
    assert not result["∇_a c", 3].ok
    assert not result["∂C/∂w", 2].ok
    assert result["z", 3].ok
    assert result["δ", 3].reference <= 1e-12  # both use the same gradient
    assert "the gradient of the custom cost contradicts its values" in str(result)
    assert "<- failed" in str(result)
    assert repr(result).endswith("failed>")


@pytest.mark.parametrize(("dtype", "change"), [("float64", 1e-8), ("float32", 1e-2)])
def test_an_error_is_found_in_the_layer_where_it_is(monkeypatch, dtype, change):
    right = checking.quantities

    def wrong(net, x, y):
        found = right(net, x, y)
        if isinstance(net, lg.Network) and net.dtype == dtype and not wrong.called:
            wrong.called = True  # the network itself comes first
            found[2, "δ"][1, 2] += change * abs(found[2, "δ"]).max()
        return found

    wrong.called = False
    monkeypatch.setattr(checking, "quantities", wrong)
    result = lg.check(network(dtype=dtype), X, Y, verbose=0)
    assert [(one.layer, one.quantity) for one in result.comparisons if not one.ok] == [(2, "δ")]


def test_a_wrong_derivative_contradicts_the_differences(monkeypatch):
    trace = lg.Network.backprop

    def wrong(self, x, y, **options):
        found = trace(self, x, y, **options)
        found.weight_gradients[0][2, 1] *= 1.001
        return found

    monkeypatch.setattr(lg.Network, "backprop", wrong)
    result = lg.check(network(), X, Y, verbose=0)
    failed = [(one.layer, one.quantity) for one in result.comparisons if not one.ok]
    assert failed == [(2, "∂C/∂w")]
    assert result["∂C/∂w", 2].differences > 1e-5
    assert result["∂C/∂w", 2].reference > 1e-10


def test_learned_targets_do_not_fail_in_float32():
    """δ = a - y is then a difference of nearly equal numbers, all of whose digits are rounding errors."""
    net = lg.Network([4, 3], dtype="float32", init="zeros")
    result = lg.check(net, X, np.zeros((20, 3)), verbose=0)
    assert result.ok
    w = RNG.normal(size=(3, 4))
    net = lg.Network([4, 3], init=([w], [np.zeros(3)]))
    assert lg.check(net, X, net.predict(X) * (1 + 1e-6), verbose=0).ok


def test_kinks_are_accepted_and_counted():
    net = lg.Network([4, 6, 1], dtype="float64", seed=0)
    net.weights[0][2] = 0  # z of this relu is 0 in every row
    net.weights[1] += 1.0
    result = lg.check(net, X, Y[:, :1], verbose=0)
    assert result.ok, str(result)
    assert result.kinks > 0
    assert "derivatives at a kink" in str(result)


def test_rows_near_a_kink_are_not_compared_with_the_reference():
    w = np.ones((1, 3))
    net = lg.Network([3, 1, 1], init=([w, [[1.0]]], [[0.0], [0.0]]))
    x = np.array([[1.0, 2.0, 4.0], [1.0, -1.0 + 1e-7, 0.0], [2.0, -1.0, 5.0]], np.float32)
    result = lg.check(net, x, np.ones((3, 1)), verbose=0)
    assert result.ok, str(result)
    assert result.left_out == (1,)
    assert "rows 1" in str(result)
    alone = lg.check(net, x[1:2], np.ones((1, 1)), verbose=0)
    assert alone.ok
    assert "not compared with the reference" in str(alone)


def test_large_networks_use_fewer_rows_and_elements():
    net = lg.Network([200, 1000, 10], activation="tanh", output="softmax", seed=0)
    x, y = RNG.normal(size=(50, 200)), RNG.integers(0, 10, 50)
    result = lg.check(net, x, y, verbose=0)
    assert result.ok, str(result)
    assert len(result.rows) == 4
    assert result.elements["weights"] == (38, 210_000)
    again = lg.check(net, x, y, verbose=0)
    assert str(again) == str(result)


def test_the_reference_is_left_out_for_very_large_networks(monkeypatch):
    monkeypatch.setattr(checking, "_REFERENCE", 10)
    result = lg.check(network(), X, Y, verbose=0)
    assert result.ok
    assert len(result.rows) == 2
    assert all(one.reference is None for one in result.comparisons)
    assert "not compared with the reference" in str(result)


def test_the_table_is_printed_by_default(capsys):
    result = lg.check(network(), X[0], Y[0])
    assert capsys.readouterr().out == f"{result}\n"
    assert result.rows == (0,)
    lg.check(network(), X[0], Y[0], verbose=0)
    assert capsys.readouterr().out == ""


def test_sparse_rows_and_bytes_are_accepted():
    sparse = pytest.importorskip("scipy.sparse")
    pixels = RNG.integers(0, 255, (20, 4), dtype=np.uint8)
    net = network(input_scale=1 / 255, dtype="float32")
    result = lg.check(net, pixels, Y, verbose=0)
    assert result.ok
    assert str(lg.check(net, sparse.csr_array(pixels), Y, verbose=0)) == str(result)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"net": "net"}, TypeError, "net must be a Network, got 'net'"),
        ({"X": X[:, :2]}, ValueError, "X must have 4 numbers per example, got 2"),
        ({"X": X * np.nan}, ValueError, "row 0"),
        ({"y": Y[:5]}, ValueError, "y must have 20 entries"),
        ({"tolerance": 0.0}, ValueError, "tolerance must be finite and above 0"),
        ({"seed": -1}, ValueError, "seed must be at least 0, got -1"),
        ({"verbose": "no"}, TypeError, "verbose"),
    ],
)
def test_invalid_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        lg.check(**{"net": network(), "X": X, "y": Y, "verbose": 0, **arguments})
