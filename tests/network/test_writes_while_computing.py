"""Writing to parameters while the network is computing raises an error; at other times it takes effect."""

import signal
import threading

import localgrad as lg
import numpy as np
import pytest
from lengths import mostly_slow

RNG = np.random.default_rng(0)
NARROW, WIDE = [8, 16, 3], [512, 512, 512, 3]  # the core stores wide layers in another layout
X = {sizes[0]: RNG.normal(size=(400, sizes[0])).astype(np.float32) for sizes in (NARROW, WIDE)}
Y = RNG.normal(size=(400, 3))
STILL = lg.SGD(0.0)  # changes nothing
both = pytest.mark.parametrize("sizes", [NARROW, WIDE], ids=["narrow", "wide"])


def zeros(net):
    net.parameters = np.zeros(net.num_parameters)


def weights(net):
    net.weights[0] = np.zeros(net.weights[0].shape)


def biases(net):
    net.biases[-1] = np.zeros(net.biases[-1].shape)


def restore(net):
    net.__setstate__(lg.Network([2, 1]).__getstate__())


def begin_again(net):
    net.__init__([2, 1])


def another_fit(net):
    net.fit(X[net.sizes[0]], Y, epochs=1)


def in_place(net):
    net.parameters[:] = 0


def all_less(net):
    net.parameters -= 1


def product(net):
    net.weights[0] *= 2


def bias_less(net):
    net.biases[0] -= 1


ASSIGNMENTS = [zeros, weights, biases, restore, begin_again, another_fit]
IN_PLACE = [in_place, all_less, product, bias_less]
every_write = pytest.mark.parametrize("write", [*ASSIGNMENTS, *IN_PLACE], ids=lambda write: write.__name__)


def write_raises(write, net):
    """Check that writing raises an error and changes nothing."""
    before = net.parameters.tobytes()
    with pytest.raises(RuntimeError if write in ASSIGNMENTS else ValueError) as caught:
        write(net)
    assert ("lost" in str(caught.value)) or write in (restore, begin_again, another_fit, *IN_PLACE)
    if write in IN_PLACE:
        assert "read-only" in str(caught.value)
    assert net.parameters.tobytes() == before
    return True


def network(sizes, cost=None):
    return lg.Network(sizes, activation="tanh", cost=cost, seed=1)


# Writing raises during a call of the core


def with_cost(sizes, act):
    """Return a network whose cost calls act(network) once, and a list with the result of that call."""
    seen = []

    def cost(a, y):
        if not seen:
            seen.append(act(net))
        return ((a - y) ** 2).sum(axis=1) / 2, a - y

    net = network(sizes, cost)
    return net, seen


CALLS = {
    "fit": lambda net, x: net.fit(x, Y, epochs=2, optimizer=STILL),
    "fit by parts": lambda net, x: net.fit(x, Y, epochs=1, callbacks=[lambda e, logs: None], optimizer=STILL),
    "blocks": lambda net, x: net.fit(lambda: [(x, Y)], epochs=1, optimizer=STILL),
    "partial_fit": lambda net, x: net.partial_fit(x, Y, optimizer=STILL),
    "evaluate": lambda net, x: net.evaluate(x, Y),
    "backprop": lambda net, x: net.backprop(x, Y),
}


@both
@every_write
@pytest.mark.parametrize("call", CALLS)
def test_writing_in_a_custom_cost_raises(call, write, sizes):
    net, seen = with_cost(sizes, lambda net: write_raises(write, net))
    before = net.parameters.tobytes()
    CALLS[call](net, X[sizes[0]])
    assert seen == [True]
    assert net.parameters.tobytes() == before
    zeros(net)  # after the call, writing is possible
    net.weights[0][:] = 1
    net.parameters -= 1


@both
def test_the_error_ends_the_call(sizes):
    net, _ = with_cost(sizes, zeros)
    before = net.parameters.tobytes()
    with pytest.raises(RuntimeError, match="does not support changes while it computes"):
        net.fit(X[sizes[0]], Y)
    assert net.parameters.tobytes() == before
    zeros(net)


@both
@every_write
@pytest.mark.parametrize("call", mostly_slow(["fit", "fit by parts", "partial_fit"]))
def test_writing_in_a_signal_handler_raises(call, write, sizes):
    x, net, seen = X[sizes[0]], network(sizes), []
    options = {"callbacks": [lambda epoch, logs: bool(seen)]} if call == "fit by parts" else {}

    def handle(number, frame):
        inside = bool(net._core_model.guard._within)  # otherwise it is between two calls of the core
        if inside and not seen:
            signal.setitimer(signal.ITIMER_REAL, 0)  # or a signal might interrupt the first import of fit
            seen.append(write_raises(write, net))

    before, old = net.parameters.tobytes(), signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
    try:
        while not seen:
            if call == "partial_fit":
                net.partial_fit(x, Y, batch_size=1, optimizer=STILL)
            else:
                net.fit(x, Y, epochs=20, batch_size=1, optimizer=STILL, **options)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    assert net.parameters.tobytes() == before


@every_write
def test_writing_in_another_thread_raises_during_the_whole_fit(write):
    net, seen = network(NARROW), []

    def elsewhere(epoch, logs):
        def work():
            before = net.parameters.tobytes()
            with pytest.raises(ValueError if write in IN_PLACE else RuntimeError):
                write(net)
            seen.append(net.parameters.tobytes() == before)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    net.fit(X[8], Y, epochs=1, optimizer=STILL, callbacks=[elsewhere])
    assert seen == [True]


# Writing takes effect in callbacks, between calls of the core


class Hook:
    """A callback that writes once, in one of its hooks."""

    def __init__(self, hook, write):
        self.done = False

        def act(training):
            if not self.done:
                write(training.network)
                self.done = True

        setattr(self, hook, act)


HOOKS = ["on_train_begin", "on_batch_end", "on_epoch_end", "on_train_end"]


@both
@pytest.mark.parametrize("write", [zeros, in_place], ids=["assigned", "in place"])
@pytest.mark.parametrize("hook", HOOKS)
def test_writing_in_a_callback_takes_effect(hook, write, sizes):
    net = network(sizes)
    net.fit(X[sizes[0]], Y, epochs=2, optimizer=STILL, callbacks=[Hook(hook, write)])
    assert not net.parameters.any()


@both
def test_writing_in_functions_takes_effect(sizes):
    for name in ("callbacks", "metrics", "schedule"):
        net, done = network(sizes), []

        def act(*_, net=net, done=done):
            if not done:
                zeros(net)
                done.append(1)
            return 0.0

        given = act if name != "callbacks" else [act]
        net.fit(X[sizes[0]], Y, epochs=2, optimizer=STILL, **{name: given})
        assert done
        assert not net.parameters.any()


@pytest.mark.parametrize("hook", HOOKS)
def test_with_lbfgs_writing_raises_between_begin_and_end(hook):
    pytest.importorskip("scipy")
    net = network(NARROW)
    hooked = Hook(hook, zeros)
    if hook == "on_epoch_end":
        with pytest.raises(RuntimeError, match="does not support changes"):
            net.fit(X[8], Y, epochs=3, optimizer=lg.LBFGS(), callbacks=[hooked])
        net.fit(
            X[8],
            Y,
            epochs=3,
            optimizer=lg.LBFGS(),
            callbacks=[Hook(hook, lambda n: write_raises(product, n))],
        )
    elif hook != "on_batch_end":
        net.fit(X[8], Y, epochs=3, optimizer=lg.LBFGS(), callbacks=[hooked])
        assert hooked.done
        assert net.parameters.any() == (hook == "on_train_begin")
    zeros(net)


def test_with_lbfgs_writing_in_a_custom_cost_raises():
    pytest.importorskip("scipy")
    net, seen = with_cost(NARROW, lambda net: write_raises(zeros, net))
    net.fit(X[8], Y, epochs=2, optimizer=lg.LBFGS())
    assert seen == [True]


def test_lr_finder_works_on_a_copy():
    net, seen = with_cost(NARROW, zeros)
    net.lr_finder(X[8], Y, steps=5)
    assert seen
    assert not net.parameters.any()


def test_an_existing_view_stays_valid():
    net, view = network(NARROW), None
    view = net.parameters
    net.fit(X[8], Y, epochs=1)
    view[:] = 0
    assert not net.parameters.any()
    assert net.parameters.flags.writeable
