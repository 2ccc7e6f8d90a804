"""`predict`: the fast path for arrays that need no conversion, and results in an existing array."""

import localgrad as lg
import numpy as np
import pytest

SIZES = [7, 33, 3]


def network(dtype="float32", sizes=SIZES, **options):
    return lg.Network(sizes, activation="tanh", dtype=dtype, seed=1, **options)


def rows(n, dtype="float32", width=SIZES[0]):
    return np.random.default_rng(0).normal(size=(n, width)).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 33, 500])
def test_every_path_gives_the_same_result(dtype, n):
    net, x = network(dtype), rows(n, dtype)
    expected = net.predict(x, n_threads=1)  # not the fast path
    assert expected.shape == (n, 3)
    assert expected.dtype == dtype
    assert net.predict(x).tobytes() == expected.tobytes()
    out = np.full((n, 3), 9, dtype)
    assert net.predict(x, out=out) is out
    assert out.tobytes() == expected.tobytes()
    assert net.predict(x, out=out, n_threads=2) is out
    assert net.predict(np.asfortranarray(x)).tobytes() == expected.tobytes()
    assert net.predict(x.tolist() if n else x).shape == (n, 3)


def test_a_single_example_has_no_batch_axis():
    net, x = network(), rows(1)[0]
    out = np.empty(3, np.float32)
    assert net.predict(x).shape == (3,)
    assert net.predict(x, out=out) is out
    assert out.tobytes() == net.predict(x[np.newaxis]).tobytes()


def test_changed_parameters_are_used():
    net, x = network(), rows(1)
    before = net.predict(x)
    net.weights[0] *= 2
    assert not np.array_equal(net.predict(x), before)


def read_only():
    out = np.empty((4, 3), np.float32)
    out.flags.writeable = False
    return out


MEMORY = np.zeros(100, np.float32)

WRONG_OUTPUTS = {
    "shape": (np.empty((4, 2), np.float32), ValueError, ["shape (4, 3)", "(4, 2)"]),
    "axes": (np.empty(3, np.float32), ValueError, ["shape (4, 3)", "(3,)"]),
    "dtype": (np.empty((4, 3)), TypeError, ["float32", "float64"]),
    "byte order": (np.empty((4, 3), ">f4"), TypeError, ["float32", ">f4"]),
    "list": ([[0.0] * 3] * 4, TypeError, ["float32", "list"]),
    "columns": (np.empty((3, 4), np.float32).T, ValueError, ["C-contiguous"]),
    "read only": (read_only(), ValueError, ["writable"]),
    "the parameters": (None, ValueError, ["share memory with the parameters"]),
    "shared": (MEMORY[20:32].reshape(4, 3), ValueError, ["share memory with X"]),
}


@pytest.mark.parametrize("name", WRONG_OUTPUTS)
def test_invalid_out_raises(name):
    out, error, words = WRONG_OUTPUTS[name]
    net, x = network(), MEMORY[:28].reshape(4, 7)
    if name == "the parameters":
        out = net.parameters[:12].reshape(4, 3)
    with pytest.raises(error) as caught:
        net.predict(x, out=out)
    assert str(caught.value).startswith("out must")
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.full(7, np.nan, np.float32), ["X must be finite", "nan", "row 0, column 0"]),
        (np.full((2, 7), np.inf, np.float32), ["X must be finite", "inf", "row 0"]),
        (np.zeros((2, 8), np.float32), ["X must have 7", "got 8"]),
        (np.zeros((1, 1, 7), np.float32), ["X must have shape", "(1, 1, 7)"]),
        (np.float32(1), ["X must have shape", "()"]),
    ],
)
def test_invalid_inputs_raise(x, words):
    with pytest.raises(ValueError) as caught:
        network().predict(x)
    for word in words:
        assert word in str(caught.value)


def test_subclasses_of_arrays_are_checked():
    net, x = network(), rows(4)
    assert net.predict(x.view(np.matrix)).tobytes() == net.predict(x).tobytes()
    with pytest.raises(ValueError, match="masked"):
        net.predict(np.ma.masked_array(x, mask=np.eye(4, 7)))
