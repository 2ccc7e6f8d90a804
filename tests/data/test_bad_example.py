"""`BadExample` has attributes, and errors raised by user code are not turned into it."""

import copy
import pickle

import localgrad as lg
import numpy as np
import pytest
from localgrad import metrics
from localgrad._data.examples import Examples

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Y = RNG.normal(size=(60, 2))


def mse(a, y):
    return ((a - y) ** 2).mean(axis=1), 2 * (a - y) / a.shape[1]


def failing(error, after):
    """Return a cost that raises an error after the given number of calls."""
    calls = 0

    def cost(a, y):
        nonlocal calls
        calls += 1
        if calls > after:
            raise error
        return mse(a, y)

    return cost


def network(cost="mse", **options):
    return lg.Network([4, 5, 2], cost=cost, seed=0, dtype="float64", **options)


def blocks(x=X, y=Y, w=None, size=7):
    def source():
        yield [], []
        for start in range(0, len(x), size):
            part = slice(start, start + size)
            yield (x[part], y[part]) if w is None else (x[part], y[part], w[part])

    return lg.Blocks(source, shuffle_buffer=16)


def with_one(array, where, value):
    array = array.copy()
    array[where] = value
    return array


def attributes(error):
    return error.argument, error.row, error.column, error.block, error.reason


def test_it_is_a_value_error_whose_message_has_all_attributes():
    error = lg.BadExample("X", 3, "must be finite, got nan", column=5)
    assert isinstance(error, ValueError)
    assert str(error) == "X must be finite, got nan at row 3, column 5"
    error = lg.BadExample("y", 3, "must be finite, got nan", block=2)
    assert str(error) == "y must be finite, got nan at row 3 of block 2"
    assert error.args == (str(error),)


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_copies_and_pickles_keep_the_attributes(twin):
    with pytest.raises(lg.BadExample) as caught:
        network().predict(with_one(X, (3, 1), np.inf))
    other = twin(caught.value)
    assert type(other) is lg.BadExample
    assert attributes(other) == attributes(caught.value) == ("X", 3, 1, None, "must be finite, got inf")
    assert str(other) == str(caught.value)
    assert other.args == caught.value.args


@pytest.mark.parametrize(
    "call",
    [
        lambda net, x, y: net.fit(x, y, batch_size=8),
        lambda net, x, y: net.partial_fit(x, y),
        lambda net, x, y: net.evaluate(x, y),
        lambda net, x, y: net.evaluate(x, y, metrics="mae"),
        lambda net, x, y: net.fit(X, Y, validation=(x, y)),
        lambda net, x, y: net.fit(x, y, optimizer=lg.LBFGS()),
        lambda net, x, y: net.lr_finder(x, y),
    ],
)
def test_every_method_reports_the_row_of_a_nonfinite_number(call):
    net = network()
    before = net.parameters.tobytes()
    with pytest.raises(lg.BadExample) as caught:
        call(net, with_one(X, (41, 2), np.nan), Y)
    name = caught.value.argument
    assert name in ("X", "validation X")
    assert attributes(caught.value) == (name, 41, 2, None, "must be finite, got nan")
    with pytest.raises(lg.BadExample) as caught:
        call(net, X, with_one(Y, (33, 1), -np.inf))
    assert attributes(caught.value) == (name[:-1] + "y", 33, 1, None, "must be finite, got -inf")
    assert (net.parameters.tobytes(), net.epochs) == (before, 0)


@pytest.mark.parametrize("options", [{}, {"class_weight": "balanced"}, {"validation": 0.5}])
def test_a_label_out_of_range_has_a_row_and_no_column(options):
    net = lg.Network([4, 3], output="softmax", seed=0)
    labels = np.arange(60) % 3
    labels[17] = 3
    with pytest.raises(lg.BadExample) as caught:
        net.fit(X, labels, **options)
    assert attributes(caught.value) == ("y", 17, None, None, "must be labels in 0..2, got 3")


@pytest.mark.parametrize("cost", ["cross_entropy", "poisson"])
def test_a_target_outside_the_range_of_the_cost_has_row_and_column(cost):
    net = lg.Network([4, 2], output="softmax" if cost == "cross_entropy" else "identity", cost=cost, seed=0)
    with pytest.raises(lg.BadExample) as caught:
        net.evaluate(X, with_one(abs(Y) / 10, (5, 1), -0.5))
    assert attributes(caught.value)[:4] == ("y", 5, 1, None)


@pytest.mark.parametrize("weight", [-1.0, np.nan, 1e300])
def test_an_invalid_weight_has_a_row_and_no_column(weight):
    net = lg.Network([4, 2], seed=0)
    with pytest.raises(lg.BadExample) as caught:
        net.partial_fit(X, Y, sample_weight=with_one(np.ones(60), 9, weight))
    assert attributes(caught.value)[:4] == ("sample_weight", 9, None, None)


@pytest.mark.parametrize("shuffle", [False, True])
def test_rows_of_blocks_are_counted_within_the_block(shuffle):
    with pytest.raises(lg.BadExample, match="got inf at row 5 of block 8, column 1") as caught:
        network().fit(blocks(with_one(X, (47, 1), np.inf)), batch_size=4, shuffle=shuffle)
    assert attributes(caught.value) == ("X", 5, 1, 8, "must be finite, got inf")  # the first block is empty
    with pytest.raises(lg.BadExample) as caught:
        network().fit(blocks(w=with_one(np.ones(60), 14, -1)), batch_size=4, shuffle=shuffle)
    assert attributes(caught.value)[:4] == ("sample_weight", 0, None, 4)


MESSAGES = ["y is mine at row 3", "X must be finite, got nan at row 3", "sample_weight at row 1"]


@pytest.mark.parametrize("message", MESSAGES)
def test_an_error_in_a_custom_cost_keeps_its_message_and_the_trained_parameters(message):
    mine = ValueError(message)
    for data in ((blocks(),), (X, Y)):
        net = network(failing(mine, 5))
        before = net.parameters.tobytes()
        with pytest.raises(ValueError) as caught:
            net.fit(*data, batch_size=4, callbacks=[lambda *_: None])
        assert caught.value is mine
        assert str(mine) == message
        assert net.parameters.tobytes() != before


def test_an_error_of_another_network_in_a_custom_cost_is_not_changed():
    other = network()

    def cost(a, y):
        if len(calls) > 5:
            other.evaluate(X, with_one(Y, (50, 0), np.nan))
        calls.append(len(a))
        return mse(a, y)

    for data in ((blocks(),), (X, Y)):
        calls = []
        net = network(cost)
        before = net.parameters.tobytes()
        with pytest.raises(lg.BadExample) as caught:
            net.fit(*data, batch_size=4, callbacks=[lambda *_: None])
        assert attributes(caught.value)[:4] == ("y", 50, 0, None)
        assert net.parameters.tobytes() != before


def test_evaluation_does_not_change_an_error_of_another_network():
    other = network()
    net = network(lambda a, y: other.evaluate(X, with_one(Y, (50, 0), np.nan)))
    for call in (lambda: net.fit(X, Y, validation=0.5), lambda: net.evaluate(X, Y)):
        with pytest.raises(lg.BadExample) as caught:
            call()
        assert attributes(caught.value)[:4] == ("y", 50, 0, None)


@pytest.mark.parametrize("message", MESSAGES)
def test_evaluation_does_not_change_an_error_in_a_custom_cost(message):
    mine = ValueError(message)
    net = network(failing(mine, 0))

    held = Examples.of(net._core_model, X, Y)
    for call in (
        lambda: net.fit(X, Y, validation=0.5),
        lambda: net.evaluate(X, Y),
        lambda: held.measure(1, metrics.resolve("mae", net)),
    ):
        with pytest.raises(ValueError) as caught:
            call()
        assert caught.value is mine
