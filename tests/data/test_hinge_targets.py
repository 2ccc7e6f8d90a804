"""Targets of 0 and 1 raise an error with the cost hinge: training would use only half of the rows."""

import localgrad as lg
import numpy as np
import pytest

N = 100
X = np.random.default_rng(0).normal(size=(N, 3))
LABELS = (X[:, 0] > 0).astype(int)
ROWS = np.eye(3)[np.arange(N) % 3]
CALLS = {
    "fit": lambda net, y: net.fit(X, y, epochs=1),
    "lbfgs": lambda net, y: net.fit(X, y, epochs=1, optimizer=lg.LBFGS()),
    "blocks": lambda net, y: net.fit(lambda: [(X, y)], epochs=1),
    "partial_fit": lambda net, y: net.partial_fit(X, y),
    "evaluate": lambda net, y: net.evaluate(X, y),
    "backprop": lambda net, y: net.backprop(X, y),
}


def network(outputs=1, **options):
    return lg.Network([3, outputs], cost="hinge", seed=0, **options)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "i8", "u1", "?"])
def test_targets_of_0_and_1_raise_with_a_remedy(call, dtype):
    net = network()
    before = net.parameters.tobytes()
    with pytest.raises(ValueError, match=r"y must be .* got 0 and 1; y.astype\(int\).ravel\(\) converts"):
        call(net, LABELS.astype(dtype)[:, np.newaxis])
    with pytest.raises(ValueError, match=r"got 0 and 1; 2.0 \* y - 1 converts them$"):
        call(network(3), ROWS.astype(dtype))
    assert (net.parameters.tobytes(), net.epochs, net.history) == (before, 0, {})


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_floats_of_0_and_1_raise(call):
    with pytest.raises(ValueError, match="got 0 and 1"):
        call(network(), LABELS.astype(float))
    call(network(), 2.0 * LABELS - 1)


def test_the_remedies_give_the_intended_result():
    column, signs = LABELS[:, np.newaxis] > 0, 2.0 * LABELS - 1
    expected = network().evaluate(X, signs)
    assert network().evaluate(X, column.astype(int).ravel()) == expected
    assert network().evaluate(X, signs.astype(int).astype(float)) == expected
    assert network(3).evaluate(X, 2.0 * (ROWS > 0) - 1) == network(3).evaluate(X, ROWS.argmax(axis=1))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_labels_of_minus_1_and_1_raise_with_a_remedy(call):
    with pytest.raises(
        ValueError, match=r"got labels of -1 and 1; y.astype\(float\) converts them to targets$"
    ):
        call(network(), 2 * LABELS - 1)
    call(network(), (2 * LABELS - 1)[:, np.newaxis])  # a column contains targets


def test_all_rows_are_checked():
    """Targets of 0 are valid together with -1, and if all are 0."""
    y = LABELS[:, np.newaxis].astype(float)
    y[-1] = -1
    network().fit(X, y, epochs=1)
    for whole in (np.zeros((N, 1)), np.ones((N, 1)), 0.5 * y):
        network().fit(X, whole, epochs=1)
    y[-1] = 0
    with pytest.raises(ValueError, match=r"^validation y must be labels or targets .*; y\.astype"):
        network().fit(X, LABELS, validation=(X, y))


def test_other_costs_accept_targets_of_0_and_1():
    lg.Network([3, 3], output="sigmoid", seed=0).fit(X, ROWS, epochs=1)
    lg.Network([3, 1], seed=0).fit(X, LABELS[:, np.newaxis], epochs=1)


def test_the_reference_raises_too():
    net = lg.reference.Network([3, 1], cost="hinge", seed=0)
    x = X[:4].tolist()
    for y in ([0.0, 1.0, 1.0, 0.0], [[0], [1], [1], [0]], [[False], [True], [True], [False]]):
        with pytest.raises(ValueError, match=r"y must be labels or targets of -1 and 1 .* got 0 and 1"):
            net.evaluate(x, y)
    with pytest.raises(ValueError, match="got labels of -1 and 1"):
        net.evaluate(x, [-1, 1, 1, -1])
    assert net.evaluate(x, [0, 1, 1, 0]) == net.evaluate(x, [-1.0, 1.0, 1.0, -1.0])
    with pytest.raises(ValueError, match="got 0 and 1"):
        lg.reference.Network([3, 2], cost="hinge", seed=0).fit(x, [[0, 1], [1, 0]] * 2)
