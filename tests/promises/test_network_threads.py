"""Threads and processes: the GIL is released, calls run in parallel, Ctrl-C stops training, fork works."""

import contextlib
import multiprocessing
import os
import signal
import threading
import time

import localgrad as lg
import numpy as np
import pytest
from programs import PATIENCE, run

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2000, 50)).astype(np.float32)
Y = RNG.normal(size=(2000, 10)).astype(np.float32)


def network():
    return lg.Network([50, 64, 10], activation="tanh", seed=1)


def in_threads(*calls):
    errors = []

    def guarded(call):
        try:
            call()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_predictions_can_run_in_parallel():
    net = network()
    expected, cost, gradient = (
        net.predict(X).tobytes(),
        net.evaluate(X, Y),
        net.backprop(X, Y).gradient.tobytes(),
    )

    def use():
        for _ in range(5):
            assert net.predict(X).tobytes() == expected
            assert net.evaluate(X, Y) == cost
            assert net.backprop(X, Y).gradient.tobytes() == gradient

    in_threads(*[use] * 8)


def test_predictions_of_single_rows_can_run_in_parallel():
    net = network()
    expected = [net.predict(row).tobytes() for row in X[:50]]

    def use():
        for _ in range(20):
            assert [net.predict(row).tobytes() for row in X[:50]] == expected

    in_threads(*[use] * 8)


def test_a_second_fit_of_a_network_at_the_same_time_raises():
    net, inside, leave = network(), threading.Event(), threading.Event()

    def wait(epoch, logs):
        inside.set()
        leave.wait(30)

    first = threading.Thread(target=lambda: net.fit(X, Y, epochs=1, callbacks=[wait]))
    first.start()
    try:
        assert inside.wait(30)
        with pytest.raises(RuntimeError, match="a call to fit"):
            net.fit(X, Y, epochs=1)
        assert net.predict(X[0]).shape == (10,)
    finally:
        leave.set()
        first.join()


def test_fits_of_different_networks_can_run_in_parallel():
    expected = network()
    expected.fit(X, Y, epochs=2)
    nets = [network() for _ in range(4)]
    in_threads(*[lambda net=net: net.fit(X, Y, epochs=2) for net in nets])
    for net in nets:
        assert net.parameters.tobytes() == expected.parameters.tobytes()


def test_other_threads_run_during_training():
    """During one long call of the core."""
    net, turns = network(), 0
    trainer = threading.Thread(target=lambda: net.fit(X, Y, epochs=2000))
    trainer.start()
    while trainer.is_alive() and turns < 1000:
        turns += 1
        time.sleep(0)
    assert turns > 10
    trainer.join()


def test_labels_changed_by_another_thread_at_most_raise():
    net = lg.Network([50, 16, 3], output="softmax", seed=1)
    labels = np.zeros(len(X), np.int64)
    stop = threading.Event()

    def spoil():
        while not stop.is_set():
            labels[::7] = 2**62
            labels[::7] = -1
            labels[::7] = 0

    spoiler = threading.Thread(target=spoil)
    spoiler.start()
    try:
        for _ in range(10):
            with contextlib.suppress(ValueError):
                net.fit(X, labels, epochs=2)
            assert np.isfinite(net.parameters).all()
    finally:
        stop.set()
        spoiler.join()


@pytest.mark.parametrize(
    ("net", "x", "y"), [(network(), X, Y), (lg.Network([1, 1], seed=1), X[:1, :1], Y[:1, :1])]
)
def test_ctrl_c_stops_training_and_keeps_the_parameters(net, x, y):
    """Also when an epoch is too short for a signal to arrive in it."""
    before = net.parameters.copy()
    timer = threading.Timer(0.3, signal.raise_signal, [signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        net.fit(x, y, epochs=10**9)
    timer.join()
    assert (net.parameters != before).any()
    assert np.isfinite(net.parameters).all()
    assert net.epochs == len(net.history["cost"])
    assert all(type(cost) is float for cost in net.history["cost"])
    net.fit(x, y, epochs=1)  # the network can be trained again


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs signal.setitimer")
def test_any_signal_handler_can_stop_training():
    def handler(number, frame):
        raise TimeoutError("enough")

    old = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(TimeoutError, match="enough"):
            network().fit(X, Y, epochs=10**9)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs signal.setitimer")
def test_a_signal_handler_that_returns_does_not_stop_training():
    count = []
    old = signal.signal(signal.SIGALRM, lambda number, frame: count.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        net, start = network(), time.perf_counter()
        net.fit(X, Y, epochs=10**9, callbacks=[lambda epoch, logs: time.perf_counter() - start > 0.3])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    assert len(count) == 1


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="needs os.fork")
@pytest.mark.parametrize("used", ["nothing", "fit", "predict", "another library"])
def test_training_works_in_forked_workers(used):
    """Threads of libgomp that were started in the parent do not exist in the child."""
    done = run(
        f"""
        import multiprocessing, warnings
        import localgrad as lg, numpy as np
        warnings.simplefilter("ignore", DeprecationWarning)
        x, y = np.ones((3000, 200), np.float32), np.ones((3000, 4), np.float32)
        net = lg.Network([200, 150, 4], seed=1)
        if {used!r} == "fit":
            net.copy().fit(x, y, epochs=2, n_threads=2)
        if {used!r} == "predict":
            net.predict(x, n_threads=2)
        if {used!r} == "another library":
            from sklearn.ensemble import HistGradientBoostingRegressor
            HistGradientBoostingRegressor(max_iter=5).fit(x + np.arange(3000)[:, None], np.arange(3000))

        def work(n_threads):
            own = net.copy()
            own.fit(x, y, epochs=3, n_threads=n_threads)
            return own.parameters.tobytes(), own.predict(x, n_threads=n_threads).tobytes()

        with multiprocessing.get_context("fork").Pool(2) as pool:
            results = pool.map_async(work, [1, 2, 3, None]).get(timeout={PATIENCE // 2})
        results.append(work(2))
        print(len(set(results)))
        """
    )
    assert done.stdout.strip() == "1"


@pytest.mark.parametrize("attempt", range(3))
def test_a_process_ends_while_daemon_threads_train(attempt):
    done = run(
        """
        import threading, time
        import localgrad as lg, numpy as np

        net = lg.Network([40, 50, 4], seed=1)
        x, y = np.ones((100, 40), np.float32), np.ones((100, 4), np.float32)

        def work():
            own = net.copy()
            while True:
                own.fit(x, y, epochs=1)
                own.predict(x)

        for _ in range(4):
            threading.Thread(target=work, daemon=True).start()
        time.sleep(0.05)
        print("end")
        """
    )
    assert done.stdout == "end\n"


@pytest.mark.parametrize("what", ["a tick", "a custom cost"])
def test_a_process_ends_while_daemon_threads_wait_for_the_gil(what):
    run(
        f"""
        import io, sys, threading, time
        import localgrad as lg, numpy as np

        class Late:
            def __del__(self, sleep=time.sleep):
                sleep(0.5)  # Python shuts down while the thread continues

        class Lines(io.StringIO):
            def write(self, text):
                asked.set()

        def mse(a, y):
            asked.set()
            return ((a - y) ** 2).sum(axis=1) / 2, a - y

        sys.late, asked, ticks = Late(), threading.Event(), {what!r} == "a tick"
        sys.stdout = Lines()
        net = lg.Network([40, 2000, 4], seed=1, cost="mse" if ticks else mse)
        x, y = np.ones((150_000, 40), np.float32), np.ones((150_000, 4), np.float32)
        fit = lambda: net.fit(x, y, epochs=10**9, optimizer=lg.SGD(1e-9), verbose=ticks)
        threading.Thread(target=fit, daemon=True).start()
        assert asked.wait({PATIENCE // 2})
        time.sleep(0.1)  # by now the thread is back in the core
        """
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_child_forked_during_a_fit_can_train():
    run(
        """
        import os, sys, numpy as np, localgrad as lg
        net = lg.Network([2, 3, 1], seed=0)
        X, y = np.ones((4, 2)), np.ones((4, 1))
        child = []
        def fork(epoch, logs):
            if not child:
                child.append(os.fork())
                if child[0] == 0:
                    net.fit(X, y, epochs=1)
                    os._exit(0)
        net.fit(X, y, epochs=2, callbacks=[fork])
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child[0], 0)[1]))
        """
    )
