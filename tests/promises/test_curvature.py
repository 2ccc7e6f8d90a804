"""Second derivatives of the cost agree with the reference, with differences, and with each other."""

import signal

import localgrad as lg
import numpy as np
import pytest
from network_cases import ACTIVATIONS, PAIRS, relative_error
from random_networks import architectures, both

RNG = np.random.default_rng(17)
PRODUCTS = ("hessian_product", "gauss_newton_product")
DIAGONALS = ("hessian_diagonal", "gauss_newton_diagonal")


def dense(net, x, y, name, **options):
    """Return the matrix of the products with all unit vectors."""
    return np.array([getattr(net, name)(x, y, v, **options) for v in np.eye(net.num_parameters)])


@pytest.mark.parametrize("case", architectures(130), ids=lambda case: f"{case[0]}")
def test_products_and_diagonals_agree_with_the_reference(case):
    core, model, x, y = both(*case)
    x, y = x[:5], y[:5]
    lists = x.tolist(), y.tolist()
    rng = np.random.default_rng(case[0])
    u, v = rng.normal(size=(2, core.num_parameters))
    weights = rng.uniform(0.1, 3, 5) if case[0] % 2 else None
    own = {} if weights is None else {"sample_weight": weights}
    others = {} if weights is None else {"sample_weight": weights.tolist()}
    for name in PRODUCTS:
        found = getattr(core, name)(x, y, v, **own)
        assert relative_error(found, getattr(model, name)(*lists, v.tolist(), **others)) <= 1e-10
        of_u = getattr(core, name)(x, y, u, **own)
        scale = np.linalg.norm(u) * np.linalg.norm(found) + np.linalg.norm(v) * np.linalg.norm(of_u)
        assert abs(u @ found - v @ of_u) <= 1e-12 * scale
    for name in DIAGONALS:
        found = getattr(core, name)(x, y, **own)
        assert relative_error(found, getattr(model, name)(*lists, **others)) <= 1e-10
    assert (found >= 0).all()


@pytest.mark.parametrize("case", architectures(len(PAIRS)), ids=lambda case: f"{case[3]}-{case[4]}")
def test_the_product_is_the_central_difference_of_the_gradient(case):
    core, _, x, y = both(*case)
    v = np.random.default_rng(case[0]).normal(size=core.num_parameters)
    found, point, h = core.hessian_product(x, y, v), core.parameters.copy(), 1e-5
    core.parameters = point + h * v
    above = core.backprop(x, y).gradient
    core.parameters = point - h * v
    difference = (above - core.backprop(x, y).gradient) / (2 * h)
    # A kink of relu and the like may be within the step: such elements are few.
    errors = abs(found - difference) / (abs(difference).max() + 1e-3)
    assert np.median(errors) <= 1e-6
    assert np.mean(errors > 1e-4) < 0.1


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_second_derivative_of_every_activation_is_a_central_difference(activation):
    net = lg.Network([1, 1, 1], activation=activation, init="zeros", dtype="float64")
    net.parameters = [1.0, 0.0, 1.0, 0.0]  # the output is phi(x + b), and its slope times -1 that of the cost
    of_bias, h = np.eye(4)[1], 1e-5
    for z in (-7.3, -2.1, -0.4, 0.3, 1.7, 8.2):
        x, slopes = [[z]], []
        y = net.predict(x) + 1  # the error is -1
        for moved in (z - h, z + h):
            f = net.forward([[moved]])
            slopes.append(f.activation_derivatives[0][0, 0])
        middle = net.forward(x).activation_derivatives[0][0, 0]
        expected = middle**2 - (slopes[1] - slopes[0]) / (2 * h)
        assert net.hessian_product(x, y, of_bias)[1] == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("case", architectures(40), ids=lambda case: f"{case[0]}")
def test_the_dense_matrix_is_symmetric_and_has_the_diagonal_and_the_eigenvalue(case):
    core, _, x, y = both(*case)
    if core.num_parameters > 150:
        pytest.skip("too large for dense matrices")
    for product, diagonal, matrix in zip(PRODUCTS, DIAGONALS, ("hessian", "gauss_newton"), strict=True):
        h = dense(core, x, y, product)
        size = abs(h).max() + 1e-300
        assert abs(h - h.T).max() <= 1e-12 * size
        assert abs(np.diag(h) - getattr(core, diagonal)(x, y)).max() <= 1e-12 * size
        eigenvalues = np.linalg.eigvalsh(h)
        if matrix == "gauss_newton":
            assert eigenvalues.min() >= -1e-12 * size
        found = core.hessian_eigenvalue(x, y, matrix=matrix, tol=1e-9, max_products=200)
        assert found.products <= core.num_parameters
        assert abs(found.value - eigenvalues.max()) <= 1e-8 * abs(eigenvalues).max() + 1e-12
        assert np.linalg.norm(found.vector) == pytest.approx(1)
        assert np.linalg.norm(h @ found.vector - found.value * found.vector) <= 1e-7 * size + 1e-12


def test_the_two_matrices_are_equal_without_hidden_layers_and_for_a_perfect_fit():
    x, v = RNG.normal(size=(20, 4)), RNG.normal(size=15)
    for output, cost in (("softmax", "cross_entropy"), ("identity", "poisson"), ("identity", "mse")):
        net = lg.Network([4, 3], output=output, cost=cost, dtype="float64", seed=0)
        y = np.eye(3)[RNG.integers(0, 3, 20)]
        np.testing.assert_allclose(
            net.hessian_product(x, y, v), net.gauss_newton_product(x, y, v), rtol=1e-12, atol=1e-14
        )
    net = lg.Network([4, 6, 3], activation="tanh", output="sigmoid", cost="mse", dtype="float64", seed=0)
    v, y = RNG.normal(size=net.num_parameters), net.predict(x)
    np.testing.assert_allclose(
        net.hessian_product(x, y, v), net.gauss_newton_product(x, y, v), rtol=1e-12, atol=1e-14
    )


def test_the_gauss_newton_matrix_of_mse_is_the_mean_of_the_squared_jacobians():
    net = lg.Network([3, 5, 1], activation="silu", output="tanh", dtype="float64", seed=2)
    x = RNG.normal(size=(9, 3))
    jacobian = net.backprop(x, net.predict(x) - 1, per_example=True).per_example_gradients  # errors of 1
    expected = jacobian.T @ jacobian / 9
    np.testing.assert_allclose(
        dense(net, x, np.zeros(9), "gauss_newton_product"), expected, rtol=1e-10, atol=1e-13
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [1, 5, 300, 2500])
@pytest.mark.parametrize("scales", [False, True])
def test_results_do_not_depend_on_threads(dtype, n, scales):
    net = lg.Network([20, 30, 17, 3], activation="gelu", dtype=dtype, seed=1, learn_input_scale=scales)
    x, y = RNG.normal(size=(n, 20)), RNG.normal(size=(n, 3))
    v = RNG.normal(size=net.num_parameters)
    results = []
    for n_threads in (1, 2, 3, 7, None):
        found = net.hessian_eigenvalue(x, y, max_products=3, n_threads=n_threads)
        arrays = [getattr(net, name)(x, y, v, n_threads=n_threads) for name in PRODUCTS]
        arrays += [getattr(net, name)(x, y, n_threads=n_threads) for name in DIAGONALS]
        results.append([array.tobytes() for array in (*arrays, found.vector)] + [found.value])
    assert all(result == results[0] for result in results)


def test_float32_is_close_to_float64():
    for activation in ACTIVATIONS:
        nets = [
            lg.Network([10, 20, 20, 4], activation=activation, output="softmax", dtype=dtype, seed=3)
            for dtype in ("float32", "float64")
        ]
        nets[1].parameters = nets[0].parameters
        x = RNG.normal(size=(50, 10)).astype(np.float32)
        y, v = RNG.integers(0, 4, 50), RNG.normal(size=nets[0].num_parameters).astype(np.float32)
        for name in PRODUCTS:
            assert relative_error(*(getattr(net, name)(x, y, v) for net in nets)) <= 1e-5
        for name in DIAGONALS:
            assert relative_error(*(getattr(net, name)(x, y) for net in nets)) <= 1e-5


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("output", "cost"), PAIRS)
def test_saturated_units_have_finite_second_derivatives(output, cost, dtype):
    for activation in ACTIVATIONS:
        sizes = [2, 3, 6]
        net = lg.Network(sizes, activation=activation, output=output, cost=cost, dtype=dtype, init="zeros")
        net.weights[0][:] = [[30, 0], [-30, 0], [1e4, -1e4]]
        net.weights[1][:] = 0.001
        n = 6 // lg.reference.costs.cost(cost, output.partition("(")[0]).heads
        y = np.full((3, n), 0.5)
        x, v = [[1.0, 1.0], [1.0, 0.0], [-1.0, 0.0]], np.ones(net.num_parameters)
        for name in PRODUCTS:
            assert np.isfinite(getattr(net, name)(x, y, v)).all(), (activation, name)
        for name in DIAGONALS:
            assert np.isfinite(getattr(net, name)(x, y)).all(), (activation, name)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs signal.setitimer")
@pytest.mark.parametrize(
    ("name", "sizes", "rows", "options"),
    [
        ("hessian_eigenvalue", [10, 60, 60, 1], 20, {"tol": 0, "max_products": 200}),
        ("hessian_diagonal", [1, 300, 300, 1], 100, {}),
    ],
)
def test_signals_are_handled_during_long_calls_with_few_rows(name, sizes, rows, options):
    net = lg.Network(sizes, activation="tanh", seed=0)
    x, handled = np.sin(np.arange(rows * sizes[0], dtype=float)).reshape(rows, -1), []
    old = signal.signal(signal.SIGALRM, lambda number, frame: handled.append(number))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05, 0.005)
        getattr(net, name)(x, x[:, 0], **options)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    assert len(handled) >= 3  # without interruptions, signals are handled once, after the call
