"""The training loop of `fit`: metrics, callbacks, and the ways to stop."""

import gc
import signal
import threading
import time
import weakref

import localgrad as lg
import numpy as np
import pytest
from localgrad._training.mini_batches import MiniBatches

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4)).astype(np.float32)
Y = RNG.normal(size=(60, 2)).astype(np.float32)
LABELS = RNG.integers(0, 3, 60)


def network(**options):
    return lg.Network([4, 6, 2], **{"activation": "tanh", "seed": 1, **options})


def classifier(**options):
    return lg.Network([4, 6, 3], **{"activation": "tanh", "output": "softmax", "seed": 1, **options})


class Record(lg.callbacks.Callback):
    """A callback that records its calls."""

    def __init__(self, every=1):
        self.every = every
        self.recorded = []

    def on_train_begin(self, training):
        self.recorded.append(("begin", training.epoch, training.stopped))

    def on_epoch_end(self, training):
        self.recorded.append(("epoch", training.epoch, training.step))

    def on_batch_end(self, training):
        self.recorded.append(("batch", training.step, training.mini_batch))

    def on_train_end(self, training):
        self.recorded.append(("end", training.epoch, training.stopped))


# Validation and metrics


def test_validation_equals_evaluate_and_training_metrics_are_of_the_epoch():
    net = classifier()
    answers = []

    class Look(lg.callbacks.Callback):
        def on_train_begin(self, training):
            answers.append(training.network.predict(X))

    history = net.fit(
        X, LABELS, epochs=1, batch_size=None, validation=(X[:20], LABELS[:20]), callbacks=[Look()]
    )
    after = net.evaluate(X[:20], LABELS[:20])
    assert history["val_cost"] == [after["cost"]]
    assert history["val_accuracy"] == [after["accuracy"]]
    # In a single mini-batch, all outputs are those of the initial parameters.
    assert history["accuracy"] == [(answers[0].argmax(axis=1) == LABELS).mean()]
    assert list(history) == ["cost", "accuracy", "val_cost", "val_accuracy"]


@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize("sizes", [[4, 6, 3], [4, 300, 3], [4, 3]])
def test_metrics_receive_each_example_with_its_target(sizes, n_threads):
    seen = []

    def look(y, a, sample_weight):
        seen.append((y.copy(), a.copy(), sample_weight.copy()))
        return 0.5

    net = lg.Network(sizes, output="softmax", seed=0)
    before = net.predict(X)
    w = RNG.uniform(0.5, 2, 60)
    history = net.fit(
        X,
        LABELS,
        epochs=1,
        batch_size=7,
        metrics=[look],
        sample_weight=w,
        optimizer=lg.SGD(1e-30),  # the parameters do not change
        n_threads=n_threads,
    )
    ((y, a, weight),) = seen
    np.testing.assert_array_equal(y, LABELS)
    np.testing.assert_allclose(a, before, rtol=0, atol=1e-6)
    np.testing.assert_allclose(weight, w / w.mean(), rtol=1e-15)
    assert history["look"] == [0.5]


def test_rows_held_out_do_not_affect_training():
    # Each row contains its number.
    x = np.column_stack([X[:, :3], np.arange(60) / 60]).astype(np.float32)
    held = {}

    def look(y, a):
        held[len(y)] = y.copy()
        return 0.0

    net = network()
    targets = np.column_stack([np.arange(60) / 60, Y[:, 0]]).astype(np.float32)
    net.fit(x, targets, epochs=3, batch_size=8, validation=0.2, metrics=[look])
    left = np.round(held[48][:, 0] * 60).astype(int)
    by_hand = network()
    by_hand.fit(x[left], targets[left], epochs=3, batch_size=8)
    assert by_hand.parameters.tobytes() == net.parameters.tobytes()


def test_by_default_only_the_cost_is_measured():
    assert list(classifier().fit(X, LABELS, epochs=1)) == ["cost"]
    assert list(classifier().fit(X, LABELS, epochs=1, metrics="accuracy")) == ["cost", "accuracy"]


# Callbacks


def test_the_hooks_of_a_callback_are_called_in_order():
    record = Record(every=3)
    network().fit(X, Y, epochs=2, batch_size=15, callbacks=[record])  # 4 mini-batches per epoch
    assert record.recorded == [
        ("begin", 0, None),
        ("batch", 3, 3),
        ("epoch", 1, 4),
        ("batch", 6, 2),
        ("epoch", 2, 8),
        ("end", 2, "epochs"),
    ]


@pytest.mark.parametrize("every", [1, 2, 3, 100])
def test_on_batch_end_does_not_change_the_result(every):
    options = {"epochs": 3, "batch_size": 7, "optimizer": lg.Adam(0.01), "validation": (X, Y)}
    net, other = network(dropout=0.3), network(dropout=0.3)
    net.fit(X, Y, **options)
    other.fit(X, Y, callbacks=[Record(every)], **options)
    assert net.parameters.tobytes() == other.parameters.tobytes()
    assert net.history == other.history


def test_a_callback_can_change_parameters_between_mini_batches():
    class Zero(lg.callbacks.Callback):
        def on_batch_end(self, training):
            training.network.parameters[:] = 0

    net = network()
    net.fit(X, Y, epochs=1, batch_size=10, callbacks=[Zero()])
    assert not net.parameters.any()


def test_the_mean_of_batch_costs_is_the_cost_of_the_epoch():
    class Costs(lg.callbacks.Callback):
        costs = []

        def on_batch_end(self, training):
            self.costs.append(training.batch_cost)

    history = network().fit(X, Y, epochs=1, batch_size=10, callbacks=[Costs()])
    assert np.mean(Costs.costs) == pytest.approx(history["cost"][0], rel=1e-12)


def test_on_batch_end_can_stop_training():
    class Stop(lg.callbacks.Callback):
        def on_batch_end(self, training):
            return training.step == 7

    net = network()
    history = net.fit(X, Y, epochs=5, batch_size=15, callbacks=[Stop()])
    assert (history.stopped, len(history["cost"]), net.epochs) == ("callback", 1, 1)


def test_on_train_end_is_called_after_an_error():
    record = Record()

    def fail(epoch, logs):
        raise KeyError("mine")

    net = network()
    with pytest.raises(KeyError, match="mine"):
        net.fit(X, Y, epochs=5, callbacks=[record, fail])
    assert record.recorded[-1] == ("end", 1, "error")
    assert net.history.stopped == "error"
    assert len(net.history["cost"]) == 1
    net.fit(X, Y, epochs=1)  # the next fit can start


def test_on_train_end_is_only_called_after_on_train_begin():
    class Fail(lg.callbacks.Callback):
        def on_train_begin(self, training):
            raise KeyError("mine")

    record, late = Record(), Record()
    with pytest.raises(KeyError):
        network().fit(X, Y, callbacks=[record, Fail(), late])
    assert [one[0] for one in record.recorded] == ["begin", "end"]
    assert late.recorded == []


@pytest.mark.parametrize(
    ("callbacks", "error", "words"),
    [
        ([lg.callbacks.EarlyStopping], TypeError, r"callbacks\[0\] must be callable or an object with"),
        ([None], TypeError, r"callbacks\[0\]"),
        ([Record(every=0)], ValueError, r"callbacks\[0\].every must be at least 1, got 0"),
        (3, TypeError, "callbacks must be a sequence"),
    ],
)
def test_invalid_callbacks_raise(callbacks, error, words):
    with pytest.raises(error, match=words):
        network().fit(X, Y, callbacks=callbacks)


# Stopping


def test_a_time_limit_stops_at_a_mini_batch():
    net = network()
    record = Record(every=10**6)
    begin = time.perf_counter()
    history = net.fit(X, Y, epochs=10**9, batch_size=1, time_limit=0.3, callbacks=[record])
    assert time.perf_counter() - begin >= 0.3
    assert history.stopped == "time_limit"
    assert len(history["cost"]) == net.epochs > 0


def test_a_time_limit_stops_within_a_long_epoch():
    x, y = np.broadcast_to(X[:1], (2**24, 4)), np.broadcast_to(Y[:1], (2**24, 2))
    net = network()
    for limit in (0.5, 4.0, 32.0):  # on a busy machine, the first limit may be too short for one mini-batch
        history = net.fit(x, y, epochs=1, batch_size=1, shuffle=False, time_limit=limit)
        assert (history.stopped, history["cost"], net.epochs) == ("time_limit", [], 0)
        if (net.parameters != network().parameters).any():
            break
    else:
        raise AssertionError("nothing was trained")


@pytest.mark.parametrize("value", [0, -1, float("inf"), "1"])
def test_an_invalid_time_limit_raises(value):
    with pytest.raises((TypeError, ValueError), match="time_limit must be"):
        network().fit(X, Y, time_limit=value)


# Python drops an exception that is raised while it finalizes an object, and pytest warns about it. The
# objects are garbage of other tests. The signal is repeated, so that one that is lost so does not matter.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs signal.setitimer")
def test_ctrl_c_keeps_network_and_history():
    net = network()
    record = Record(every=10**9)
    at_once = network()

    def interrupt(signum, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3, 1.0)
    try:
        with pytest.raises(KeyboardInterrupt):
            net.fit(X, Y, epochs=10**9, batch_size=2, callbacks=[record], validation=(X, Y))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    done = net.epochs
    assert done > 0
    assert record.recorded[-1] == ("end", done, "interrupted")
    assert net.history.stopped == "interrupted"
    assert len(net.history["cost"]) == len(net.history["val_cost"]) == done
    at_once.fit(X, Y, epochs=done, batch_size=2)
    assert at_once.history["cost"] == net.history["cost"]


@pytest.mark.parametrize("late", [False, True])
def test_ctrl_c_while_an_epoch_is_counted_loses_none_of_its_numbers(late, monkeypatch):
    count = MiniBatches.end_epoch

    def interrupted(self):
        stops = self._model.epochs == 2
        if late or not stops:
            count(self)
        if stops:
            monkeypatch.setattr(MiniBatches, "end_epoch", count)
            raise KeyboardInterrupt

    monkeypatch.setattr(MiniBatches, "end_epoch", interrupted)
    net, at_once = network(), network()
    with pytest.raises(KeyboardInterrupt):
        net.fit(X, Y, epochs=9, batch_size=2, validation=(X, Y))
    at_once.fit(X, Y, epochs=3, batch_size=2, validation=(X, Y))
    assert (net.epochs, dict(net.history)) == (3, dict(at_once.history))


def test_callbacks_see_a_divergence_as_an_error():
    record = Record()
    net = network(activation="relu")
    with pytest.raises(FloatingPointError):
        net.fit(X, Y, epochs=100, optimizer=lg.SGD(1e4), callbacks=[record])
    assert record.recorded[-1][2] == "error"
    assert np.isfinite(net.parameters).all()


def test_a_time_limit_works_in_another_thread():
    histories = []

    def train():
        histories.append(network().fit(X, Y, epochs=10**9, batch_size=1, time_limit=0.2))

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    assert histories[0].stopped == "time_limit"


# References that a fit keeps


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"verbose": 1, "validation": 0.2},
        {"validation": (Y @ np.ones((2, 4)), Y)},
        {"optimizer": lg.LBFGS()},
    ],
)
def test_a_fit_leaves_no_references_or_threads(options, capsys):
    if "optimizer" in options:
        pytest.importorskip("scipy")
    x = X.copy()
    alive = weakref.ref(x)
    net = network()
    gc.collect()
    gc.disable()
    try:
        net.fit(x, Y, epochs=2, **options)
        with pytest.raises(ValueError, match="finite"):
            net.fit(x * np.nan, Y, epochs=2, **options)
        threads = threading.active_count()
        del x
        assert alive() is None
        other = weakref.ref(net)
        del net
        assert other() is None
    finally:
        gc.enable()
    assert threading.active_count() <= threads


def test_two_early_stopping_callbacks_agree_on_the_best_epoch():
    kept = {}

    def keep(epoch, logs):
        kept[epoch] = net.parameters.copy()

    net = classifier()
    both = [
        lg.callbacks.EarlyStopping("val_accuracy", patience=6),
        lg.callbacks.EarlyStopping("val_cost", patience=6),
    ]
    history = net.fit(X, LABELS, epochs=500, optimizer=lg.Adam(0.1), validation=0.3, callbacks=[keep, *both])
    np.testing.assert_array_equal(net.parameters, kept[history.best_epoch])
    assert history.stopped == "early_stopping"
    assert len(history["cost"]) < 500


def test_ctrl_c_is_raised_even_if_on_train_end_fails(caplog):
    class Fail(lg.callbacks.Callback):
        def on_epoch_end(self, training):
            raise KeyboardInterrupt

        def on_train_end(self, training):
            raise OSError("the disk is full")

    record = Record()
    with pytest.raises(KeyboardInterrupt):
        network().fit(X, Y, callbacks=[record, Fail()])
    assert "the disk is full" in caplog.text
    assert record.recorded[-1] == ("end", 1, "interrupted")


def test_lbfgs_reports_convergence():
    pytest.importorskip("scipy")
    net = network(dtype="float64")
    history = net.fit(X, Y, epochs=2000, optimizer=lg.LBFGS(tolerance=1e-2))
    assert history.stopped == "converged"
    assert len(history["cost"]) < 2000
    assert net.fit(X, Y, epochs=2, optimizer=lg.LBFGS()).stopped == "epochs"
    for options in ({"callbacks": [lg.callbacks.Checkpoint("x")]}, {"checkpoint": "x"}):
        with pytest.raises(ValueError, match="LBFGS does not support checkpoint and resume"):
            net.fit(X, Y, optimizer=lg.LBFGS(), **options)


@pytest.mark.parametrize("options", [{}, {"time_limit": 100}, {"callbacks": [lg.callbacks.LearningRates()]}])
def test_parameters_trained_before_an_error_in_a_custom_cost_are_kept(options):
    calls = []

    def cost(a, y):
        calls.append(1)
        if len(calls) == 4:
            raise ValueError("mine")
        return ((a - y) ** 2).sum(axis=1) / 2, a - y

    net = network(cost=cost)
    before = net.parameters.tobytes()
    with pytest.raises(ValueError, match="mine"):
        net.fit(X, Y, batch_size=10, **options)
    assert net.parameters.tobytes() != before
    assert net.history.stopped == "error"
    assert len(calls) == 4
