"""`forward` and the quantities of single examples: shapes, single examples, tables and invalid arguments."""

import pickle
import sys

import localgrad as lg
import numpy as np
import pytest

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(6, 4)), RNG.normal(size=(6, 2))


def network(**options):
    return lg.Network([4, 5, 2], activation="tanh", seed=0, dtype="float64", **options)


def test_a_forward_trace_has_the_quantities_of_a_trace():
    net = network()
    f, t = net.forward(X), net.backprop(X, Y)
    assert isinstance(t, type(f))
    for name in ("weighted_inputs", "activations", "activation_derivatives"):
        for one, other in zip(getattr(f, name), getattr(t, name), strict=True):
            assert one.tobytes() == other.tobytes()
    assert f.activations[-1].tobytes() == net.predict(X).tobytes()
    assert repr(f) == "<ForwardTrace of 6 examples through 4-5-2>"
    again = pickle.loads(pickle.dumps(f))
    assert again.activations[1].tobytes() == f.activations[1].tobytes()
    single = net.forward(X[0])
    assert [z.shape for z in single.weighted_inputs] == [(5,), (2,)]
    assert single.activations[1].tobytes() == f.activations[1][0].tobytes()
    assert [a.shape for a in net.forward(np.empty((0, 4))).activations] == [(0, 4), (0, 5), (0, 2)]


def test_the_table_shows_the_gradient_of_the_inputs():
    net = network(learn_input_scale=True)
    names = [line[7:].split("  ")[0] for line in str(net.backprop(X, Y, wrt_input=True)).splitlines()[2:]]
    assert names[:4] == ["a = x", "∂c/∂x", "∂C/∂s", "z"]
    names = [line[7:].split("  ")[0] for line in str(net.forward(X)).splitlines()[2:]]
    assert names == ["a = x", "z", "a = tanh(z)", "z", "a = identity(z)"]


def test_a_trace_has_only_what_was_asked_for():
    net = network()
    t = net.backprop(X, Y)
    assert t.input_gradient is None
    assert t.per_example_gradients is None
    t = net.backprop(X, Y, wrt_input=True, per_example=True)
    assert t.input_gradient.shape == (6, 4)
    assert t.per_example_gradients.shape == (6, net.num_parameters)
    one = net.backprop(X[1], Y[1], wrt_input=True, per_example=True)
    assert one.input_gradient.shape == (4,)
    assert one.per_example_gradients.tobytes() == one.gradient.tobytes()


def test_weights_have_no_effect_on_quantities_of_single_examples():
    net, weights = network(), np.arange(6.0)
    plain = net.backprop(X, Y, wrt_input=True, per_example=True)
    t = net.backprop(X, Y, wrt_input=True, per_example=True, sample_weight=weights)
    assert t.input_gradient.tobytes() == plain.input_gradient.tobytes()
    assert t.per_example_gradients.tobytes() == plain.per_example_gradients.tobytes()
    np.testing.assert_allclose(
        np.average(t.per_example_gradients, axis=0, weights=weights), t.gradient, rtol=1e-12, atol=1e-15
    )


def test_gradients_are_with_respect_to_the_input_as_it_was_passed():
    scaled, plain = network(input_scale=0.5), network()
    of_scaled = scaled.backprop(X, Y, wrt_input=True).input_gradient
    np.testing.assert_allclose(
        of_scaled, 0.5 * plain.backprop(0.5 * X, Y, wrt_input=True).input_gradient, rtol=1e-12
    )


def test_norms_have_a_column_for_each_layer_and_for_input_scales():
    assert network().gradient_norms(X, Y).layers.shape == (6, 2)
    norms = network(learn_input_scale=True).gradient_norms(X, Y)
    assert norms.layers.shape == (6, 3)
    assert norms.layers.dtype == norms.total.dtype == np.float64
    np.testing.assert_allclose(norms.total, np.linalg.norm(norms.layers, axis=1), rtol=1e-14)
    assert network().gradient_norms(X[0], Y[0]).total.shape == (1,)


def test_a_gram_matrix_has_no_negative_eigenvalues():
    net = network()
    gram = net.gradient_dots(X, Y)
    np.testing.assert_allclose(np.sqrt(np.diag(gram)), net.gradient_norms(X, Y).total, rtol=1e-12)
    assert np.linalg.eigvalsh(gram).min() >= -1e-12 * gram.max()
    assert net.gradient_dots(X[:2], Y[:2], X[2:], Y[2:]).shape == (2, 4)


METHODS = ("gradient_norms", "gradient_dots", "gradient_noise_scale")


@pytest.mark.parametrize("name", METHODS)
def test_invalid_examples_raise(name):
    method = getattr(network(), name)
    bad = X.copy()
    bad[4, 1] = np.nan
    with pytest.raises(lg.BadExample, match="X must be finite, got nan at row 4, column 1"):
        method(bad, Y)
    with pytest.raises(ValueError, match="y must have 6 entries, one for each row of X, got 5"):
        method(X, Y[:5])
    with pytest.raises(ValueError, match="X must have 4 numbers per example, got 3"):
        method(X[:, :3], Y)
    with pytest.raises(ValueError, match="X must have at least 1 row, got 0"):
        method(X[:0], Y[:0])
    with pytest.raises(ValueError, match="n_threads"):
        method(X, Y, n_threads=0)


def test_errors_of_the_second_set_name_it():
    net, bad = network(), X.copy()
    bad[2, 3] = np.inf
    with pytest.raises(lg.BadExample, match="X2 must be finite, got inf at row 2, column 3"):
        net.gradient_dots(X, Y, bad, Y)
    with pytest.raises(ValueError, match="y2 must have 6 entries, one for each row of X2, got 5"):
        net.gradient_dots(X, Y, X, Y[:5])
    with pytest.raises(ValueError, match="y2 must be passed together with X2, got None"):
        net.gradient_dots(X, Y, X)
    with pytest.raises(ValueError, match="X2 must be passed together with y2, got None"):
        net.gradient_dots(X, Y, y2=Y)


def test_one_example_has_no_noise_scale():
    with pytest.raises(ValueError, match="X must have at least 2 rows, got 1"):
        network().gradient_noise_scale(X[:1], Y[:1])


def test_flags_must_be_booleans():
    with pytest.raises(TypeError, match="wrt_input"):
        network().backprop(X, Y, wrt_input="yes")
    with pytest.raises(TypeError, match="per_example"):
        network().backprop(X, Y, per_example=3)


@pytest.mark.skipif(sys.maxsize < 2**32, reason="needs 64-bit addresses")
def test_what_does_not_fit_into_memory_is_refused_with_both_numbers():
    net = lg.Network([100, 1000, 1000, 1], seed=0)
    x, y = np.broadcast_to(np.float32(0), (10_000_000, 100)), np.broadcast_to(np.float32(0), (10_000_000, 1))
    words = f"gradients of 10000000 examples with {net.num_parameters} parameters each must fit into"
    with pytest.raises(MemoryError, match=words):
        net.backprop(x, y, per_example=True)
    with pytest.raises(MemoryError, match="inner products of 10000000 and 10000000 gradients must fit into"):
        net.gradient_dots(x, y)


def test_a_custom_cost_that_raises_ends_the_call():
    def cost(a, y):
        raise RuntimeError("no cost")

    net = network(cost=cost)
    for name in METHODS:
        with pytest.raises(RuntimeError, match="no cost"):
            getattr(net, name)(X, Y)


def test_a_custom_cost_cannot_change_the_parameters():
    def cost(a, y):
        net.parameters = net.parameters * 2
        return ((a - y) ** 2).sum(axis=1), 2 * (a - y)

    net = network(cost=cost)
    for name in METHODS:
        with pytest.raises(RuntimeError):
            getattr(net, name)(X, Y)
