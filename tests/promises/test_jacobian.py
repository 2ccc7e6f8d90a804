"""Derivatives of the outputs agree with the reference, with differences, and with each other."""

import localgrad as lg
import numpy as np
import pytest
from localgrad import reference
from network_cases import ACTIVATIONS, OUTPUTS, PAIRS, relative_error, some_data, widened

RNG = np.random.default_rng(21)


def architectures(count):
    """Return random networks, with every output and activation, and more or fewer outputs than inputs."""
    pairs = [*((output, "mse") for output in OUTPUTS), *PAIRS]
    cases = []
    for k in range(count):
        rng = np.random.default_rng(1000 + k)
        output, cost = pairs[k % len(pairs)]
        hidden = int(rng.integers(0, 4))
        sizes = widened([int(m) for m in rng.integers(2, 20, hidden + 2)], cost, output)
        if k % 7 == 0 and output != "softmax" and cost == "mse":
            sizes[-1] = 1
        activation = [str(ACTIVATIONS[(k + i) % len(ACTIVATIONS)]) for i in range(hidden)]
        options = {
            "input_scale": [1.0, -0.5][k % 2],
            "learn_input_scale": k % 3 == 0,
            "dropout": 0.5 if k % 4 == 0 else 0.0,
            "standardize": k % 5 == 0 and not cost.startswith("poisson"),
        }
        cases.append((k, sizes, activation, output, cost, options))
    return cases


def both(k, sizes, activation, output, cost, options):
    """Return a core and a reference network with the same parameters, and inputs for them."""
    functions = {"activation": activation, "output": output, "cost": cost}
    settings = {**functions, "seed": k, "init": "normal", **options}
    core = lg.Network(sizes, dtype="float64", **settings)
    core.parameters *= 0.6
    if core.input_scales is not None:
        core.input_scales = 1 + 0.3 * np.sin(np.arange(sizes[0]))
    x, y = some_data(9, sizes, seed=k, cost=cost, output=output)
    model = reference.Network(sizes, **settings)
    if core.standardize:  # learned by a step, which is then undone
        before = core.parameters.copy()
        core.fit(3 * x + 1, y, epochs=1, optimizer=lg.SGD(0.01), batch_size=None)
        model.fit((3 * x + 1).tolist(), y.tolist(), epochs=1, optimizer=reference.SGD(0.01), batch_size=None)
        core.parameters = before
    model.parameters = core.parameters.tolist()
    return core, model, x


CASES = architectures(120)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}")
def test_derivatives_agree_with_the_reference(case):
    core, model, x = both(*case)
    u, v = RNG.normal(size=x.shape), RNG.normal(size=(len(x), case[1][-1]))
    jacobian = core.jacobian(x)
    assert relative_error(jacobian, model.jacobian(x.tolist())) <= 1e-10
    assert relative_error(core.jvp(x, u), model.jvp(x.tolist(), u.tolist())) <= 1e-10
    assert relative_error(core.vjp(x, v), model.vjp(x.tolist(), v.tolist())) <= 1e-10
    j = case[0] % case[1][-1]
    assert relative_error(core.input_gradient(x, j), model.input_gradient(x.tolist(), j)) <= 1e-10
    assert relative_error(core.jvp(x, u), np.einsum("rjk,rk->rj", jacobian, u)) <= 1e-12
    assert relative_error(core.vjp(x, v), np.einsum("rj,rjk->rk", v, jacobian)) <= 1e-12
    # uᵀ (Jᵀ v) and vᵀ (J u) are the same number.
    left, right = (u * core.vjp(x, v)).sum(axis=1), (v * core.jvp(x, u)).sum(axis=1)
    size = np.linalg.norm(jacobian, axis=(1, 2)) * np.linalg.norm(u, axis=1) * np.linalg.norm(v, axis=1)
    assert (abs(left - right) <= 1e-13 * size).all()


@pytest.mark.parametrize("case", CASES[: len(OUTPUTS) + len(PAIRS)], ids=lambda case: f"{case[3]}-{case[4]}")
def test_jacobians_are_central_differences(case):
    core, _, x = both(*case)
    h, units = 1e-6, np.eye(x.shape[1])
    differences = [(core.predict(x + h * unit) - core.predict(x - h * unit)) / (2 * h) for unit in units]
    jacobian = core.jacobian(x)
    close, scale = abs(np.stack(differences, axis=2) - jacobian), abs(jacobian).max() + 1e-3
    # A kink of relu and the like may be closer than h: such elements are few.
    assert np.median(close) <= 1e-7 * scale
    assert np.mean(close > 1e-5 * scale) < 0.05


def test_the_gradient_of_the_cost_is_a_product_with_that_of_the_outputs():
    net = lg.Network([4, 7, 3], output="softmax", cost="mse", dtype="float64", seed=0)
    x, y = RNG.normal(size=(8, 4)), RNG.normal(size=(8, 3))
    t = net.backprop(x, y, wrt_input=True)
    assert relative_error(net.vjp(x, t.cost_gradient), t.input_gradient) <= 1e-14


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("sizes", "output"),
    [
        ([20, 33, 17, 5], "softmax"),
        ([5, 30, 41], "gelu"),
        ([3, 1], "tanh"),
        ([9, 40, 2], "identity"),
        ([40, 50, 40], "mish"),
    ],
)
def test_results_do_not_depend_on_threads_or_on_the_batch(sizes, output, dtype):
    net = lg.Network(sizes, activation="silu", output=output, dtype=dtype, seed=1, input_scale=0.5)
    x = RNG.normal(size=(700, sizes[0]))
    u, v = RNG.normal(size=x.shape), RNG.normal(size=(700, sizes[-1]))

    def results(rows, n_threads=None):
        part = x[rows], u[rows], v[rows]
        return [
            net.jacobian(part[0], n_threads=n_threads),
            net.jvp(part[0], part[1], n_threads=n_threads),
            net.vjp(part[0], part[2], n_threads=n_threads),
            net.input_gradient(part[0], sizes[-1] - 1, n_threads=n_threads),
        ]

    expected = results(slice(None))
    for n_threads in (1, 2, 3, 7):
        for array, other in zip(results(slice(None), n_threads), expected, strict=True):
            assert array.tobytes() == other.tobytes()
    for rows in (slice(350, 351), slice(10, 13), slice(100, 137), slice(200, 301)):
        for array, other in zip(results(rows), expected, strict=True):
            assert array.tobytes() == other[rows].tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rows_of_a_jacobian_are_products_with_unit_vectors(dtype):
    # Bit for bit if the Jacobian is computed from the outputs; columns if it is computed from the inputs.
    net = lg.Network([6, 9, 5], activation="gelu", output="softmax", dtype=dtype, seed=2)
    x = RNG.normal(size=(50, 6))
    jacobian = net.jacobian(x)
    for j, unit in enumerate(np.eye(5)):
        rows = np.ascontiguousarray(jacobian[:, j]).tobytes()
        assert net.vjp(x, np.broadcast_to(unit, (50, 5))).tobytes() == rows
        assert net.input_gradient(x, output=j).tobytes() == rows
    net = lg.Network([5, 9, 6], activation="gelu", output="softmax", dtype=dtype, seed=2)
    x = RNG.normal(size=(50, 5))
    jacobian = net.jacobian(x)
    for k, unit in enumerate(np.eye(5)):
        column = np.ascontiguousarray(jacobian[:, :, k]).tobytes()
        assert net.jvp(x, np.broadcast_to(unit, (50, 5))).tobytes() == column


def test_inputs_are_read_as_predict_reads_them():
    sparse = pytest.importorskip("scipy.sparse")
    net = lg.Network([8, 6, 2], input_scale=1 / 255, seed=0)
    x = RNG.integers(0, 255, (120, 8), dtype=np.uint8)
    x[RNG.random(x.shape) < 0.7] = 0
    v = RNG.integers(-3, 4, (120, 2))
    plain = x.astype(np.float32)
    jacobian, product = net.jacobian(plain).tobytes(), net.vjp(plain, v.astype(np.float32)).tobytes()
    for kind in (x, x.tolist(), np.asfortranarray(x), x[::-1][::-1], sparse.csr_array(x)):
        assert net.jacobian(kind).tobytes() == jacobian
        assert net.vjp(kind, np.asfortranarray(v)).tobytes() == product
        assert net.jvp(kind, kind).tobytes() == net.jvp(plain, plain).tobytes()
    assert net.jacobian(np.asfortranarray(plain)).tobytes() == jacobian
