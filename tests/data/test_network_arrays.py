"""Arrays of any type and layout give the same results and are never written to."""

import localgrad as lg
import numpy as np
import pytest
from array_layouts import DTYPES, LAYOUTS

N, IN, OUT = 11, 3, 2
X = np.arange(N * IN, dtype=np.int64).reshape(N, IN) % 7
Y = np.arange(N * OUT, dtype=np.int64).reshape(N, OUT) % 5


@pytest.fixture(scope="module", params=["float32", "float64"])
def net(request):
    return lg.Network([IN, 4, OUT], activation="tanh", seed=1, dtype=request.param)


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_results(net, layout, dtype):
    if layout == "memoryview" and dtype in ("f2", "g"):
        pytest.skip("NumPy reads no memoryview of this type")
    x, y = (LAYOUTS[layout](array.astype(dtype)) for array in (X, Y))
    exact = tuple(np.array(array, dtype=net.dtype, order="C") for array in (x, y))

    assert net.predict(x).tobytes() == net.predict(exact[0]).tobytes()
    assert net.evaluate(x, y) == net.evaluate(*exact)
    one, other = net.backprop(x, y), net.backprop(*exact)
    assert one.activations[0].tobytes() == exact[0].tobytes()
    assert one.gradient.tobytes() == other.gradient.tobytes()
    assert one.cost_gradient.tobytes() == other.cost_gradient.tobytes()
    one, other = net.copy(), net.copy()
    history = one.fit(x, y, epochs=2, batch_size=4, validation=(x, y))
    assert history == other.fit(*exact, epochs=2, batch_size=4, validation=exact)
    assert one.parameters.tobytes() == other.parameters.tobytes()

    np.testing.assert_array_equal(np.asarray(x).astype(net.dtype), exact[0])
    np.testing.assert_array_equal(np.asarray(y).astype(net.dtype), exact[1])


def test_results_have_the_networks_dtype_and_costs_are_floats(net):
    assert net.predict(X).dtype == net.dtype
    cost = net.evaluate(X, Y)["cost"]
    trace = net.backprop(X, Y)
    assert type(cost) is type(trace.cost) is float
    assert trace.gradient.dtype == net.dtype


def test_results_are_new_writable_arrays(net):
    a = net.predict(X)
    a[:] = 0
    assert net.predict(X).any()
    x = X.astype(net.dtype)
    net.backprop(x, Y).activations[0][:] = 9
    np.testing.assert_array_equal(x, X)


def test_predict_accepts_no_rows(net):
    assert net.predict(X[:0]).shape == (0, OUT)
    assert net.predict(np.empty((0, IN))).dtype == net.dtype


@pytest.mark.parametrize("cost", ["mse", "cross_entropy"])
def test_a_single_sigmoid_accepts_labels_and_targets(cost):
    net = lg.Network([IN, 1], output="sigmoid", cost=cost, seed=1)
    labels = np.arange(N) % 2
    expected = net.evaluate(X, labels.reshape(N, 1).astype(float))
    for y in (labels, labels > 0, labels.astype(float), labels.reshape(N, 1), labels.tolist()):
        assert net.evaluate(X, y) == expected
    a = net.predict(X)[:, 0]
    assert expected["accuracy"] == np.mean((a >= 0.5) == labels)
    for y in (1, [1], 1.0, True, np.float32(1)):
        assert net.backprop(X[0], y).cost == net.backprop(X[:1], [[1.0]]).cost


def test_accuracy_uses_the_largest_output():
    net = lg.Network([IN, 4], output="softmax", seed=1)
    labels = np.arange(N) % 4
    expected = np.mean(net.predict(X).argmax(axis=1) == labels)
    assert net.evaluate(X, labels)["accuracy"] == expected
    assert set(lg.Network([IN, 4], output="tanh").evaluate(X, np.eye(4)[labels])) == {"cost"}


def test_underflow_in_the_conversion_is_not_an_error(net):
    with np.errstate(all="raise"):
        net.predict(np.full((2, IN), 1e-300))
