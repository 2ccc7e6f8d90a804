"""Saturated units, logits of any size, odd layer sizes, and batches of any size."""

import localgrad as lg
import numpy as np
import pytest
from localgrad import reference
from network_cases import ACTIVATIONS, LABELED, OUTPUTS, PAIRS, heads, relative_error, some_data

SIZES = [0.0, 1e-300, 1e-9, 0.5, 3.0, 17.0, 36.5, 90.0, 104.0, 700.0, 746.0, 1e4]
LOGITS = [sign * size for size in SIZES for sign in (1, -1)]
DTYPES = ["float32", "float64"]


def straight_through(width, output, cost, dtype):
    """Return a network whose z equals its x, and the same network in the reference."""
    options = {"output": output, "cost": cost, "init": ([np.eye(width)], [np.zeros(width)])}
    return lg.Network([width, width], dtype=dtype, **options), reference.Network([width, width], **options)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("output", [output for output, cost in PAIRS if cost == "cross_entropy"])
def test_cross_entropy_is_accurate_for_all_logits(output, dtype):
    """Costs are finite and correct for all pairs of logits and all targets."""
    net, model = straight_through(2, output, "cross_entropy", dtype)
    x = np.array([[u, v] for u in LOGITS for v in LOGITS], dtype)
    eps, tiny = float(np.finfo(dtype).eps), float(np.finfo(dtype).tiny)
    for y in ([1.0, 0.0], [0.0, 1.0], [0.25, 0.75], [0.0, 0.0], [1.0, 1.0]):
        t = net.backprop(x, np.tile(y, (len(x), 1)))
        assert np.isfinite(t.gradient).all()
        expected = model.backprop(x.tolist(), [y] * len(x))
        for row in range(len(x)):
            wanted = model.backprop(x[row].tolist(), y).cost
            # Terms of sigmoids are not negative; log sum e^z - z loses small terms.
            lost = tiny if output == "sigmoid" else 4 * eps * max(1.0, *abs(x[row]).tolist())
            assert net.backprop(x[row], y).cost == pytest.approx(wanted, rel=4 * eps, abs=lost)
        deltas = t.local_gradients[0], expected.local_gradients[0]
        np.testing.assert_allclose(*deltas, rtol=4 * eps, atol=4 * eps)
        assert t.cost == pytest.approx(expected.cost, rel=len(x) * eps)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("output", "cost"), PAIRS)
def test_saturated_outputs_are_accurate(output, cost, dtype):
    # If the cost contains e^z, larger logits give an infinite cost.
    exponential = cost == "gaussian_nll" or (output, cost) == ("identity", "poisson")
    logits = [z for z in LOGITS if abs(z) < 80] if exponential else LOGITS
    net, model = straight_through(len(logits), output, cost, dtype)
    x = np.array(logits, dtype)
    y = np.linspace(0, 1, len(logits) // heads(cost, output), dtype=dtype)
    t, expected = net.backprop(x, y), model.backprop(x.tolist(), y.tolist())
    eps, tiny = np.finfo(dtype).eps, np.finfo(dtype).tiny
    assert np.isfinite(t.cost)
    # For the other outputs, the tails are differences or products of rounded numbers.
    kept = tiny if output in ("identity", "sigmoid", "tanh", "relu", "softmax") else 4 * eps
    np.testing.assert_allclose(t.activations[1], expected.activations[1], rtol=4 * eps, atol=kept)
    # phi' = a (1 - a) or 1 - a^2 has an error of eps where a is close to 1
    assert relative_error(t.local_gradients[0], expected.local_gradients[0]) <= len(logits) * eps
    np.testing.assert_allclose(
        t.activation_derivatives[0], expected.activation_derivatives[0], rtol=4 * eps, atol=8 * eps
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_saturated_hidden_units_are_accurate(hidden, dtype):
    init = [[[1e4], [-1e4]], [[1, 1]]], [[0, 0], [0]]
    net = lg.Network([1, 2, 1], activation=hidden, init=init, dtype=dtype)
    t = net.backprop([[1.0], [-1.0]], [0.5, 0.5])
    expected = reference.Network([1, 2, 1], activation=hidden, init=init).backprop(
        [[1.0], [-1.0]], [0.5, 0.5]
    )
    eps = np.finfo(dtype).eps
    for name in ("activations", "local_gradients"):
        for ours, theirs in zip(getattr(t, name), getattr(expected, name), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=8 * eps, atol=8 * eps)
    wanted = {"sigmoid": [[1, 0], [0, 1]], "tanh": [[1, -1], [-1, 1]]}
    if hidden in wanted:
        np.testing.assert_array_equal(t.activations[1], wanted[hidden])
        np.testing.assert_array_equal(t.local_gradients[0], np.zeros((2, 2)))
    assert np.isfinite(t.gradient).all()


def test_the_cost_of_confident_outputs_is_0_or_the_logit():
    for output in LABELED:
        for dtype in DTYPES:
            net, _ = straight_through(2, output, "cross_entropy", dtype)
            assert net.evaluate([[1e4, -1e4]], [0]) == {"cost": 0, "accuracy": 1}
            assert net.evaluate([[1e4, -1e4]], [1]) == {"cost": 2e4, "accuracy": 0}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [1, 2, 3, 10_003])
@pytest.mark.parametrize("output", OUTPUTS)
def test_sums_over_the_batch_are_accurate(output, n, dtype):
    """(G1), (G2) and (C) follow from a and δ of the trace; every width uses every path for remainders."""
    sizes = [70, 1, 33, 2, 17, 3, 7]
    net = lg.Network(sizes, activation="tanh", output=output, init="normal", dtype=dtype, seed=1)
    x, y = some_data(n, sizes)
    t = net.backprop(x, y)
    tolerance = n * np.finfo(dtype).eps
    for i in range(len(sizes) - 1):
        a, delta = t.activations[i].astype(np.float64), t.local_gradients[i].astype(np.float64)
        terms = abs(delta).T @ abs(a) / n  # the error is relative to the terms, because the sum may cancel
        assert (abs(t.weight_gradients[i] - delta.T @ a / n) <= tolerance * terms).all()
        assert (abs(t.bias_gradients[i] - delta.mean(axis=0)) <= tolerance * abs(delta).mean(axis=0)).all()
    assert net.evaluate(x, y)["cost"] == pytest.approx(t.cost, rel=1e-12)
    rows = {0, n // 2, n - 1}
    for r in rows:
        single = net.backprop(x[r], y[r])
        for i in range(len(sizes) - 1):
            assert single.local_gradients[i].tobytes() == t.local_gradients[i][r].tobytes()
