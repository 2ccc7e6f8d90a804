"""`jacobian`, `jvp`, `vjp` and `input_gradient`: shapes, single examples, tables and invalid arguments."""

import sys

import localgrad as lg
import numpy as np
import pytest

RNG = np.random.default_rng(5)
X, U, V = RNG.normal(size=(6, 4)), RNG.normal(size=(6, 4)), RNG.normal(size=(6, 3))


def network(**options):
    return lg.Network([4, 5, 3], activation="tanh", seed=0, dtype="float64", **options)


def test_a_single_example_has_no_batch_axis():
    net = network()
    jacobian = net.jacobian(X)
    assert jacobian.shape == (6, 3, 4)
    for one in (X[2], X[2].tolist(), X[2].astype(np.longdouble)):
        assert net.jacobian(one).shape == (3, 4)
        assert net.jacobian(one).tobytes() == jacobian[2].tobytes()
    assert net.jvp(X[2], U[2]).tobytes() == net.jvp(X, U)[2].tobytes()
    assert net.vjp(X[2], V[2]).tobytes() == net.vjp(X, V)[2].tobytes()
    assert net.input_gradient(X[2], 1).tobytes() == net.input_gradient(X, 1)[2].tobytes()


def test_no_examples_give_empty_results():
    net, empty = network(), np.empty((0, 4))
    assert net.jacobian(empty).shape == net.jacobian(empty.astype("f4")).shape == (0, 3, 4)
    assert net.jvp(empty, empty).shape == (0, 3)
    assert net.vjp(empty, np.empty((0, 3))).shape == net.input_gradient(empty, 0).shape == (0, 4)


def test_results_have_the_dtype_of_the_network():
    net = lg.Network([4, 3], seed=0)
    results = [net.jacobian(X), net.jvp(X, U), net.vjp(X, V), net.input_gradient(X, 2)]
    assert {result.dtype for result in results} == {np.dtype("float32")}


def test_the_only_output_need_not_be_named():
    net = lg.Network([4, 5, 1], seed=0)
    assert net.input_gradient(X).tobytes() == net.input_gradient(X, output=0).tobytes()
    assert net.input_gradient(X, np.int64(0)).shape == (6, 4)


@pytest.mark.parametrize("output", [3, -1, 10**30, None, True, 1.0, "1", [0, 1]])
def test_an_output_that_does_not_exist_is_refused(output):
    kinds = ValueError if type(output) is int else TypeError
    with pytest.raises(kinds, match="output must be an integer between 0 and 2, got"):
        network().input_gradient(X, output)


def calls(net, x):
    return [
        lambda: net.jacobian(x),
        lambda: net.jvp(x, U[: len(x)]),
        lambda: net.vjp(x, V[: len(x)]),
        lambda: net.input_gradient(x, 0),
    ]


@pytest.mark.parametrize("which", range(4))
@pytest.mark.parametrize("n", [2, 6])
def test_invalid_inputs_raise(which, n):
    net, bad = network(), X[:n].copy()
    bad[1, 1] = np.nan
    for layout in (bad, np.asfortranarray(bad)):
        with pytest.raises(lg.BadExample, match="X must be finite, got nan at row 1, column 1"):
            calls(net, layout)[which]()
    with pytest.raises(ValueError, match="X must have 4 numbers per example, got 3"):
        calls(net, X[:, :3])[which]()
    with pytest.raises(ValueError, match="X must have shape"):
        calls(net, X[:, :, np.newaxis])[which]()
    with pytest.raises(TypeError, match="X"):
        calls(net, np.array([["a"] * 4]))[which]()
    scaled = network(input_scale=1e300)
    with pytest.raises(lg.BadExample, match="X times input_scale must be finite"):
        calls(scaled, 1e200 * X)[which]()


@pytest.mark.parametrize("n_threads", [0, -1, 10**6, "2", 1.5])
def test_the_number_of_threads_is_checked(n_threads):
    net = network()
    for call in (
        lambda: net.jacobian(X, n_threads=n_threads),
        lambda: net.jvp(X, U, n_threads=n_threads),
        lambda: net.vjp(X, V, n_threads=n_threads),
        lambda: net.input_gradient(X, 0, n_threads=n_threads),
    ):
        with pytest.raises((TypeError, ValueError), match="n_threads"):
            call()


@pytest.mark.parametrize(("name", "vectors"), [("jvp", U), ("vjp", V)])
@pytest.mark.parametrize("n", [2, 6])
def test_invalid_vectors_raise(name, vectors, n):
    method, letter, width = getattr(network(), name), "U" if name == "jvp" else "V", vectors.shape[1]
    bad = vectors[:n].copy()
    bad[1, 2] = -np.inf
    with pytest.raises(lg.BadExample, match=f"{letter} must be finite, got -inf at row 1, column 2"):
        method(X[:n], bad)
    with pytest.raises(ValueError, match=f"{letter} must have {width} numbers per example, got {width - 1}"):
        method(X, vectors[:, 1:])
    with pytest.raises(ValueError, match=rf"{letter} must have shape \(6, {width}\) for the rows of X, got"):
        method(X, vectors[:5])
    with pytest.raises(ValueError, match=rf"{letter} must have shape \(6, {width}\) .* got \({width},\)"):
        method(X, vectors[0])
    with pytest.raises(ValueError, match=rf"{letter} must have shape \({width},\) for a single X, got"):
        method(X[0], vectors[:1])


def test_what_a_float32_cannot_hold_is_refused():
    with pytest.raises(lg.BadExample, match="V must be finite as float32, got inf at row 5, column 0"):
        lg.Network([4, 3], seed=0).vjp(X, np.where(np.arange(6) < 5, 1, 1e300)[:, np.newaxis] * np.ones(3))


def test_data_frames_are_checked_for_the_columns_of_training():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=list("abcd"))
    net = network()
    net.fit(frame, V, epochs=1)
    assert net.jacobian(frame).tobytes() == net.jacobian(X).tobytes()
    for call in calls(net, frame[list("bacd")]):
        with pytest.raises(ValueError, match="X must have the columns"):
            call()
    with pytest.raises(ValueError, match="U must have the columns"):
        net.jvp(frame, frame[list("bacd")])
    factors = pandas.DataFrame(V, columns=list("xyz"))  # columns of V belong to outputs
    assert net.vjp(frame, factors).tobytes() == net.vjp(X, V).tobytes()


@pytest.mark.skipif(sys.maxsize < 2**32, reason="needs 64-bit addresses")
def test_a_jacobian_that_does_not_fit_into_memory_is_refused_with_both_numbers():
    net = lg.Network([1000, 2, 1000], seed=0)
    rows = np.broadcast_to(np.float32(0), (1_000_000, 1000))
    words = (
        r"Jacobians of 1000000 rows with 1000 outputs and 1000 inputs must fit into the machine's \d+ bytes"
    )
    with pytest.raises(MemoryError, match=words + r" of memory, got 4000000000000"):
        net.jacobian(rows)
    wide = lg.Network([5_000_000, 1, 5_000_000], init="zeros")
    with pytest.raises(MemoryError, match="Jacobians of 1 row with 5000000 outputs and 5000000 inputs must"):
        wide.jacobian(np.zeros(5_000_000))


def test_a_custom_cost_is_not_called():
    def cost(a, y):
        raise RuntimeError("no cost")

    net = network(cost=cost)
    assert net.jacobian(X).tobytes() == network().jacobian(X).tobytes()


def test_methods_of_a_loaded_network_need_no_cost_function(tmp_path):
    path = tmp_path / "net.safetensors"
    network(cost=lambda a, y: ((a - y) ** 2, a)).save(path)
    assert lg.load(path).vjp(X, V).tobytes() == network().vjp(X, V).tobytes()
