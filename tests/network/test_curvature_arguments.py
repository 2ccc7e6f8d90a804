"""Second derivatives of the cost: shapes, single examples, weights and invalid arguments."""

import sys

import localgrad as lg
import numpy as np
import pytest

RNG = np.random.default_rng(4)
X, Y = RNG.normal(size=(6, 4)), RNG.normal(size=(6, 2))


def network(**options):
    return lg.Network([4, 5, 2], activation="tanh", seed=0, dtype="float64", **options)


V = RNG.normal(size=network().num_parameters)
CALLS = {
    "hessian_product": (V,),
    "gauss_newton_product": (V,),
    "hessian_diagonal": (),
    "gauss_newton_diagonal": (),
    "hessian_eigenvalue": (),
}


def numbers(found):
    return found.vector if isinstance(found, lg.curvature.Eigenvalue) else found


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_results_have_the_shape_and_dtype_of_the_parameters(name, dtype):
    net = lg.Network([4, 5, 2], dtype=dtype, seed=0)
    for examples in ((X, Y), (X[0], Y[0])):
        found = numbers(getattr(net, name)(*examples, *CALLS[name]))
        assert found.shape == (net.num_parameters,)
        assert found.dtype == dtype


@pytest.mark.parametrize("name", CALLS)
def test_weights_count_as_repeated_examples(name):
    net, method = network(), lambda net, *data, **o: getattr(net, name)(*data, *CALLS[name], **o)
    repeated = numbers(method(net, np.repeat(X, [1, 2, 0, 3, 1, 1], 0), np.repeat(Y, [1, 2, 0, 3, 1, 1], 0)))
    weighted = numbers(method(net, X, Y, sample_weight=[1, 2, 0, 3, 1, 1]))
    sign = np.sign(repeated @ weighted) if name == "hessian_eigenvalue" else 1
    np.testing.assert_allclose(weighted, sign * repeated, rtol=1e-6, atol=1e-8)
    with pytest.raises(ValueError, match="sample_weight"):
        method(net, X, Y, sample_weight=-np.ones(6))


@pytest.mark.parametrize("name", CALLS)
def test_invalid_examples_raise(name):
    method = getattr(network(), name)
    bad = X.copy()
    bad[4, 1] = np.nan
    with pytest.raises(lg.BadExample, match="X must be finite, got nan at row 4, column 1"):
        method(bad, Y, *CALLS[name])
    with pytest.raises(ValueError, match="y must have 6 entries, one for each row of X, got 5"):
        method(X, Y[:5], *CALLS[name])
    with pytest.raises(ValueError, match="X must have 4 numbers per example, got 3"):
        method(X[:, :3], Y, *CALLS[name])
    with pytest.raises(ValueError, match="X must have at least 1 row, got 0"):
        method(X[:0], Y[:0], *CALLS[name])
    with pytest.raises(ValueError, match="n_threads"):
        method(X, Y, *CALLS[name], n_threads=0)


@pytest.mark.parametrize("name", ["hessian_product", "gauss_newton_product"])
def test_an_invalid_vector_raises(name):
    method = getattr(network(), name)
    with pytest.raises(ValueError, match=r"v must have shape \(37,\), got \(36,\)"):
        method(X, Y, V[:-1])
    with pytest.raises(ValueError, match=r"v must have shape \(37,\), got \(1, 37\)"):
        method(X, Y, V[None])
    bad = V.copy()
    bad[5] = np.inf
    with pytest.raises(ValueError, match="v must be finite, got inf at index 5"):
        method(X, Y, bad)
    with pytest.raises(TypeError, match="v"):
        method(X, Y, ["a"] * 37)


def test_the_vector_may_be_any_array():
    net = network()
    expected = net.hessian_product(X, Y, V).tobytes()
    for v in (V.tolist(), V[::-1][::-1], np.repeat(V, 2)[::2]):
        assert net.hessian_product(X, Y, v).tobytes() == expected


@pytest.mark.parametrize("name", CALLS)
def test_a_custom_cost_has_no_second_derivative(name):
    net = network(cost=lambda a, y: (((a - y) ** 2).sum(axis=1), 2 * (a - y)))
    with pytest.raises(ValueError, match="cost must have a second derivative, got a custom cost"):
        getattr(net, name)(X, Y, *CALLS[name])


def test_settings_of_the_eigenvalue_are_checked():
    net = network()
    with pytest.raises(ValueError, match="max_products must be at least 1, got 0"):
        net.hessian_eigenvalue(X, Y, max_products=0)
    with pytest.raises(ValueError, match="tol must be finite and at least 0, got -1"):
        net.hessian_eigenvalue(X, Y, tol=-1)
    with pytest.raises(ValueError, match="matrix must be one of 'hessian', 'gauss_newton', got 'fisher'"):
        net.hessian_eigenvalue(X, Y, matrix="fisher")
    one = net.hessian_eigenvalue(X, Y, max_products=1)
    assert one.products == 1
    assert one.residual > 0
    assert float(one) == one.value


def test_the_eigenvalue_of_a_matrix_of_zeros_is_0():
    net = lg.Network([4, 5, 2], cost="mae", output="relu", init="zeros", seed=0)
    found = net.hessian_eigenvalue(X, Y)
    assert found.value == 0
    assert found.products == 1
    assert found.residual == 0
    assert np.isfinite(found.vector).all()


def test_the_eigenvalue_of_a_matrix_that_is_not_finite_is_nan():
    net = lg.Network([1, 1], cost="poisson", init=([[[1000.0]]], [[0.0]]))  # a rate of e^1000
    found = net.hessian_eigenvalue([[1.0]], [1.0])
    assert np.isnan(found.value)
    assert np.isnan(found.residual)
    assert found.products == 1


@pytest.mark.parametrize("log_rate", [600.0, -600.0])
def test_squares_of_an_eigenvalue_may_overflow_or_vanish(log_rate):
    net = lg.Network([1, 1], cost="poisson", init=([[[log_rate]]], [[0.0]]), dtype="float64")
    found = net.hessian_eigenvalue([[1.0]], [1.0])  # the Hessian is e^log_rate times a matrix of ones
    np.testing.assert_allclose(found.value, 2 * np.exp(log_rate), rtol=1e-12)
    np.testing.assert_allclose(np.abs(found.vector), np.sqrt([0.5, 0.5]), rtol=1e-12)


def test_more_products_than_parameters_are_not_needed():
    net = network()
    expected = net.hessian_eigenvalue(X, Y, tol=0)
    found = net.hessian_eigenvalue(X, Y, tol=0, max_products=10**30)
    assert found.products == expected.products <= net.num_parameters
    assert found.vector.tobytes() == expected.vector.tobytes()


def test_the_start_depends_on_the_seed_alone():
    net, other = network(), network()
    assert net.hessian_eigenvalue(X, Y).vector.tobytes() == other.hessian_eigenvalue(X, Y).vector.tobytes()
    again = lg.Network([4, 5, 2], activation="tanh", seed=1, dtype="float64")
    again.parameters = net.parameters
    first = [n.hessian_eigenvalue(X, Y, max_products=1).value for n in (net, again)]
    assert first[0] != first[1]


@pytest.mark.skipif(sys.maxsize < 2**32, reason="needs 64-bit addresses")
def test_what_does_not_fit_into_memory_is_refused_with_both_numbers():
    net = lg.Network([1, 10_000_000, 1], init="zeros")
    with pytest.raises(MemoryError, match="Hessians of a layer of width 10000000 must fit into"):
        net.hessian_diagonal([[0.0]], [0.0])
    words = f"100000 vectors of {net.num_parameters} numbers for the eigenvalue must fit into"
    with pytest.raises(MemoryError, match=words):
        net.hessian_eigenvalue([[0.0]], [0.0], max_products=100_000)


def test_inputs_are_read_as_evaluate_reads_them():
    sparse = pytest.importorskip("scipy.sparse")
    net = lg.Network([8, 6, 2], input_scale=1 / 255, seed=0)
    x, y = RNG.integers(0, 255, (120, 8), dtype=np.uint8), RNG.normal(size=(120, 2))
    x[RNG.random(x.shape) < 0.7] = 0
    v = np.ones(net.num_parameters)
    expected = net.hessian_product(x, y, v).tobytes()
    for kind in (x.tolist(), x.astype(np.float64), np.asfortranarray(x), sparse.csr_array(x)):
        assert net.hessian_product(kind, y, v).tobytes() == expected
