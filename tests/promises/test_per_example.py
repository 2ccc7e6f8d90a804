"""Quantities of single examples agree with the reference, with differences, and with each other."""

import math
from pathlib import Path

import localgrad as lg
import numpy as np
import pytest
from network_cases import LABELED, PAIRS, relative_error, some_data, some_labels
from programs import run
from random_networks import architectures, both

RNG = np.random.default_rng(11)


@pytest.mark.parametrize("case", architectures(100), ids=lambda case: f"{case[0]}")
def test_all_quantities_agree_with_the_reference(case):
    core, model, x, y = both(*case)
    lists = x.tolist(), y.tolist()
    ours = core.backprop(x, y, wrt_input=True, per_example=True)
    theirs = model.backprop(*lists, wrt_input=True, per_example=True)
    assert relative_error(ours.input_gradient, theirs.input_gradient) <= 1e-10
    assert relative_error(ours.per_example_gradients, theirs.per_example_gradients) <= 1e-10
    assert relative_error(ours.per_example_gradients.mean(axis=0), ours.gradient) <= 1e-12
    found, expected = core.forward(x), model.forward(lists[0])
    for name in ("weighted_inputs", "activations", "activation_derivatives"):
        for array, rows in zip(getattr(found, name), getattr(expected, name), strict=True):
            assert relative_error(array, rows) <= 1e-10
    norms, others = core.gradient_norms(x, y), model.gradient_norms(*lists)
    assert relative_error(norms.layers, others.layers) <= 1e-10
    assert relative_error(norms.total, others.total) <= 1e-10
    assert relative_error(norms.total, np.linalg.norm(ours.per_example_gradients, axis=1)) <= 1e-12
    gram = core.gradient_dots(x, y)
    assert relative_error(gram, model.gradient_dots(*lists)) <= 1e-10
    assert gram.tobytes() == gram.T.tobytes()
    second = some_data(5, case[1], seed=99, cost=case[4], output=case[3])
    dots = core.gradient_dots(x, y, *second)
    expected = model.gradient_dots(*lists, second[0].tolist(), second[1].tolist())
    assert relative_error(dots, expected) <= 1e-10
    noise, theirs = core.gradient_noise_scale(x, y), model.gradient_noise_scale(*lists)
    # A difference of nearly equal numbers: the error is relative to them.
    size = theirs.variance + abs(theirs.squared_norm)
    assert abs(noise.variance - theirs.variance) <= 1e-10 * size
    assert abs(noise.squared_norm - theirs.squared_norm) <= 1e-10 * size
    if abs(theirs.squared_norm) > 1e-3 * size:
        assert float(noise) == pytest.approx(float(theirs), rel=1e-6)


@pytest.mark.parametrize("case", architectures(len(PAIRS)), ids=lambda case: f"{case[3]}-{case[4]}")
def test_gradients_of_examples_and_inputs_are_central_differences(case):
    core, _, x, y = both(*case)
    t, h = core.backprop(x, y, wrt_input=True, per_example=True), 1e-6

    def costs(inputs):
        return np.array([core.evaluate(one, wanted)["cost"] for one, wanted in zip(inputs, y, strict=True)])

    close = []
    for j in range(x.shape[1]):
        step = h * np.eye(x.shape[1])[j]
        close.append(abs((costs(x + step) - costs(x - step)) / (2 * h) - t.input_gradient[:, j]))
    # A kink of relu and the like may be closer than h: such elements are few.
    scale = abs(t.input_gradient).max() + 1e-3
    assert np.median(close) <= 1e-6 * scale
    assert np.mean(np.array(close) > 1e-5 * scale) < 0.05
    point, close = core.parameters.copy(), []
    for p in np.random.default_rng(0).choice(point.size, min(point.size, 12), replace=False):
        step = h * (np.arange(point.size) == p)
        core.parameters = point + step
        above = costs(x)
        core.parameters = point - step
        close.append(abs((above - costs(x)) / (2 * h) - t.per_example_gradients[:, p]))
    scale = abs(t.per_example_gradients).max() + 1e-3
    assert np.median(close) <= 1e-6 * scale
    assert np.mean(np.array(close) > 1e-5 * scale) < 0.05


def quartic(a, y):
    return ((a - y) ** 4).sum(axis=1), 4 * (a - y) ** 3


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("cost", "n"), [("mse", 1000), (quartic, 300), ("mse", 5)])
def test_results_do_not_depend_on_threads_or_on_the_batch(dtype, cost, n):
    net = lg.Network([20, 30, 17, 3], cost=cost, activation="tanh", dtype=dtype, seed=1)
    x, y = RNG.normal(size=(n, 20)), RNG.normal(size=(n, 3))
    results = []
    for n_threads in (1, 2, 3, 7, None):
        t = net.backprop(x, y, wrt_input=True, per_example=True, n_threads=n_threads)
        f = net.forward(x, n_threads=n_threads)
        norms = net.gradient_norms(x, y, n_threads=n_threads)
        noise = net.gradient_noise_scale(x, y, n_threads=n_threads)
        arrays = [
            t.input_gradient,
            t.per_example_gradients,
            *f.activations,
            *f.weighted_inputs,
            norms.layers,
            norms.total,
            net.gradient_dots(x, y, n_threads=n_threads),
            net.gradient_dots(x, y, x[:70], y[:70], n_threads=n_threads),
        ]
        results.append(([array.tobytes() for array in arrays], noise))
    assert all(result == results[0] for result in results)
    r = n // 2
    one, norms = net.backprop(x[r], y[r], wrt_input=True, per_example=True), net.gradient_norms(x[r], y[r])
    assert one.input_gradient.tobytes() == t.input_gradient[r].tobytes()
    assert one.per_example_gradients.tobytes() == t.per_example_gradients[r].tobytes()
    assert norms.total.tobytes() == net.gradient_norms(x, y).total[r : r + 1].tobytes()
    part = net.gradient_dots(x[r:], y[r:], x[:3], y[:3])
    assert part.tobytes() == np.ascontiguousarray(net.gradient_dots(x, y)[r:, :3]).tobytes()


@pytest.mark.parametrize("output", LABELED)
def test_labels_give_the_results_of_rows(output):
    net = lg.Network([4, 6, 3], output=output, cost="cross_entropy", seed=0)
    x, labels = RNG.normal(size=(40, 4)), some_labels(40, [3])
    rows = np.eye(3)[labels]
    assert net.gradient_norms(x, labels).total.tobytes() == net.gradient_norms(x, rows).total.tobytes()
    assert net.gradient_dots(x, labels).tobytes() == net.gradient_dots(x, rows).tobytes()
    assert net.gradient_noise_scale(x, labels) == net.gradient_noise_scale(x, rows)


def test_inputs_are_read_as_evaluate_reads_them():
    sparse = pytest.importorskip("scipy.sparse")
    net = lg.Network([8, 6, 2], input_scale=1 / 255, seed=0)
    x, y = RNG.integers(0, 255, (120, 8), dtype=np.uint8), RNG.normal(size=(120, 2))
    x[RNG.random(x.shape) < 0.7] = 0
    expected = net.gradient_norms(x, y).total.tobytes()
    kinds = [x.tolist(), x.astype(np.float64), np.asfortranarray(x), x[::-1][::-1], sparse.csr_array(x)]
    for kind in kinds:
        assert net.gradient_norms(kind, y).total.tobytes() == expected
        assert net.gradient_dots(kind, y).tobytes() == net.gradient_dots(x, y).tobytes()
        assert net.gradient_noise_scale(kind, y) == net.gradient_noise_scale(x, y)
        assert net.forward(kind).activations[-1].tobytes() == net.predict(x).tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_norms_of_large_and_small_gradients_are_accurate(dtype):
    big = float(np.sqrt(np.finfo(dtype).max))
    net = lg.Network([1, 1], init="zeros", dtype=dtype)
    for size in (1.0, big / 8, 100 * big, 1 / big, 1e-3 / big):
        norms = net.gradient_norms([[0.0], [0.0]], [3 * size, -4 * size])
        np.testing.assert_allclose(norms.total / size, [3, 4], rtol=1e-6)
        noise = net.gradient_noise_scale([[0.0], [0.0]], [3 * size, 5 * size])
        assert float(noise) == pytest.approx(2 / 15, rel=1e-5)


def test_the_noise_scale_of_a_linear_network_is_that_of_its_distribution():
    """With w = 0, the gradient is -y (x, 1), whose expectation and variance are known."""
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(200_000, 3)), 2 + rng.normal(size=200_000)
    noise = lg.Network([3, 1], init="zeros", dtype="float64").gradient_noise_scale(x, y)
    # E(y² x²) = 5 for each of 3 weights, whose means are 0; the bias has mean -2 and variance 1.
    assert noise.variance == pytest.approx(16, rel=0.02)
    assert noise.squared_norm == pytest.approx(4, rel=0.02)
    assert float(noise) == pytest.approx(4, rel=0.03)


def test_two_gradients_in_opposite_directions_have_an_infinite_noise_scale():
    net = lg.Network([1, 1], init="zeros")
    assert float(net.gradient_noise_scale([[0.0], [0.0]], [1.0, -1.0])) == math.inf
    assert float(net.gradient_noise_scale([[0.0], [0.0]], [1.0, 1.0])) == 0


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc/self/status")
def test_norms_need_memory_for_a_few_rows():
    """The activations of all examples would need 160 MB, and their gradients 4 GB."""
    done = run(
        """
        import numpy as np, localgrad as lg

        def peak():
            lines = open("/proc/self/status").read().splitlines()
            return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))

        net = lg.Network([50, 200, 1], seed=0)
        x, y = np.ones((100_000, 50), np.float32), np.ones((100_000, 1), np.float32)
        net.gradient_norms(x[:1000], y[:1000], n_threads=2)
        before = peak()
        net.gradient_norms(x, y, n_threads=2)
        print(peak() - before)
        """
    )
    assert int(done.stdout) <= 3 * 8 * 100_000 + (4 << 20)
