"""After an error the network is unchanged, or at the last mini-batch with finite parameters."""

import re

import localgrad as lg
import numpy as np
import pytest
from lengths import mostly_slow
from localgrad.reference.random_numbers import shuffled
from network_cases import OPTIMIZERS, some_data

N, B, EPOCHS = 24, 4, 30


def last_finite(net, x, y, order, rule):
    """Return the network after the last mini-batch with finite parameters, and the number of mini-batches."""
    state = net
    for count in range(1, len(order) // B + 1):
        twin, rows = net.copy(), order[: count * B]
        try:
            twin.fit(x[rows], y[rows], epochs=1, batch_size=B, shuffle=False, optimizer=rule, n_threads=1)
        except FloatingPointError:
            return state, count - 1
        state = twin
    raise AssertionError("training does not diverge")


def linear(sizes):
    return lg.Network(sizes, activation="identity", seed=2)


def pushed_below_zero(sizes):
    """Every z falls to minus infinity, while a becomes 0, so that a and the cost stay finite."""
    weights, biases = [np.ones((sizes[1], sizes[0]))], [np.ones(sizes[1])]
    return lg.Network(sizes, output="relu", init=(weights, biases), seed=2)


COST, PARAMETER = "the cost became", "a parameter became infinite"
CASES = [  # the network, its rule, the minimum number of finished epochs, the error
    (linear([4, 6, 3]), lg.SGD(9), 0, COST),
    (linear([4, 6, 3]), lg.SGD(9, 0.9), 0, COST),
    (linear([200, 40, 3]), lg.SGD(0.3), 0, COST),  # trained by two threads, which share the units
    (linear([4001, 40, 35, 3]), lg.SGD(0.01, 0.9), 0, COST),
    (linear([4, 3]), lg.SGD(20), 2, COST),
    (linear([4, 3]), lg.SGD(20, 0.9), 2, COST),
    (linear([4, 3]), lg.SGD(20, 0.9, nesterov=True), 1, COST),
    (pushed_below_zero([4, 3]), lg.SGD(1.6e37, 0.9), 1, PARAMETER),
    (pushed_below_zero([4, 3]), lg.SGD(1.6e37, 0.9, nesterov=True), 1, PARAMETER),
]


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize(("start", "rule", "least", "what"), CASES)
def test_divergence_keeps_the_last_finite_state(start, rule, least, what, shuffle, n_threads):
    x, y = abs(some_data(N, start.sizes)[0]) + 0.05, some_data(N, start.sizes)[1]
    orders = [shuffled(N, start.seed, epoch) if shuffle else range(N) for epoch in range(EPOCHS)]
    expected, count = last_finite(start, x, y, np.concatenate(orders), rule)
    net = start.copy()
    options = {"batch_size": B, "shuffle": shuffle, "optimizer": rule, "n_threads": n_threads}
    with pytest.raises(FloatingPointError) as caught:
        net.fit(x, y, epochs=EPOCHS, **options)
    assert net.parameters.tobytes() == expected.parameters.tobytes()
    assert np.isfinite(net.parameters).all()

    assert count > 0
    assert net.epochs == count * B // N >= least
    words = rf"epoch {net.epochs + 1}, mini-batch \d+: {what}.*learning rate"
    assert re.search(words, str(caught.value))
    costs = start.copy().fit(x, y, epochs=net.epochs, **options)["cost"]
    assert net.history == {"cost": costs}


@pytest.mark.parametrize("rule", OPTIMIZERS)
def test_an_overflowing_cost_stops_before_its_mini_batch(rule):
    x, y = some_data(N, [4, 3])
    x[13] = 1e30  # finite in float32, but its square is not
    net = linear([4, 3])
    expected = net.copy()
    expected.fit(x[:12], y[:12], epochs=1, batch_size=B, shuffle=False, optimizer=OPTIMIZERS[rule])
    with pytest.raises(FloatingPointError, match="epoch 1, mini-batch 4: the cost became inf"):
        net.fit(x, y, epochs=2, batch_size=B, shuffle=False, optimizer=OPTIMIZERS[rule])
    assert net.parameters.tobytes() == expected.parameters.tobytes()
    assert net.epochs == 0


@pytest.mark.parametrize("n_threads", [1, 2, 7])
@pytest.mark.parametrize("rule", [lg.SGD(1e-5), lg.SGD(1e-5, 0.9)])
@pytest.mark.parametrize("row", [0, 57, 100])
@pytest.mark.parametrize(
    ("what", "value"), [("X", np.nan), ("X", -np.inf), ("y", np.nan), ("y", np.inf), ("label", 3)]
)
@pytest.mark.parametrize("sizes", mostly_slow([[4, 6, 3], [200, 130, 3], [2503, 130, 3]]))
def test_an_invalid_row_in_any_mini_batch_changes_nothing(sizes, what, value, row, rule, n_threads):
    x, y = some_data(101, sizes)
    net = lg.Network(sizes, activation="identity", output="softmax", seed=2)
    y, name, words = (np.arange(101) % 3, "y", "labels in") if what == "label" else (y, what, "finite")
    net.fit(x, y, epochs=1, optimizer=lg.SGD(1e-5))
    before = net.parameters.tobytes(), net.epochs, dict(net.history)
    (x if what == "X" else y)[row, ...] = value
    with pytest.raises(ValueError, match=f"{name} must be {words}.*got {value} at row {row}"):
        net.fit(x, y, epochs=3, batch_size=7, optimizer=rule, n_threads=n_threads)
    assert (net.parameters.tobytes(), net.epochs, dict(net.history)) == before
