"""`partial_fit`: training on examples as they arrive."""

import pickle
import sys
import threading

import localgrad as lg
import numpy as np
import pytest
from network_cases import OPTIMIZERS
from programs import run

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 4)).astype(np.float32)
Y = RNG.normal(size=(50, 2)).astype(np.float32)


def network(**options):
    return lg.Network([4, 6, 2], **{"activation": "tanh", "seed": 1, **options})


@pytest.mark.parametrize("rule", OPTIMIZERS)
def test_k_calls_equal_a_fit_of_k_epochs(rule):
    one, other = network(dropout=0.2), network(dropout=0.2)
    history = one.fit(X, Y, epochs=4, optimizer=OPTIMIZERS[rule])
    costs = [other.partial_fit(X, Y, optimizer=OPTIMIZERS[rule]) for _ in range(4)]
    assert one.parameters.tobytes() == other.parameters.tobytes()
    assert costs == history["cost"]
    assert other.epochs == 4
    assert other.history == {}


def test_the_optimizer_state_is_kept_with_other_settings():
    net = network(dtype="float64")
    by_hand, v = net.copy(), 0
    for rate, momentum, rows, size in ((0.05, 0.9, slice(0, 8), 8), (0.02, 0.8, slice(8, 20), 32)):
        v = momentum * v + by_hand.backprop(X[rows], Y[rows]).gradient
        by_hand.parameters -= rate * v
        net.partial_fit(X[rows], Y[rows], optimizer=lg.SGD(rate, momentum), batch_size=size)
    np.testing.assert_allclose(net.parameters, by_hand.parameters, rtol=0, atol=1e-14)


def test_another_optimizer_and_fit_start_with_a_new_state():
    momentum = lg.SGD(0.05, 0.9)
    one = network()
    one.partial_fit(X, Y, optimizer=momentum)
    one.partial_fit(X, Y, optimizer=lg.Adam())
    two = network()
    two.fit(X, Y, epochs=1, optimizer=momentum)
    two.fit(X, Y, epochs=1, optimizer=lg.Adam())
    assert one.parameters.tobytes() == two.parameters.tobytes()
    one.partial_fit(X, Y, optimizer=momentum)
    one.fit(X, Y, epochs=1, optimizer=momentum)
    one.partial_fit(X, Y, optimizer=momentum)
    for _ in range(3):
        two.fit(X, Y, epochs=1, optimizer=momentum)
    assert one.parameters.tobytes() == two.parameters.tobytes()


def test_another_rule_of_the_same_class_starts_with_a_new_state():
    """Although both have two numbers per parameter."""
    one, two = network(), network()
    one.partial_fit(X, Y, optimizer=lg.RMSprop(0.01, centered=True))
    one.partial_fit(X, Y, optimizer=lg.RMSprop(0.01, momentum=0.9))
    two.fit(X, Y, epochs=1, optimizer=lg.RMSprop(0.01, centered=True))
    two.fit(X, Y, epochs=1, optimizer=lg.RMSprop(0.01, momentum=0.9))
    assert one.parameters.tobytes() == two.parameters.tobytes()


def test_changed_parameters_are_used():
    net = network()
    net.partial_fit(X, Y, optimizer=lg.SGD(0.1))
    net.parameters[:] = 0
    net.partial_fit(X, Y, optimizer=lg.SGD(0.1))
    other = network(init="zeros")
    other.partial_fit(X, Y, optimizer=lg.SGD(0.1))
    other.parameters[:] = 0
    other.partial_fit(X, Y, optimizer=lg.SGD(0.1))
    assert net.parameters.tobytes() == other.parameters.tobytes()


def test_single_examples_give_the_same_result_as_fit():
    net = network()
    for x, y in zip(X, Y, strict=True):
        net.partial_fit(x[np.newaxis], y[np.newaxis])
    other = network()
    other.fit(X, Y, epochs=1, batch_size=1, shuffle=False)
    assert net.parameters.tobytes() == other.parameters.tobytes()


def test_a_single_example_needs_no_batch_axis_and_keeps_the_optimizer():
    net, other = network(), network()
    net.partial_fit(X[0], Y[0], optimizer=lg.Adam(0.01))
    net.partial_fit(X[1:3], Y[1:3])
    other.partial_fit(X[:1], Y[:1], optimizer=lg.Adam(0.01))
    other.partial_fit(X[1:3], Y[1:3], optimizer=lg.Adam(0.01))
    assert net.parameters.tobytes() == other.parameters.tobytes()


def test_it_keeps_no_reference_to_the_data():
    import sys

    rows = X.copy()
    before = sys.getrefcount(rows)
    net = network()
    net.partial_fit(rows, Y)
    assert sys.getrefcount(rows) == before


@pytest.mark.parametrize("duplicate", [lambda net: net.copy(), lambda net: pickle.loads(pickle.dumps(net))])
def test_copies_start_with_a_new_optimizer_state(duplicate):
    net = network()
    net.partial_fit(X, Y, optimizer=lg.Adam())
    twin, reference = duplicate(net), duplicate(net)
    twin.partial_fit(X, Y, optimizer=lg.Adam())
    reference.fit(X, Y, epochs=1, optimizer=lg.Adam())
    assert twin.parameters.tobytes() == reference.parameters.tobytes()
    net.partial_fit(X, Y, optimizer=lg.Adam())
    assert twin.parameters.tobytes() != net.parameters.tobytes()


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1, got 0"),
        ({"optimizer": lg.LBFGS()}, ValueError, "for partial_fit"),
        ({"shuffle": 1}, TypeError, "shuffle must be a bool"),
        ({"sample_weight": [1.0]}, ValueError, "sample_weight must have shape"),
        ({"l2": -1}, ValueError, "l2 must be"),
    ],
)
def test_errors_change_nothing(options, error, words):
    net = network()
    before = net.parameters.copy()
    with pytest.raises(error, match=words):
        net.partial_fit(X, Y, **options)
    with pytest.raises(ValueError, match="X must be finite"):
        net.partial_fit(np.full((1, 4), np.nan), [[0.0, 0.0]])
    assert (net.parameters == before).all()
    assert net.epochs == 0


def test_a_second_call_at_the_same_time_raises():
    net = network(cost=lambda a, y: waiting(a, y))
    begun, proceed = threading.Event(), threading.Event()

    def waiting(a, y):
        begun.set()
        proceed.wait(10)
        return ((a - y) ** 2).sum(axis=1) / 2, a - y

    thread = threading.Thread(target=net.partial_fit, args=(X, Y))
    thread.start()
    assert begun.wait(10)
    with pytest.raises(RuntimeError, match="a call to fit trains it"):
        net.partial_fit(X, Y)
    proceed.set()
    thread.join()


def test_a_call_that_raises_keeps_the_optimizer_state():
    momentum = lg.SGD(0.05, 0.9)
    one, other = network(), network()
    for net in (one, other):
        net.partial_fit(X, Y, optimizer=momentum)
    for call in (one.partial_fit, one.fit):
        with pytest.raises(ValueError, match="finite"):
            call(X * np.nan, Y, optimizer=lg.Adam())
    for net in (one, other):
        net.partial_fit(X, Y, optimizer=momentum)
    assert one.parameters.tobytes() == other.parameters.tobytes()


@pytest.mark.parametrize("rows", [1, 50, 200, 256, 257, 380, 700])
@pytest.mark.parametrize("batch_size", [np.int64(10**3), 10**8, 2**64, 2**70])
def test_a_batch_size_above_the_number_of_rows_means_all_rows(rows, batch_size):
    """700 rows are trained in chunks in so small a network, whose sums differ in the last bits."""
    x, y = np.resize(X, (rows, 4)), np.resize(Y, (rows, 2))
    one, other = network(), network()
    for _ in range(2):
        expected = one.partial_fit(x, y, batch_size=None, optimizer=lg.Adam())
        assert other.partial_fit(x, y, batch_size=batch_size, optimizer=lg.Adam()) == expected
    assert one.parameters.tobytes() == other.parameters.tobytes()
    for options in ({}, {"validation": 0.5}) if rows > 1 else ({},):
        nets = [network() for _ in range(2)]
        for net, size in zip(nets, (None, batch_size), strict=True):
            net.fit(x, y, epochs=2, batch_size=size, **options)
        assert nets[0].parameters.tobytes() == nets[1].parameters.tobytes()


def test_the_optimizer_state_is_kept_for_any_number_of_rows():
    one, other = network(), network()
    for rows in (3, 50, 7, 700, 1, 257, 256, 20):
        x, y = np.resize(X, (rows, 4)), np.resize(Y, (rows, 2))
        one.partial_fit(x, y, batch_size=2**70, optimizer=lg.Adam(0.01))
        other.partial_fit(x, y, batch_size=None, optimizer=lg.Adam(0.01))
    assert one.parameters.tobytes() == other.parameters.tobytes()


LITTLE_MEMORY = """
import resource
import localgrad as lg, numpy as np
net = lg.Network([8, 16, 1], seed=0)
x, y = np.ones((1, 8), np.float32), np.ones(1, np.float32)
net.fit(x, y, epochs=1, batch_size=1)
resource.setrlimit(resource.RLIMIT_AS, (2**31, resource.getrlimit(resource.RLIMIT_AS)[1]))
for size in (10**8, 2**40, 2**70):
    net.partial_fit(x, y, batch_size=size)
    net.fit(x, y, epochs=1, batch_size=size)
    net.lr_finder(x, y, batch_size=size, steps=2)
    net.fit(lg.Blocks(lambda: [(x, y)], shuffle_buffer=2**32 - 1), epochs=1, batch_size=size)
    net.fit(lg.Blocks(lambda: [(x, y)], rows=1), epochs=1, batch_size=size, shuffle=False)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs RLIMIT_AS")
def test_a_huge_batch_size_needs_no_memory():
    run(LITTLE_MEMORY)
