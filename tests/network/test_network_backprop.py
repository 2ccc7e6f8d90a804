"""`backprop`: a step worked out by hand, and the quantities of a trace."""

import itertools
import pickle

import localgrad as lg
import numpy as np
import pytest

ACTIVATIONS = ["identity", "sigmoid", "tanh", "relu"]
OUTPUTS = [(output, "mse") for output in [*ACTIVATIONS, "softmax"]] + [
    ("sigmoid", "cross_entropy"),
    ("softmax", "cross_entropy"),
]


@pytest.mark.parametrize("optimizer", [lg.SGD(0.5), lg.SGD()])
def test_a_step_worked_out_by_hand(optimizer):
    """All numbers of one step of a 2-2-1 network with sigmoid units, quadratic cost and one example."""
    net = lg.Network(
        [2, 2, 1],
        activation="sigmoid",
        output="sigmoid",
        init=([[[0.5, -1.0], [1.0, 0.25]], [[2.0, -1.0]]], [[0.0, -0.5], [0.5]]),
        dtype="float64",
    )
    t = net.backprop([1.0, 2.0], [0.25])

    # (F)  z² = w² x + b²: 0.5·1 - 1·2 + 0 and 1·1 + 0.25·2 - 0.5
    np.testing.assert_allclose(t.weighted_inputs[0], [-1.5, 1.0])
    # a² = σ(z²)
    a = [0.18242552380635632, 0.7310585786300049]
    np.testing.assert_allclose(t.activations[1], a, rtol=1e-14)
    # z³ = 2 a²_1 - a²_2 + 0.5
    np.testing.assert_allclose(t.weighted_inputs[1], [0.1337924689827078], rtol=1e-14)
    np.testing.assert_allclose(t.activations[2], [0.5333983117721903], rtol=1e-14)
    np.testing.assert_allclose(t.activations[0], [1.0, 2.0])
    # (C)  ½ (0.25 - a³)²
    assert t.cost == pytest.approx(0.040157301557663796, rel=1e-14)
    # (D1) ∇_a c = a³ - y;  φ'(z³) = a³ (1 - a³)
    np.testing.assert_allclose(t.cost_gradient, [0.2833983117721903], rtol=1e-14)
    np.testing.assert_allclose(t.activation_derivatives[1], [0.24888455277076757], rtol=1e-14)
    delta_3 = 0.07053346208141215  # 0.2833983117721903 · 0.24888455277076757
    np.testing.assert_allclose(t.local_gradients[1], [delta_3], rtol=1e-14)
    # (D2) δ² = φ'(z²) ⊙ (w³)ᵀ δ³;  φ'(z²) = a² (1 - a²)
    slope = [0.14914645207033286, 0.19661193324148185]
    np.testing.assert_allclose(t.activation_derivatives[0], slope, rtol=1e-14)
    delta_2 = [0.021039631243359953, -0.013867720338041196]  # slope_1 · 2 · δ³ and slope_2 · -1 · δ³
    np.testing.assert_allclose(t.local_gradients[0], delta_2, rtol=1e-14)
    # (G1) ∂c/∂w_jk = δ_j a_k and (G2) ∂c/∂b_j = δ_j
    np.testing.assert_allclose(t.weight_gradients[1], [[delta_3 * a[0], delta_3 * a[1]]], rtol=1e-14)
    np.testing.assert_allclose(
        t.weight_gradients[0], [[delta_2[0], 2 * delta_2[0]], [delta_2[1], 2 * delta_2[1]]], rtol=1e-14
    )
    np.testing.assert_allclose(t.bias_gradients[0], delta_2, rtol=1e-14)
    np.testing.assert_allclose(t.bias_gradients[1], [delta_3], rtol=1e-14)

    # (M) with b = n = 1: w <- w - η ∂c/∂w
    rate = optimizer.learning_rate
    net.fit([[1.0, 2.0]], [[0.25]], epochs=1, optimizer=optimizer)
    np.testing.assert_allclose(
        net.weights[0],
        [
            [0.5 - rate * delta_2[0], -1 - rate * 2 * delta_2[0]],
            [1 - rate * delta_2[1], 0.25 - rate * 2 * delta_2[1]],
        ],
        rtol=1e-14,
    )
    np.testing.assert_allclose(net.biases[0], [-rate * delta_2[0], -0.5 - rate * delta_2[1]], rtol=1e-14)
    np.testing.assert_allclose(
        net.weights[1], [[2 - rate * delta_3 * a[0], -1 - rate * delta_3 * a[1]]], rtol=1e-14
    )
    np.testing.assert_allclose(net.biases[1], [0.5 - rate * delta_3], rtol=1e-14)


def problem(activation, output, cost, n=4, seed=0):
    """Return a small float64 network, data away from the kink of relu, and their trace."""
    rng = np.random.default_rng(seed)
    for attempt in itertools.count():
        net = lg.Network(
            [3, 5, 4, 3],
            activation=activation,
            output=output,
            cost=cost,
            init="normal",
            dtype="float64",
            seed=attempt,
        )
        net.parameters *= 0.5
        x, y = rng.normal(size=(n, 3)), rng.random((n, 3))
        t = net.backprop(x, y)
        if min(abs(z).min() for z in t.weighted_inputs) > 1e-3:
            return net, x, y, t


@pytest.mark.parametrize(("output", "cost"), OUTPUTS)
def test_local_gradient_is_the_product_of_its_two_factors(output, cost):
    net, _, _, t = problem("tanh", output, cost)
    factor = t.activation_derivatives[-1]
    if output == "softmax":
        assert factor.shape == (4, 3, 3)
        delta = np.einsum("rjk,rj->rk", factor, t.cost_gradient)
    else:
        assert factor.shape == (4, 3)
        delta = factor * t.cost_gradient
    np.testing.assert_allclose(t.local_gradients[-1], delta, rtol=1e-9, atol=1e-12)
    # (D2)
    for i in (0, 1):
        below = t.activation_derivatives[i] * (t.local_gradients[i + 1] @ net.weights[i + 1])
        np.testing.assert_allclose(t.local_gradients[i], below, rtol=1e-12, atol=1e-14)


def test_gradients_of_a_batch_are_means_of_outer_products():
    net, x, y, t = problem("tanh", "identity", "mse")
    for i in range(3):
        outer = t.local_gradients[i][:, :, np.newaxis] * t.activations[i][:, np.newaxis, :]
        np.testing.assert_allclose(t.weight_gradients[i], outer.mean(axis=0), rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(
            t.bias_gradients[i], t.local_gradients[i].mean(axis=0), rtol=1e-12, atol=1e-15
        )
    singles = [net.backprop(one, wanted) for one, wanted in zip(x, y, strict=True)]
    np.testing.assert_allclose(
        t.gradient, np.mean([s.gradient for s in singles], axis=0), rtol=1e-12, atol=1e-15
    )
    assert t.cost == pytest.approx(np.mean([s.cost for s in singles]), rel=1e-14)


def test_gradient_is_in_the_order_of_the_parameters():
    net, _, _, t = problem("tanh", "identity", "mse")
    start = 0
    for i, (w, b) in enumerate(zip(net.weights, net.biases, strict=True)):
        assert t.weight_gradients[i].shape == w.shape
        assert t.bias_gradients[i].shape == b.shape
        assert np.shares_memory(t.weight_gradients[i], t.gradient)
        assert np.shares_memory(t.bias_gradients[i], t.gradient)
        np.testing.assert_array_equal(t.weight_gradients[i].T.ravel(), t.gradient[start : start + w.size])
        np.testing.assert_array_equal(t.bias_gradients[i], t.gradient[start + w.size :][: b.size])
        start += w.size + b.size


@pytest.mark.parametrize(("output", "cost"), OUTPUTS)
def test_a_single_example_has_no_batch_axis(output, cost):
    net, x, y, _ = problem("tanh", output, cost)
    one, batch = net.backprop(x[1], y[1]), net.backprop(x[1:2], y[1:2])
    assert one.cost == batch.cost
    assert one.gradient.tobytes() == batch.gradient.tobytes()
    for name in ("weighted_inputs", "activations", "local_gradients", "activation_derivatives"):
        for single, rows in zip(getattr(one, name), getattr(batch, name), strict=True):
            assert single.shape == rows.shape[1:]
            assert single.tobytes() == rows.tobytes()
    assert one.cost_gradient.shape == (3,)
    assert one.cost_gradient.tobytes() == batch.cost_gradient.tobytes()


def test_the_network_is_not_changed():
    net, x, y, _ = problem("tanh", "softmax", "cross_entropy")
    before = net.parameters.tobytes(), net.epochs
    t = net.backprop(x, y)
    t.gradient[:] = 0
    t.activations[0][:] = 0
    assert (net.parameters.tobytes(), net.epochs) == before


def test_a_trace_does_not_depend_on_later_changes():
    net, x, y, t = problem("tanh", "sigmoid", "mse")
    expected = t.activations[-1] - y
    late = net.backprop(x, y)
    net.parameters[:] = 0
    y[:] = 7
    x[:] = 7
    np.testing.assert_allclose(late.cost_gradient, expected, rtol=1e-14)
    np.testing.assert_allclose(late.activation_derivatives[0], 1 - late.activations[1] ** 2, rtol=1e-12)
    assert late.cost_gradient is late.cost_gradient
    assert late.activation_derivatives is late.activation_derivatives


@pytest.mark.parametrize("logit", [1e4, -1e4])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("output", ["softmax", "sigmoid"])
def test_large_logits_give_finite_cost_and_gradient(output, dtype, logit):
    net = lg.Network(
        [1, 2], output=output, cost="cross_entropy", init=([[[logit], [0]]], [[0, 0]]), dtype=dtype
    )
    for y in ([1, 0], [0, 1], [0.5, 0.5]):
        t = net.backprop([1.0], y)
        assert np.isfinite(t.cost)
        assert np.isfinite(t.gradient).all()
        assert net.evaluate([1.0], y)["cost"] == pytest.approx(t.cost)
    # A confident network has cost 0 for the right class, and the logit for the wrong one.
    right = net.backprop([1.0], [float(logit > 0), float(logit < 0)])
    wrong = net.backprop([1.0], [float(logit < 0), float(logit > 0)])
    assert wrong.cost - right.cost == pytest.approx(1e4)


def test_cost_gradient_is_infinite_where_the_slope_is():
    net = lg.Network([1, 2], output="sigmoid", cost="cross_entropy", init=([[[-1e4], [1e4]]], [[0, 0]]))
    t = net.backprop([1.0], [1.0, 0.0])
    np.testing.assert_array_equal(t.cost_gradient, [-np.inf, np.inf])
    np.testing.assert_array_equal(net.backprop([1.0], [0.0, 1.0]).cost_gradient, [1, -1])


def test_the_derivative_of_relu_at_0_is_0():
    net = lg.Network([1, 1, 1], activation="relu", init=([[[1]], [[1]]], [[0], [0]]))
    t = net.backprop([0.0], [1.0])
    np.testing.assert_array_equal(t.activation_derivatives[0], [0])
    np.testing.assert_array_equal(t.local_gradients[0], [0])


def test_a_trace_can_be_pickled_and_has_a_repr():
    _, _, _, t = problem("tanh", "softmax", "mse")
    again = pickle.loads(pickle.dumps(t))
    assert again.gradient.tobytes() == t.gradient.tobytes()
    np.testing.assert_array_equal(again.activation_derivatives[2], t.activation_derivatives[2])
    assert repr(t).startswith("<Trace of 4 examples through 3-5-4-3, cost ")
