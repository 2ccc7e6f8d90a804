"""`evaluate` of the core with `outputs`: the cost and a^L from one forward pass."""

import localgrad as lg
import numpy as np
import pytest

OUTPUTS = {
    "softmax": {"output": "softmax"},
    "sigmoid": {"output": "sigmoid", "cost": "binary_cross_entropy"},
    "identity": {},
    "custom": {"cost": lambda a, y: (((a - y) ** 2).sum(axis=1), 2 * (a - y))},
}


def evaluate(net, x, y, out, weights=None, n_threads=0):
    return net._core_model.native.evaluate(x, y, weights, n_threads, "X", "y", out)


@pytest.mark.parametrize("n", [1, 3, 4, 40, 1000])
@pytest.mark.parametrize("options", OUTPUTS.values(), ids=OUTPUTS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_outputs_equal_those_of_predict(dtype, options, n):
    net = lg.Network([7, 20, 3], dtype=dtype, seed=4, **options)
    rng = np.random.default_rng(n)
    x, y, w = rng.normal(size=(n, 7)), rng.integers(0, 2, (n, 3)), rng.uniform(0.5, 1, n)
    for n_threads in (0, 1, 3):
        out = np.full((n + 1, 3), 99, dtype)
        measured = evaluate(net, x, y, out[:n], w, n_threads)
        assert measured == evaluate(net, x, y, None, w, n_threads)
        assert out[:n].tobytes() == net.predict(x).tobytes()
        assert (out[n] == 99).all()


def test_invalid_outputs_raise():
    net = lg.Network([2, 3], output="softmax")
    x, y, out = np.ones((4, 2)), np.zeros(4, int), np.empty((4, 3), "float32")
    with pytest.raises(ValueError, match="outputs must have 12 elements, got 9"):
        evaluate(net, x, y, out[:3])
    with pytest.raises(TypeError, match="outputs must have dtype float32, got float64"):
        evaluate(net, x, y, out.astype("float64"))
    with pytest.raises(ValueError, match="outputs must be a C-contiguous"):
        evaluate(net, x, y, np.asfortranarray(out))
    out.flags.writeable = False
    with pytest.raises(ValueError, match="outputs must be writable"):
        evaluate(net, x, y, out)


def test_the_seed_can_be_set():
    one, other = lg.Network([3, 4, 1], seed=1), lg.Network([3, 4, 1], seed=2)
    one._core_model.native.seed = 2
    assert one.seed == 2
    one.parameters = other.parameters
    x, y = np.arange(60.0).reshape(20, 3) / 60, np.arange(20.0)
    for net in (one, other):
        net.fit(x, y, epochs=2, batch_size=4)
    assert one.parameters.tobytes() == other.parameters.tobytes()
