"""Restoring the best epoch by a number measured on the training data."""

import localgrad as lg
import numpy as np
import pytest
from localgrad import reference
from localgrad.callbacks import Checkpoint, EarlyStopping

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Y = np.sin(X[:, :2])
LABELS = (X[:, 0] > 0).astype(int)
SGD = lg.SGD(0.1)
LONG = 40.0  # times the learning rate: too large a step


def network(**options):
    return lg.Network([4, 6, 2], **{"activation": "tanh", "seed": 1, "dtype": "float64", **options})


def too_long_from(time):
    return lambda t: 1.0 if t < time - 1e-9 else LONG


def restored(net, path, how, **options):
    """Train; return the network with the best parameters, and the history."""
    options |= {"optimizer": SGD}
    if how == "checkpoint":
        checkpoint = Checkpoint(path, best=True, monitor="cost")
        history = net.fit(callbacks=[checkpoint], **options)
        return lg.load(path), history
    if how == "early stopping":
        return net, net.fit(callbacks=[EarlyStopping("cost", patience=3)], **options)
    return net, net.fit(restore_best=True, **options)


WAYS = ["restore_best", "early stopping", "checkpoint"]


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("bad", [1, 4, 7], ids=["first", "middle", "last"])
def test_with_the_full_batch_the_restored_cost_is_the_best_cost(how, bad, tmp_path):
    """The step at the end of an epoch is too large; the cost of the epoch does not include it."""
    schedule = lambda t: LONG if t == bad - 1 else 1.0  # noqa: E731
    net, history = restored(
        network(), tmp_path / "best", how, X=X, y=Y, epochs=7, batch_size=None, schedule=schedule
    )
    cost = net.evaluate(X, Y)["cost"]
    assert cost == pytest.approx(min(history["cost"]), rel=1e-12)
    if how != "checkpoint":
        assert history["cost"][history.best_epoch - 1] == min(history["cost"])


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("batch_size", [1, 7, 30])
def test_parameters_before_a_diverging_mini_batch_are_restored(how, batch_size, tmp_path):
    steps = -(-60 // batch_size)
    schedule = too_long_from(4 - 1 / steps)  # from the last mini-batch of epoch 4 on
    net, history = restored(
        network(), tmp_path / "best", how, X=X, y=Y, epochs=4, batch_size=batch_size, schedule=schedule
    )
    best = min(history["cost"])
    assert net.evaluate(X, Y)["cost"] < 1.2 * best
    diverged = network()
    diverged.fit(X, Y, epochs=4, batch_size=batch_size, schedule=schedule, optimizer=SGD)
    assert diverged.evaluate(X, Y)["cost"] > 2 * best


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("source", ["arrays", "blocks", "weights"])
def test_parameters_before_diverging_steps_are_restored(source, how, tmp_path):
    """The mean over the epoch is still the best, and its first parameters are better than its last."""
    rows = {"X": X, "y": Y}
    if source == "blocks":
        rows = {"X": lg.Blocks(lambda: [(X[:40], Y[:40]), (X[40:], Y[40:])], rows=60)}
    if source == "weights":
        rows["sample_weight"] = np.where(np.arange(60) % 2, 0.5, 1.5)
    options = {"epochs": 2, "batch_size": 1, "schedule": too_long_from(2 - 4 / 60)}
    net, history = restored(network(), tmp_path / "best", how, **rows, **options)
    assert history["cost"][1] < history["cost"][0]
    assert net.evaluate(X, Y)["cost"] < 1.5 * history["cost"][1]
    first = network()
    first.fit(epochs=1, batch_size=1, optimizer=SGD, **rows)
    assert net.parameters.tobytes() == first.parameters.tobytes()


@pytest.mark.parametrize("source", ["arrays", "blocks"])
def test_the_parameters_before_the_last_update_are_restored(source):
    def rows():
        return (X, Y) if source == "arrays" else (lg.Blocks(lambda: [(X[:32], Y[:32]), (X[32:], Y[32:])]),)

    options = {"epochs": 3, "batch_size": 16, "shuffle": False, "optimizer": SGD}
    net, expected = network(), network()
    net.fit(*rows(), restore_best=True, **options)  # the last epoch is the best
    expected.fit(X, Y, **options | {"epochs": 2})
    for start in (0, 16, 32):
        rows_of = slice(start, start + 16)
        expected.fit(X[rows_of], Y[rows_of], epochs=1, shuffle=False, optimizer=SGD)
    assert net.history.best_epoch == 3
    np.testing.assert_allclose(net.parameters, expected.parameters, rtol=1e-12)


def test_a_metric_of_the_training_data_can_be_monitored():
    net = lg.Network([4, 6, 2], output="softmax", seed=1, dtype="float64")
    stop = EarlyStopping("accuracy", patience=4)
    schedule = lambda t: LONG if t == 5 else 1.0  # noqa: E731
    history = net.fit(
        X, LABELS, epochs=20, batch_size=None, metrics="accuracy", schedule=schedule, callbacks=[stop]
    )
    assert net.evaluate(X, LABELS)["accuracy"] == max(history["accuracy"])


def test_validation_numbers_belong_to_the_end_of_the_epoch():
    for monitor in (None, "val_cost"):
        net = network()
        stop = EarlyStopping(monitor, patience=2)
        history = net.fit(X, Y, epochs=9, validation=(X, Y), schedule=too_long_from(4.5), callbacks=[stop])
        assert net.evaluate(X, Y)["cost"] == min(history["val_cost"])


def test_monitoring_does_not_change_training():
    plain, watched = network(), network()
    stop = EarlyStopping("cost", restore_best=False)
    keep = EarlyStopping("cost")
    plain.fit(X, Y, batch_size=7, callbacks=[stop])
    costs = watched.fit(X, Y, batch_size=7, callbacks=[keep])
    assert costs == plain.history
    last = network()
    last.fit(
        X, Y, batch_size=7, callbacks=[keep, lambda epoch, logs: last_seen.append(last.parameters.copy())]
    )
    assert last_seen[-1].tobytes() == plain.parameters.tobytes()


last_seen = []


@pytest.mark.parametrize("stopped", ["time_limit", "callback"])
def test_the_best_epoch_is_restored_however_the_fit_ends(stopped):
    net = network()

    def wait(epoch, logs):
        if stopped == "callback":
            return epoch == 5
        import time

        time.sleep(0.05)
        return False

    options = {"time_limit": 0.15} if stopped == "time_limit" else {}
    history = net.fit(
        X, Y, epochs=1000, batch_size=None, restore_best=True, callbacks=[wait],
        schedule=too_long_from(1), **options,
    )  # fmt: skip
    assert history.stopped == stopped
    assert net.evaluate(X, Y)["cost"] == pytest.approx(min(history["cost"]), rel=1e-12)


def test_after_an_error_the_last_parameters_are_kept():
    net = network()

    def fail(epoch, logs):
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        net.fit(X, Y, epochs=3, restore_best=True, callbacks=[fail])
    expected = network()
    expected.fit(X, Y, epochs=1)
    assert net.parameters.tobytes() == expected.parameters.tobytes()


class StopAtBatch(lg.callbacks.Callback):
    def __init__(self, step):
        self.step = step

    def on_batch_end(self, training):
        return training.step == self.step


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("step", range(1, 10))
def test_it_resumes_from_any_mini_batch(how, step, tmp_path):
    """Also between the last mini-batch of an epoch, whose first parameters are the best, and its end."""
    options = {"X": X, "y": Y, "epochs": 4, "batch_size": 25, "schedule": too_long_from(8 / 3)}

    def callbacks():
        if how == "checkpoint":
            return [Checkpoint(tmp_path / "best", best=True, monitor="cost", overwrite=True)]
        return [EarlyStopping("cost", patience=9)] if how == "early stopping" else []

    best = {"restore_best": how == "restore_best"}
    at_once = network()
    at_once.fit(callbacks=callbacks(), **best, **options)
    expected = (lg.load(tmp_path / "best") if how == "checkpoint" else at_once).parameters.tobytes()
    path = tmp_path / "last"
    network().fit(callbacks=[*callbacks(), StopAtBatch(step)], checkpoint=path, **best, **options)
    net = network(seed=None)
    net.fit(callbacks=callbacks(), resume=path, **best, **options)
    assert net.history == at_once.history
    assert (lg.load(tmp_path / "best") if how == "checkpoint" else net).parameters.tobytes() == expected


def test_training_resumes_from_the_end_of_the_epoch_of_a_best_checkpoint(tmp_path):
    path = tmp_path / "best"
    at_once, first = network(), network()
    at_once.fit(X, Y, epochs=6, optimizer=lg.Adam())
    first.fit(X, Y, epochs=4, optimizer=lg.Adam(), callbacks=[Checkpoint(path, best=True)])
    assert lg.load(path).epochs == 4
    assert lg.load(path).parameters.tobytes() != first.parameters.tobytes()
    again = network(seed=None)
    again.fit(X, Y, epochs=6, optimizer=lg.Adam(), resume=path)
    assert again.parameters.tobytes() == at_once.parameters.tobytes()


def test_with_lbfgs_the_cost_belongs_to_the_end_of_the_iteration():
    pytest.importorskip("scipy")
    net = network()
    history = net.fit(X, Y, epochs=5, optimizer=lg.LBFGS(), restore_best=True)
    assert net.evaluate(X, Y)["cost"] == pytest.approx(min(history["cost"]), rel=1e-9)


@pytest.mark.parametrize("validation", [None, (X[:9].tolist(), Y[:9].tolist())])
@pytest.mark.parametrize("batch_size", [None, 25])
def test_the_reference_agrees(batch_size, validation):
    options = {"activation": "tanh", "seed": 1}
    nets = network(), reference.Network([4, 6, 2], **options)
    for net in nets:
        net.fit(
            X.tolist(), Y.tolist(), epochs=5, batch_size=batch_size, schedule=too_long_from(3),
            validation=validation, restore_best=True,
        )  # fmt: skip
    np.testing.assert_allclose(nets[0].parameters, nets[1].parameters, rtol=1e-10, atol=1e-12)


def test_early_stopping_takes_precedence_over_restore_best():
    net, other = network(), network()
    numbers = {"epochs": 9, "schedule": too_long_from(4.5), "validation": (X, Y)}
    net.fit(X, Y, callbacks=[EarlyStopping("val_cost", mode="max")], restore_best=True, **numbers)
    other.fit(X, Y, callbacks=[EarlyStopping("val_cost", mode="max")], **numbers)
    assert net.parameters.tobytes() == other.parameters.tobytes()
    net.reset().fit(
        X, Y, callbacks=[EarlyStopping("val_cost", restore_best=False)], restore_best=True, **numbers
    )
    assert net.evaluate(X, Y)["cost"] == min(net.history["val_cost"])
    with pytest.raises(TypeError, match="restore_best must be a bool"):
        net.fit(X, Y, restore_best="yes")
