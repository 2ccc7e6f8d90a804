"""Custom costs: the arrays they receive and may return, errors, copies and files."""

import copy
import pickle

import localgrad as lg
import numpy as np
import pytest

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 4))
Y = RNG.normal(size=(20, 2))
LABELS = np.arange(20) % 3


def mse(a, y):
    return ((a - y) ** 2).sum(axis=1) / 2, a - y


def cross_entropy(a, y):
    with np.errstate(divide="ignore"):
        return -(y * np.log(a)).sum(axis=1), -y / a


def network(cost=mse, **options):
    return lg.Network(
        [4, 5, 2], **{"activation": "tanh", "seed": 1, "dtype": "float64", **options}, cost=cost
    )


class Spy:
    """A cost that records its calls."""

    def __init__(self, function=mse):
        self.function = function
        self.calls = []

    def __call__(self, a, y):
        self.calls.append((a.copy(), y.copy()))
        return self.function(a, y)


def test_the_cost_is_called_custom():
    assert network().cost == "custom"
    assert "custom" in repr(network())
    assert network().graph().nodes["c"]["formula"] == "custom(a^3, y)"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("output", ["identity", "sigmoid", "tanh", "softmax"])
def test_a_custom_cost_gives_the_same_result_as_the_built_in_one(output, dtype):
    one, other = (network(cost, output=output, dtype=dtype) for cost in (mse, "mse"))
    eps = float(np.finfo(dtype).eps)
    tolerance = {"rtol": 0, "atol": 50 * eps}
    assert one.evaluate(X, Y)["cost"] == pytest.approx(other.evaluate(X, Y)["cost"], rel=10 * eps)
    t, expected = one.backprop(X, Y), other.backprop(X, Y)
    assert t.cost == pytest.approx(expected.cost, rel=10 * eps)
    np.testing.assert_allclose(t.gradient, expected.gradient, **tolerance)
    np.testing.assert_allclose(t.cost_gradient, expected.cost_gradient, **tolerance)
    for options in ({}, {"sample_weight": np.linspace(0, 2, 20)}, {"l2": 0.1, "clip_norm": 0.5}):
        ours = one.fit(X, Y, epochs=2, batch_size=6, optimizer=lg.SGD(0.1, 0.9), **options)
        theirs = other.fit(X, Y, epochs=2, batch_size=6, optimizer=lg.SGD(0.1, 0.9), **options)
        np.testing.assert_allclose(one.parameters, other.parameters, **tolerance)
        assert ours["cost"] == pytest.approx(theirs["cost"], rel=100 * eps)


def test_labels_are_passed_as_rows():
    spy = Spy(cross_entropy)
    one = lg.Network([4, 5, 3], output="softmax", cost=spy, seed=1, dtype="float64")
    other = lg.Network([4, 5, 3], output="softmax", seed=1, dtype="float64")
    assert one.evaluate(X, LABELS) == pytest.approx(other.evaluate(X, LABELS))
    (_, y), *_ = spy.calls
    np.testing.assert_array_equal(y, np.eye(3)[LABELS[: len(y)]])
    one.fit(X, LABELS, epochs=2, batch_size=6)
    other.fit(X, LABELS, epochs=2, batch_size=6)
    np.testing.assert_allclose(one.parameters, other.parameters, rtol=1e-10)


@pytest.mark.parametrize("n_threads", [1, 2, None])
@pytest.mark.parametrize("batch_size", [1, 6, 20])
def test_it_is_called_once_per_mini_batch_and_once_for_the_check(batch_size, n_threads):
    spy = Spy()
    net = network(spy)
    net.fit(X, Y, epochs=3, batch_size=batch_size, shuffle=False, n_threads=n_threads)
    steps = -(-20 // batch_size)
    assert len(spy.calls) == 3 * steps + 1
    np.testing.assert_array_equal(np.concatenate([y for _, y in spy.calls[:steps]]), Y)
    expected = network().predict(X[:batch_size])
    np.testing.assert_allclose(spy.calls[0][0], expected, rtol=1e-12)
    assert all(a.dtype == y.dtype == np.float64 for a, y in spy.calls)
    by_name = network("mse")
    by_name.fit(X, Y, epochs=3, batch_size=batch_size, shuffle=False)
    np.testing.assert_allclose(net.parameters, by_name.parameters, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", [list, lambda v: np.asarray(v, np.float32), lambda v: np.asfortranarray(v)])
def test_it_may_return_any_kind_of_array(kind):
    def cost(a, y):
        costs, gradients = mse(a, y)
        return kind(costs), kind(gradients)

    one, other = network(cost), network()
    one.fit(X, Y, epochs=1)
    other.fit(X, Y, epochs=1)
    np.testing.assert_allclose(one.parameters, other.parameters, rtol=1e-5, atol=1e-6)


class Mine(Exception):
    """An exception raised by user code."""


@pytest.mark.parametrize("error", [Mine, ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("call", [0, 2, 5])
def test_an_exception_keeps_the_parameters_of_the_last_mini_batch(call, error):
    spy = Spy()

    def cost(a, y):
        if len(spy.calls) == call:
            raise error("mine")
        return spy(a, y)

    net = network(cost)
    with pytest.raises(error, match="mine"):
        net.fit(X, Y, epochs=3, batch_size=6, shuffle=False, optimizer="sgd")
    expected = network()
    for k in range(call):
        rows = slice(6 * (k % 4), 6 * (k % 4) + 6)
        expected.fit(X[rows], Y[rows], epochs=1, shuffle=False, optimizer="sgd")
    np.testing.assert_allclose(net.parameters, expected.parameters, rtol=1e-9)
    assert net.epochs == len(net.history.get("cost", [])) == call // 4
    spy.calls.clear()
    call = -1
    net.fit(X, Y, epochs=1)  # training can continue


@pytest.mark.parametrize("method", ["evaluate", "backprop"])
def test_exceptions_are_raised_by_every_method(method):
    def cost(a, y):
        raise Mine

    with pytest.raises(Mine):
        getattr(network(cost), method)(X, Y)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (None, TypeError, ["tuple of 2", "None"]),
        (1.0, TypeError, ["tuple of 2", "float"]),
        ([np.ones(6), np.ones((6, 2))], TypeError, ["tuple of 2", "list"]),
        ((1, 2, 3), TypeError, ["tuple of 2", "tuple"]),
        ((np.ones(6), np.ones((6, 3))), ValueError, ["gradient", "(6, 2)", "(6, 3)"]),
        ((np.ones(6), np.ones((5, 2))), ValueError, ["gradient", "(6, 2)", "(5, 2)"]),
        ((np.ones(5), np.ones((6, 2))), ValueError, ["costs", "(6,)", "(5,)"]),
        ((np.ones((6, 1)), np.ones((6, 2))), ValueError, ["costs", "(6,)", "(6, 1)"]),
        ((3.0, np.ones((6, 2))), ValueError, ["costs", "(6,)", "()"]),
        ((["a"] * 6, np.ones((6, 2))), TypeError, ["costs", "numbers", "<U1"]),
        ((np.ones(6), np.full((6, 2), None)), TypeError, ["gradient", "numbers", "object"]),
        ((np.ones(6) + 0j, np.ones((6, 2))), TypeError, ["costs", "numbers", "complex"]),
        ((np.ones(6), [[1.0], [1.0, 2.0]] * 3), TypeError, ["gradient", "numbers", "list"]),
    ],
)
def test_invalid_return_values_raise(answer, error, words):
    net = network(lambda a, y: answer)
    before = net.parameters.tobytes(), net.history
    for call in (net.evaluate, net.backprop, net.fit):
        with pytest.raises(error) as caught:
            call(X[:6], Y[:6])
        for word in ("cost", *words):
            assert word in str(caught.value)
    assert (net.parameters.tobytes(), net.epochs) == (before[0], 0)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nonfinite_costs_raise(bad):
    def cost(a, y):
        costs, gradients = mse(a, y)
        costs[-1] = bad
        return costs, gradients

    net = network(cost)
    before = net.parameters.tobytes()
    with pytest.raises(FloatingPointError, match="epoch 1, mini-batch 1: the cost became"):
        net.fit(X, Y)
    assert net.parameters.tobytes() == before


# Copies and files


@pytest.mark.parametrize(
    "twin", [lambda net: net.copy(), copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))]
)
def test_copies_keep_the_function(twin):
    net = network()
    other = twin(net)
    assert other.cost == "custom"
    net.fit(X, Y, epochs=2)
    other.fit(X, Y, epochs=2)
    assert net.parameters.tobytes() == other.parameters.tobytes()


def test_load_takes_the_function_which_files_do_not_contain(tmp_path):
    net = network()
    path = tmp_path / "net"
    net.save(path)
    again = lg.load(path, cost=mse)
    assert again.plan(8).batch_size == 8
    assert again.evaluate(X, Y) == net.evaluate(X, Y)
    assert again.copy().evaluate(X, Y) == net.evaluate(X, Y)

    without = lg.load(path)
    assert without.cost == "custom"
    assert without.predict(X).tobytes() == net.predict(X).tobytes()
    assert without.graph().nodes
    before = without.parameters.tobytes()
    for call in (without.evaluate, without.backprop, without.fit, without.lr_finder):
        with pytest.raises(ValueError, match=r"saved with a custom cost; pass it to load\(path, cost=f\)"):
            call(X, Y)
    with pytest.raises(ValueError, match="saved with a custom cost"):
        without.plan(8)
    assert without.parameters.tobytes() == before
    without.save(tmp_path / "other")
    assert lg.load(tmp_path / "other", cost=mse).evaluate(X, Y) == net.evaluate(X, Y)


def test_load_rejects_a_function_for_a_built_in_cost(tmp_path):
    network("mse").save(tmp_path / "net")
    with pytest.raises(ValueError, match="cost must be None for a network with cost 'mse'"):
        lg.load(tmp_path / "net", cost=mse)
    for wrong in ("mse", 3):
        with pytest.raises(TypeError, match="cost must be a callable"):
            lg.load(tmp_path / "net", cost=wrong)


def test_dropout_lr_finder_and_lbfgs_support_it():
    net = network(dropout=0.2)
    assert len(net.lr_finder(X, Y, steps=10).costs) > 1
    pytest.importorskip("scipy")
    one, other = network(), network("mse")
    one.fit(X, Y, epochs=5, optimizer=lg.LBFGS())
    other.fit(X, Y, epochs=5, optimizer=lg.LBFGS())
    np.testing.assert_allclose(one.parameters, other.parameters, rtol=1e-6)
